import { inspect } from 'node:util'
import { isPatchbayError, type PatchbayError, systemClock } from '@patchbay/core'

export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

/** What the work rejects with, which must be a PatchbayError. */
export async function failureOf(name: string, work: Promise<unknown>): Promise<PatchbayError> {
  let value: unknown
  try {
    value = await work
  } catch (error) {
    if (isPatchbayError(error)) return error
    throw new Error(`${name} rejected with something that is no PatchbayError: ${inspect(error, { depth: 1 })}`)
  }
  throw new Error(`${name}: expected an error, got ${inspect(value, { depth: 2 })}`)
}

/** Waits for what the other side does, without a fixed pause. */
export async function until(holds: () => boolean, otherwise: string, withinMs = 600): Promise<void> {
  const end = systemClock.monotonic() + withinMs
  while (!holds()) {
    if (systemClock.monotonic() > end) throw new Error(otherwise)
    await new Promise<void>((resolve) => {
      systemClock.timer(1, resolve)
    })
  }
}

/** Milliseconds that work takes, whatever becomes of it. */
export async function timeOf(work: Promise<unknown>): Promise<number> {
  const start = systemClock.monotonic()
  await work.catch(() => undefined)
  return systemClock.monotonic() - start
}

/** A time limit is kept at one of three tries: a machine that is busy elsewhere is no fault of the subject. */
export async function atOneOfThree(run: () => Promise<void>): Promise<void> {
  for (let left = 2; ; left--) {
    try {
      await run()
      return
    } catch (error) {
      if (left === 0) throw error
    }
  }
}
