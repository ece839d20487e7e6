import type { VendorAnswer } from '../vendor/answer.ts'
import type { RequestRefusal } from '../vendor/refusal.ts'
import type { VendorRequest } from '../vendor/request.ts'

/** What the vendor thinks of the credential of a request. */
export type AuthVerdict =
  | { readonly ok: true; readonly note?: string }
  /** `expired`: it was good once. */
  | { readonly ok: false; readonly reason: string; readonly expired?: boolean }

export const good: AuthVerdict = { ok: true }
export const bad = (reason: string, expired = false): AuthVerdict => ({ ok: false, reason, expired })

/** One way to authenticate, on the vendor's side. */
export interface VendorScheme {
  check(request: VendorRequest): AuthVerdict | Promise<AuthVerdict>
  /** Answers requests that are part of authenticating, such as those of a token endpoint. */
  handle?(request: VendorRequest): VendorAnswer | undefined
  /** Ends every token and session that was given out; secrets stay. */
  expire?(): void
  /** Tokens and sessions ever given out. */
  readonly issued?: number
  /** Texts that must not be seen anywhere else. */
  readonly secrets?: readonly string[]
}

export type Refuse = (problem: RequestRefusal) => VendorAnswer
