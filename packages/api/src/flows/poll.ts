import type { CallOptions } from '@patchbay/core'
import { type FlowConnection, type FlowOptions, FlowRun, isTransient, refused } from './flow-run.ts'

/** How often to ask. */
export interface PollPace {
  /** Milliseconds before the second question. Default 1000. */
  readonly intervalMs?: number | undefined
  /** What each wait is multiplied by, from 1. Default 1.5. */
  readonly factor?: number | undefined
  /** Longest wait. Default 30 000. */
  readonly maxIntervalMs?: number | undefined
  /** Failures in a row that may pass later and are waited out. Default 5. */
  readonly failures?: number | undefined
}

export interface PollOptions<T> extends FlowOptions, PollPace {
  /** One call; hand its options on to the operation. */
  ask(options: CallOptions): Promise<T>
  /** True when the answer is the one that was waited for. */
  until(answer: T): boolean
  /** How long the vendor wants to be left alone, in milliseconds; goes before the pace. */
  waitMs?(answer: T): number | undefined
  readonly onProgress?: ((progress: { readonly asked: number; readonly answer: T }) => void) | undefined
}

/**
 * Asks until the answer is the right one, in growing intervals with a little jitter.
 * @throws what `ask` threw, when it does not pass or has failed too often in a row; PatchbayError `timeout`, code `flow-deadline`
 */
export async function poll<T>(connection: FlowConnection, options: PollOptions<T>): Promise<T> {
  return pollWithin(new FlowRun(connection, options), options)
}

export async function pollWithin<T>(run: FlowRun, options: Omit<PollOptions<T>, keyof FlowOptions>): Promise<T> {
  const { intervalMs = 1000, factor = 1.5, maxIntervalMs = 30_000, failures = 5 } = options
  for (const [name, value, least] of [
    ['intervalMs', intervalMs, 0],
    ['factor', factor, 1],
    ['maxIntervalMs', maxIntervalMs, 0],
    ['failures', failures, 0],
  ] as const)
    if (!(value >= least)) throw refused(name, `must be at least ${least}`)
  let failed = 0
  let asked = 0
  for (let interval = Math.min(intervalMs, maxIntervalMs); ; interval = Math.min(maxIntervalMs, interval * factor)) {
    let wait: number | undefined
    try {
      const answer = await options.ask(run.callOptions())
      failed = 0
      options.onProgress?.({ asked: ++asked, answer })
      if (options.until(answer)) return answer
      wait = options.waitMs?.(answer)
    } catch (error) {
      if (!isTransient(error) || ++failed > failures) throw error
      wait = error.retryAfterMs
    }
    await run.sleep(wait ?? interval * (0.9 + run.scope.random.next() / 5))
  }
}
