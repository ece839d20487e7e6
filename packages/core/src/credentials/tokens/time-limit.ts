import type { Cancellation, Clock } from '../../clock.ts'

/** A cancellation that comes by itself after `ms`. */
export interface TimeLimit extends Cancellation {
  /** Takes the timer away. */
  stop(): void
}

export function timeLimit(clock: Clock, ms: number, reason: () => unknown): TimeLimit {
  const listeners = new Set<(reason: unknown) => void>()
  let fired: unknown
  const stop = clock.timer(ms, () => {
    fired = reason()
    for (const listener of listeners) listener(fired)
    listeners.clear()
  })
  return {
    get cancelReason() {
      return fired
    },
    onCancel(listener) {
      if (fired === undefined) listeners.add(listener)
      else listener(fired)
      return () => listeners.delete(listener)
    },
    stop,
  }
}

/** Waits for work that others wait for too: when this caller gives up, the work goes on. */
export function waitFor<T>(work: Promise<T>, caller: Cancellation | undefined): Promise<T> {
  if (caller === undefined) return work
  return new Promise((resolve, reject) => {
    const stop = caller.onCancel(reject)
    work.then(resolve, reject).finally(stop)
  })
}
