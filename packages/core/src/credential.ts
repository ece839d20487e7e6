import type { Cancellation, Clock, Random } from './clock.ts'
import type { FreeRetry } from './errors.ts'
import type { Events } from './events.ts'
import type { CredentialMarks, HttpBody, HttpHeaders, TlsIdentity, Transport } from './http/transport.ts'
import type { JsonSchema } from './schema.ts'
import type { Store } from './store.ts'
import type { Vault } from './vault/vault.ts'

/** A way to authenticate, as data: what the catalog and forms read. */
export interface CredentialScheme {
  /** Such as `bearer` or `oauth2-client-credentials`. */
  readonly id: string
  readonly title: string
  /** Fields that a user supplies. Fields with `"writeOnly": true` are secrets. */
  readonly fields: JsonSchema
  /** What a connector has settled of the scheme, in a stable text; a source must carry the same. Absent: nothing is settled. */
  readonly preset?: string | undefined
}

/** A request that a credential may sign: it adds headers or query keys in place. */
export interface SignableRequest {
  readonly method: string
  url: string
  headers: Record<string, string | readonly string[]>
  /** Bytes to hash; undefined for none and for streams, which signers treat as unsigned payload or refuse. */
  readonly body: HttpBody | undefined
}

/** What a credential may use while it works. */
export interface CredentialEnv {
  readonly clock: Clock
  readonly random: Random
  readonly events: Events
  /** Id of the connection, for events. What a credential stores is found by its configuration, not by this id. */
  readonly connection: string
  readonly tenant: string | undefined
  /** Tokens that must survive the process; absent means memory only. */
  readonly store: Store | undefined
  /** Seals what goes into the store. Absent: tokens are stored as they are, so the store itself must be protected. */
  readonly vault?: Vault | undefined
  /** The connection's configuration as the connector's schema gave it, for schemes whose endpoints depend on it. */
  readonly config?: unknown
  /** For token endpoints. Loaded at first use. */
  transport(): Promise<Transport>
}

/**
 * A resolved way to authenticate. `apply` runs once per attempt, inside retry, so each attempt is signed afresh.
 */
export interface Credential {
  readonly scheme: string
  /** The places that `apply` writes. */
  readonly marks: CredentialMarks
  /** Signs the request in place; may first obtain or renew a token. Throws a `credential` Fault with the next step. */
  apply(request: SignableRequest, call?: Cancellation): void | Promise<void>
  /** Statuses with which the vendor refuses this credential; each is a reason to call `refresh`. Default: 401 only. */
  readonly refusals?: readonly number[] | undefined
  /**
   * The vendor refused the credential that `apply` put into `request`. Obtains a fresh one, once for all concurrent callers, or corrects
   * the clock of a signer. Answers with the free retry that this is worth; undefined: trying again makes no sense.
   */
  refresh?(
    request: SignableRequest,
    response: { readonly status: number; readonly headers: HttpHeaders },
    call?: Cancellation,
  ): Promise<FreeRetry | undefined>
  /** For mTLS and driver connections. */
  readonly tls?: TlsIdentity | undefined
  /** Plain values for drivers that log in by themselves (database user and password). Keep the result nowhere. */
  reveal?(): Promise<Readonly<Record<string, string>>>
  /** Wall-clock milliseconds at which the present secret ends, when known. */
  readonly expiresAt?: number | undefined
  close?(): Promise<void>
}

/** What users hand to `connect`: made by a scheme's function, such as `bearer({ token })`. Holds its secrets as Secret, so it never prints them. */
export interface CredentialSource {
  readonly scheme: string
  /** See {@link CredentialScheme.preset}. */
  readonly preset?: string | undefined
  open(env: CredentialEnv): Credential | Promise<Credential>
}
