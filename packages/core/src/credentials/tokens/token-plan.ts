import type { Cancellation } from '../../clock.ts'
import type { CredentialEnv } from '../../credential.ts'
import type { Secret } from '../../secret.ts'
import type { RefreshTokenUse } from './token-faults.ts'

/** A token as it came. */
export interface Obtained {
  readonly access: string
  /** Undefined when the vendor does not say. */
  readonly lifetimeMs: number | undefined
  /** A new refresh token. */
  readonly refresh?: string | undefined
}

/** The part of a credential's environment that getting a token needs. */
export type ObtainEnv = Pick<CredentialEnv, 'clock' | 'random' | 'transport'>

/** What one attempt to get a token may use. */
export interface ObtainContext {
  readonly env: ObtainEnv
  /** The refresh token to spend, for plans with `refresh`. */
  readonly refresh: string | undefined
  readonly cancellation: Cancellation
  /** Monotonic milliseconds. */
  readonly deadlineAt: number
}

/** Tokens that the user brought along. */
export interface BroughtTokens {
  readonly refresh?: Secret | undefined
  readonly access?: Secret | undefined
  /** Wall-clock milliseconds at which `access` ends. Without it, `access` is not used. */
  readonly expiresAt?: number | undefined
}

/** How tokens of one scheme are had. */
export interface TokenPlan {
  readonly scheme: string
  /** Fingerprint of the configuration that the tokens come from; the key of their record. Made of nothing that could be guessed. */
  readonly seed: string
  /** Fingerprint of the secrets, kept inside the record: whoever configures other secrets gets none of its tokens. */
  readonly proof?: string | undefined
  /** Most milliseconds for one renewal. */
  readonly timeoutMs: number
  /** Present: tokens are renewed by refresh token. Absent: each is asked for anew. */
  readonly refresh?: RefreshTokenUse | undefined
  readonly brought?: BroughtTokens | undefined
  /** @throws Fault; what it says about `sent`, `status` and `code` decides whether the refresh token counts as spent. */
  obtain(context: ObtainContext): Promise<Obtained>
  /** Asks the vendor whether a refresh token is still good, without using it. Undefined: no answer. */
  probe?: ((context: ObtainContext) => Promise<boolean | undefined>) | undefined
}
