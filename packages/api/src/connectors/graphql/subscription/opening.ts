import type { Call, Cancel, FreeRetry, RateFeedback, Sent } from '@patchbay/core'
import type { Attempt } from '@patchbay/core/http'

const nothing = (): void => undefined

/**
 * The attempt under which a stream is opened and then read. While it opens, the call's deadline and cancellation hold; afterwards only
 * {@link cancel} ends it, since a subscription has no deadline.
 */
export class OpeningAttempt implements Attempt {
  readonly attempt: number
  readonly idempotencyKey = undefined
  readonly deadlineAt = Number.POSITIVE_INFINITY
  readonly attemptDeadlineAt = Number.POSITIVE_INFINITY
  readonly freeRetries: readonly FreeRetry[] | undefined
  cancelReason: unknown = undefined
  readonly #call: Call
  readonly #listeners = new Set<(reason: unknown) => void>()
  #unlisten: Cancel = nothing

  constructor(call: Call) {
    this.#call = call
    this.attempt = call.attempt
    this.freeRetries = call.freeRetries
    this.#unlisten = call.onCancel((reason) => this.cancel(reason))
  }

  get sent(): Sent {
    return this.#call.sent
  }

  set sent(sent: Sent) {
    this.#call.sent = sent
  }

  feedback(feedback: RateFeedback): void {
    this.#call.feedback(feedback)
  }

  onCancel(listener: (reason: unknown) => void): Cancel {
    if (this.cancelReason !== undefined) {
      listener(this.cancelReason)
      return nothing
    }
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** The stream is there: the call may end without it. */
  opened(): void {
    this.#unlisten()
  }

  cancel(reason: unknown): void {
    if (this.cancelReason !== undefined) return
    this.cancelReason = reason
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener(reason)
  }
}
