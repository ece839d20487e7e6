import type { CredentialSource } from './credential.ts'
import type { Transport } from './http/transport.ts'
import type { UndiciTransportOptions } from './http/undici-transport.ts'
import type { Vault } from './vault/vault.ts'

/** What a connection opened and must close again. */
export interface Opened {
  readonly client: unknown
  readonly close: () => Promise<void>
}

/**
 * How the standard transport reaches the vendor: what a tenant's URL may reach although it is private (`allow`), the proxy, authorities to
 * trust (`tls`; the identity of an mTLS credential, and its authorities when it names some, go before them), caps and sockets.
 */
export type NetworkOptions = Pick<
  UndiciTransportOptions,
  'allow' | 'guard' | 'lookup' | 'proxy' | 'tls' | 'http2' | 'limits' | 'maxSockets' | 'maxHeaderBytes' | 'keepAliveMs'
>

export interface OpenOptions {
  readonly credential?: CredentialSource
  readonly transport?: Transport
  readonly network?: NetworkOptions
  readonly vault?: Vault
  readonly drivers?: Readonly<Record<string, unknown>>
}
