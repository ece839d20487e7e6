import pRetry from 'p-retry'
import type { Call } from '../call.ts'
import { passesThrough } from '../classify.ts'
import { sleep } from '../clock.ts'
import type { PatchbayError } from '../errors.ts'
import { armDeadline } from './deadline.ts'
import type { RetryBudget } from './retry-budget.ts'
import type { RetryRules } from './retry-options.ts'

/** The first failure, and how the call path makes further attempts. */
export interface FailedAttempt {
  readonly thrown: unknown
  readonly error: PatchbayError
  readonly rules: RetryRules
  readonly typicalMs: number
  readonly budget: RetryBudget | undefined
  /** One attempt with its gates. Rejects with what was thrown. */
  readonly run: () => Promise<unknown>
  /** Leaves the gates of an attempt that failed. */
  readonly fail: (thrown: unknown) => PatchbayError
}

/** Everything after a first failure. May be as dear as it likes. */
export async function tryAgain(call: Call, failed: FailedAttempt): Promise<unknown> {
  let { thrown } = failed
  let counted = 1
  try {
    return await pRetry(
      async (attempt) => {
        if (attempt === 1) throw failed.error
        try {
          return await failed.run()
        } catch (error) {
          thrown = error
          throw failed.fail(error)
        }
      },
      {
        retries: Number.POSITIVE_INFINITY,
        // The waits are ours, on the injected clock; p-retry runs the loop and refuses what is no error of the other side.
        minTimeout: 0,
        shouldRetry: async ({ error }) => {
          if (call.ended || passesThrough(call, thrown)) return false
          call.renew()
          armDeadline(call)
          const free = call.freeRetries?.length ?? 0
          if (!(await next(call, error as PatchbayError, counted, failed))) return false
          if ((call.freeRetries?.length ?? 0) === free) counted++
          return true
        },
      },
    )
  } catch (error) {
    if (call.ended) throw call.cancelReason
    throw passesThrough(call, thrown) ? thrown : error
  }
}

type Verdict = { readonly waitMs: number } | undefined

/** Waits until the next attempt may start. False: there is none, and `error` says why. */
async function next(call: Call, error: PatchbayError, counted: number, failed: FailedAttempt): Promise<boolean> {
  const verdict = free(call, error) ?? another(call, error, counted, failed)
  if (verdict === undefined) return false
  if (verdict.waitMs > 0) await sleep(call.scope.clock, verdict.waitMs, call)
  return true
}

function free(call: Call, error: PatchbayError): Verdict {
  const reason = error.freeRetry
  if (reason === undefined || call.freeRetries?.includes(reason) === true) return undefined
  if (reason === 'stale-socket' && !call.repeatable && error.sent !== 'none') return undefined
  call.freeRetries ??= []
  call.freeRetries.push(reason)
  call.decide({ policy: 'retry', decision: 'retry', reason, numbers: { attempt: call.attempt, waitMs: 0 } })
  return { waitMs: 0 }
}

function another(call: Call, error: PatchbayError, counted: number, failed: FailedAttempt): Verdict {
  const { rules, typicalMs, budget } = failed
  if (error.retry !== 'later') return undefined
  if (counted >= rules.attempts) return giveUp(call, error, 'attempts-spent', { attempts: counted })
  const waitMs = waitFor(call, error, counted, rules)
  const leftMs = call.timeLeft()
  if (waitMs + typicalMs >= leftMs) return giveUp(call, error, 'past-deadline', { waitMs, typicalMs, leftMs })
  if (budget !== undefined && !budget.take()) return giveUp(call, error, 'budget-empty', { tokens: budget.tokens })
  const reason = error.retryAfterMs === undefined ? error.kind : 'retry-after'
  call.decide({ policy: 'retry', decision: 'retry', reason, numbers: { attempt: call.attempt, waitMs } })
  return { waitMs }
}

/** Full jitter, or never earlier than the vendor asked plus a little jitter against the herd. */
function waitFor(call: Call, error: PatchbayError, counted: number, rules: RetryRules): number {
  const base = rules.baseMsByKind[error.kind] ?? rules.baseMs
  const random = call.scope.random.next()
  if (error.retryAfterMs === undefined) return random * Math.min(rules.maxDelayMs, base * 2 ** (counted - 1))
  return Math.min(Math.max(0, error.retryAfterMs), rules.maxRetryAfterMs) + random * Math.min(base, 1000)
}

function giveUp(
  call: Call,
  error: PatchbayError,
  reason: string,
  numbers: Readonly<Record<string, number>>,
): undefined {
  error.retry = 'exhausted'
  call.decide({ policy: 'retry', decision: 'give-up', reason, numbers })
  return undefined
}
