import {
  type Cancel,
  type Cancellation,
  cancellationOf,
  type FreeRetry,
  type RateFeedback,
  type Sent,
} from '@patchbay/core'
import type { Attempt } from '@patchbay/core/http'

/** An attempt of somebody who uses a face outside a call: no policies, only what one request needs. */
export class LoneAttempt implements Attempt {
  readonly attempt: number = 1
  readonly idempotencyKey: string | undefined = undefined
  readonly deadlineAt: number
  readonly attemptDeadlineAt: number = Number.POSITIVE_INFINITY
  readonly freeRetries: readonly FreeRetry[] | undefined
  sent: Sent = 'none'
  readonly #cancellation: Cancellation | undefined

  constructor(signal: AbortSignal | undefined, deadlineAt: number, freeRetries?: readonly FreeRetry[]) {
    this.deadlineAt = deadlineAt
    this.freeRetries = freeRetries
    this.#cancellation = signal === undefined ? undefined : cancellationOf(signal)
  }

  get cancelReason(): unknown {
    return this.#cancellation?.cancelReason
  }

  onCancel(listener: (reason: unknown) => void): Cancel {
    return this.#cancellation?.onCancel(listener) ?? nothing
  }

  feedback(_feedback: RateFeedback): void {
    // Nobody throttles here.
  }
}

const nothing = (): void => undefined
