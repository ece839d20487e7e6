import type { Call } from '../call.ts'
import type { Gate } from '../policy.ts'

export interface AttemptTimeoutOptions {
  /** Milliseconds for one attempt. The call's deadline still ends it earlier. Default 10 000. */
  readonly timeoutMs?: number
}

/** Gives up one attempt, so that a retry may still succeed within the deadline. */
export function attemptTimeoutPolicy(options: AttemptTimeoutOptions = {}): Gate {
  const timeoutMs = options.timeoutMs ?? 10_000
  return {
    name: 'attempt-timeout',
    settings: { timeoutMs },
    enter(call: Call) {
      const { wheel } = call.scope.runtime
      // Read by the call path, or by the throttle when the attempt had to wait there.
      const now = call.attemptStartedAt
      call.attemptDeadlineAt = now + timeoutMs
      if (call.attemptDeadlineAt >= call.deadlineAt) return undefined
      wheel.disarm(call)
      call.expiresAt = call.attemptDeadlineAt
      wheel.arm(call, now)
      return undefined
    },
  }
}
