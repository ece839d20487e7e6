import type { Call } from '../call.ts'
import type { Gate, Outcome } from '../policy.ts'

/** Tells listeners about each call's start and end. Costs one property read while nobody listens. */
export function observePolicy(): Gate {
  return {
    name: 'observe',
    settings: {},
    enter(call: Call) {
      const { events } = call.scope
      if (events.listening) events.emit('call-start', call.facts())
      return undefined
    },
    leave(call: Call, error: Outcome) {
      const { events, clock } = call.scope
      if (!events.listening) return
      events.emit('call-end', {
        ...call.facts(),
        durationMs: clock.monotonic() - call.startedAt,
        attempts: call.attempt,
        error,
      })
    },
  }
}
