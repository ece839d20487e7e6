import type { Call } from '../call.ts'
import { Fault } from '../errors.ts'
import { Answer } from '../policy.ts'
import type { IdempotencyRecord } from './idempotency-record.ts'

/** What a stored record means for a new call: an answer, undefined for "go", or a refusal. */
export function judge(call: Call, record: IdempotencyRecord, fingerprint: string, now: number): Answer | undefined {
  const { state, result, until } = record
  if (record.fingerprint !== fingerprint) throw reused(call)
  if (state === 'done') {
    if (result === undefined)
      throw conflict(call, 'already-done', 'this call was done before; its answer was not kept', undefined)
    call.decide({ policy: 'idempotency', decision: 'answer', reason: 'stored-result', numbers: {} })
    return new Answer(result.value)
  }
  if (state === 'running' && until > now)
    throw conflict(call, 'idempotency-key-running', 'a call with this key is running elsewhere', until - now)
  if (!call.repeatable)
    throw conflict(
      call,
      'outcome-unknown',
      'an earlier call with this key may have been carried out; ask the vendor, then forget the key or use another',
      undefined,
    )
  call.decide({ policy: 'idempotency', decision: 'resend', reason: 'outcome-unknown', numbers: {} })
  return undefined
}

export function reused(call: Call): Fault {
  const message = 'this idempotency key was used with another operation or input; use a new key per intended effect'
  return conflict(call, 'idempotency-key-reused', message, undefined)
}

export function conflict(call: Call, code: string, message: string, retryAfterMs: number | undefined): Fault {
  call.decide({ policy: 'idempotency', decision: 'refuse', reason: code, numbers: {} })
  const retry = retryAfterMs === undefined ? 'never' : 'later'
  return new Fault({ kind: 'conflict', code, sent: 'none', retry, retryAfterMs, message })
}
