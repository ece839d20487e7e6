/** What a vendor said about its limits in one answer, normalised. */
export interface RateFeedback {
  /** The limit's name when the vendor has several (RateLimit-Policy item, vendor bucket). */
  readonly policy?: string | undefined
  /** Units allowed per window. */
  readonly limit?: number | undefined
  /** Units left now. */
  readonly remaining?: number | undefined
  /** Milliseconds from now until `remaining` is restored. */
  readonly resetMs?: number | undefined
  /** Units that come back each second, of a vendor that refills steadily; `remaining` then needs no `resetMs`. */
  readonly restorePerSecond?: number | undefined
  /** The window's length in milliseconds, when told. */
  readonly windowMs?: number | undefined
  /** Milliseconds for which nothing should be sent (a 429 or 503 with Retry-After). */
  readonly retryAfterMs?: number | undefined
  /** True when the answer itself was a refusal by the limit. */
  readonly limited?: boolean | undefined
}
