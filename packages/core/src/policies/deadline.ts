import type { Call } from '../call.ts'
import { Fault } from '../errors.ts'
import type { Gate } from '../policy.ts'
import { numberOption } from './check-options.ts'

export interface DeadlineOptions {
  /** Milliseconds for a whole call: queues, waits and all attempts. A call's own `timeoutMs` or `deadline` wins. Default 30 000. */
  readonly timeoutMs?: number
}

/** Ends each call in time, whatever it is doing. */
export function deadlinePolicy(options: DeadlineOptions = {}): Gate {
  const timeoutMs = numberOption('deadline.timeoutMs', options.timeoutMs, [30_000, 1])
  const begin = (call: Call): void => {
    call.deadlineAt = call.startedAt + timeLimit(call, timeoutMs)
    armDeadline(call)
  }
  return {
    name: 'deadline',
    settings: { timeoutMs },
    expect: begin,
    enter(call: Call) {
      begin(call)
      return undefined
    },
    leave: disarm,
  }
}

/** Arms the wheel for the whole call's end, in place of an attempt's. */
export function armDeadline(call: Call): void {
  const { wheel } = call.scope.runtime
  wheel.disarm(call)
  if (call.expiresAt !== Number.POSITIVE_INFINITY) wheel.arm(call, call.startedAt)
}

export function disarm(call: Call): void {
  call.scope.runtime.wheel.disarm(call)
}

function timeLimit(call: Call, standard: number): number {
  const { timeoutMs, deadline } = call.options
  if (Number.isNaN(timeoutMs))
    throw new Fault({ kind: 'invalid-input', issues: [{ path: 'timeoutMs', message: 'is not a number' }] })
  if (timeoutMs !== undefined && !(timeoutMs > 0)) refuseTime('timeoutMs', 'must be above 0')
  if (deadline === undefined) return timeoutMs ?? standard
  const left = deadline.getTime() - call.scope.clock.now()
  if (Number.isNaN(left)) refuseTime('deadline', 'is not a valid Date')
  if (left <= 0)
    throw new Fault({
      kind: 'timeout',
      code: 'deadline',
      sent: 'none',
      message: 'the deadline had passed already',
    })
  // Counted from the call's start, which may lie some waiting back.
  const whole = left + call.scope.clock.monotonic() - call.startedAt
  return timeoutMs === undefined ? whole : Math.min(timeoutMs, whole)
}

function refuseTime(path: string, message: string): never {
  throw new Fault({ kind: 'invalid-input', sent: 'none', issues: [{ path, message }] })
}
