import { Call } from '../call.ts'
import { Fault } from '../errors.ts'

/** How the call path runs one copy of an attempt. */
export interface HedgeParts {
  /** Milliseconds before the second copy. */
  readonly delay: number
  readonly allowed: () => boolean
  readonly start: (copy: Call) => Promise<unknown>
  /** Leaves the copy's gates; called exactly once per copy. */
  readonly end: (copy: Call, error: unknown, value: unknown) => void
}

/**
 * Races two copies of an attempt, the second after a delay. The first success wins and the other copy is given up; a failure while the
 * other still runs waits for the other; a failure of the only copy is the attempt's failure, which retry then handles.
 */
export function race(call: Call, parts: HedgeParts): Promise<unknown> {
  const { clock, runtime } = call.scope
  return new Promise((resolve, reject) => {
    const running = new Set<Call>()
    const cancelAll = (reason: unknown): void => {
      for (const copy of running) copy.cancel(reason, true)
    }
    const stopTimer = clock.timer(parts.delay, () => {
      if (call.cancelReason !== undefined || !parts.allowed()) return
      const numbers = { afterMs: parts.delay, attempt: call.attempt }
      call.decide({ policy: 'retry', decision: 'hedge', reason: 'slow', numbers })
      launch()
    })
    const stopListening = call.onCancel(cancelAll)
    const finish = (): void => {
      stopTimer()
      stopListening()
    }
    const launch = (): void => {
      const copy = forkOf(call)
      running.add(copy)
      const ended = (error: unknown, value: unknown): void => {
        running.delete(copy)
        runtime.wheel.disarm(copy)
        parts.end(copy, error, value)
      }
      parts.start(copy).then(
        (value) => {
          ended(undefined, value)
          finish()
          resolve(value)
          cancelAll(new Fault({ kind: 'cancelled', code: 'hedge-lost', message: 'the other copy answered first' }))
        },
        (error: unknown) => {
          ended(error, undefined)
          if (running.size > 0) return
          finish()
          reject(error)
        },
      )
    }
    launch()
  })
}

function forkOf(call: Call): Call {
  const copy = new Call(call.scope, call.spec, call.input, call.options, call.startedAt, call)
  if (call.idempotencyKey !== undefined) copy.idempotencyKey = call.idempotencyKey
  copy.deadlineAt = call.deadlineAt
  // Its attempt does not begin with the call: that has waited, or sent the first copy before.
  copy.waited = true
  return copy
}
