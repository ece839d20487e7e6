import { type CallOptions, isPatchbayError, patchbayError } from '@patchbay/core'
import pLimit from 'p-limit'
import { type FlowConnection, type FlowOptions, FlowRun, isTransient, refused } from './flow-run.ts'

/** What became of one item. */
export type Verdict<R> =
  | { readonly ok: true; readonly value: R }
  | {
      readonly ok: false
      readonly error: unknown
      /** Whether the same item may succeed later. Default: what a PatchbayError says of itself, else false. */
      readonly retry?: boolean | undefined
    }

export interface BatchOptions<T, R> extends FlowOptions {
  /** Most items of one request, from 1. */
  readonly size: number
  /**
   * Sends some items in one call and tells what became of each, in their order; for vendors that answer 207 with a verdict per item, or
   * list the failures. An error that it throws is the verdict of all these items.
   */
  each(items: readonly T[], options: CallOptions): Promise<readonly Verdict<R>[]>
  /** Most requests in flight. Default 1, which keeps the order in which the vendor sees the items. */
  readonly concurrency?: number | undefined
  /** True when an item may be sent again after a failure: it then is, alone among the items that failed. Default false. */
  readonly repeatable?: boolean | undefined
  /** Most times that an item is sent. Default 3; counts only where `repeatable`. */
  readonly attempts?: number | undefined
  /** Told about verdicts as they come, by the place of the item: for those who must know what was done when the flow is given up. */
  readonly onVerdict?: ((verdict: Verdict<R>, index: number) => void) | undefined
  readonly onProgress?:
    | ((progress: { readonly done: number; readonly failed: number; readonly total: number }) => void)
    | undefined
}

/**
 * Sends many items in requests of a few. The verdicts stand in the order of the items. A failed request fails its own items and no others.
 * @throws the reason of `signal`, `timeout`, or what is a bug: `each` gave another number of verdicts, or threw no PatchbayError
 */
export async function batch<T, R>(
  connection: FlowConnection,
  items: readonly T[],
  options: BatchOptions<T, R>,
): Promise<readonly Verdict<R>[]> {
  const { size, concurrency = 1, repeatable = false, attempts = 3 } = options
  for (const [name, value] of Object.entries({ size, concurrency, attempts }))
    if (!(Number.isSafeInteger(value) && value >= 1)) throw refused(name, 'must be a whole number of at least 1')
  const run = new FlowRun(connection, options)
  const verdicts: Verdict<R>[] = new Array(items.length)
  let open = [...items.keys()]
  for (let attempt = 1; open.length > 0; attempt++) {
    await sendAll(run, split(open, size), concurrency, async (places) => {
      const given = await verdictsOf(
        options,
        places.map((place) => items[place] as T),
        run,
      )
      for (const [index, place] of places.entries()) {
        const verdict = given[index] as Verdict<R>
        verdicts[place] = verdict
        options.onVerdict?.(verdict, place)
      }
      options.onProgress?.(progressOf(verdicts))
    })
    const last = open
    open = repeatable && attempt < attempts ? last.filter((place) => mayPass(verdicts[place] as Verdict<R>)) : []
    if (open.length > 0) await run.backOff(attempt, longestWait(open.map((place) => verdicts[place] as Verdict<R>)))
  }
  return verdicts
}

function split(places: readonly number[], size: number): readonly (readonly number[])[] {
  const parts: number[][] = []
  for (let at = 0; at < places.length; at += size) parts.push(places.slice(at, at + size))
  return parts
}

/** After the first bug or cancellation nothing more is started, and what runs is waited for. */
async function sendAll(
  run: FlowRun,
  parts: readonly (readonly number[])[],
  concurrency: number,
  send: (places: readonly number[]) => Promise<void>,
): Promise<void> {
  const limit = pLimit(concurrency)
  let broken: { readonly error: unknown } | undefined
  const one = async (places: readonly number[]): Promise<void> => {
    if (broken !== undefined) return
    try {
      run.check()
      await send(places)
    } catch (error) {
      broken ??= { error }
    }
  }
  await Promise.all(parts.map((places) => limit(one, places)))
  if (broken !== undefined) throw broken.error
}

async function verdictsOf<T, R>(
  { each, signal }: BatchOptions<T, R>,
  items: readonly T[],
  run: FlowRun,
): Promise<readonly Verdict<R>[]> {
  const options = run.callOptions()
  let verdicts: readonly Verdict<R>[]
  try {
    verdicts = await each(items, options)
  } catch (error) {
    if (!isPatchbayError(error) || signal?.aborted === true) throw error
    return items.map(() => ({ ok: false, error }))
  }
  if (verdicts.length === items.length) return verdicts
  const message = `each() got ${items.length} items and gave ${verdicts.length} verdicts: give one per item, in their order`
  throw patchbayError({ kind: 'protocol', code: 'verdicts', message })
}

function mayPass(verdict: Verdict<unknown>): boolean {
  return !verdict.ok && (verdict.retry ?? isTransient(verdict.error))
}

function longestWait(verdicts: readonly Verdict<unknown>[]): unknown {
  let longest: unknown
  let most = -1
  for (const verdict of verdicts) {
    if (verdict.ok) continue
    const wait = isPatchbayError(verdict.error) ? (verdict.error.retryAfterMs ?? 0) : 0
    if (wait > most) [most, longest] = [wait, verdict.error]
  }
  return longest
}

function progressOf(verdicts: readonly (Verdict<unknown> | undefined)[]) {
  let done = 0
  let failed = 0
  for (const verdict of verdicts) {
    if (verdict === undefined) continue
    done++
    if (!verdict.ok) failed++
  }
  return { done, failed, total: verdicts.length }
}
