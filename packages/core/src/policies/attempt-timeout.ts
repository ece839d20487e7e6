import type { Call } from '../call.ts'
import type { Gate } from '../policy.ts'
import { numberOption } from './check-options.ts'

export interface AttemptTimeoutOptions {
  /** Milliseconds for one attempt. The call's deadline still ends it earlier. Default 10 000. */
  readonly timeoutMs?: number
}

/** Gives up one attempt, so that a retry may still succeed within the deadline. */
export function attemptTimeoutPolicy(options: AttemptTimeoutOptions = {}): Gate {
  const timeoutMs = numberOption('attemptTimeout.timeoutMs', options.timeoutMs, [10_000, 1])
  return {
    name: 'attempt-timeout',
    settings: { timeoutMs },
    enter(call: Call) {
      const { wheel } = call.scope.runtime
      const ends = call.attemptStartedAt + timeoutMs
      call.attemptDeadlineAt = ends
      if (ends >= call.deadlineAt) return undefined
      wheel.disarm(call)
      wheel.arm(call, call.attemptStartedAt)
      return undefined
    },
    leave(call: Call) {
      // Whoever has a deadline disarms at the end of the call; without one nobody would.
      if (call.deadlineAt === Number.POSITIVE_INFINITY) call.scope.runtime.wheel.disarm(call)
    },
  }
}
