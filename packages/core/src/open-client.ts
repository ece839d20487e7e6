import type { Scope } from './call.ts'
import type { AnyConnector } from './connector.ts'
import type { Credential, CredentialSource } from './credential.ts'
import { patchbayError } from './errors.ts'
import type { TlsIdentity, Transport } from './http/transport.ts'
import type { UndiciTransportOptions } from './http/undici-transport.ts'
import { type Lazy, lazy, lazyCode } from './lazy.ts'
import type { Vault } from './vault/vault.ts'

/** What a connection opened and must close again. */
export interface Opened {
  readonly client: unknown
  readonly close: () => Promise<void>
}

/**
 * How the standard transport reaches the vendor: what a tenant's URL may reach although it is private (`allow`), the proxy, authorities to
 * trust (`tls`; an mTLS credential brings its own identity and goes before it), caps and sockets.
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

/** Prepares the opening of a connector's client: at first use, once for all callers, forgotten when it failed. */
export function openClient(
  connector: AnyConnector,
  config: unknown,
  scope: Scope,
  options: OpenOptions,
): { readonly opened: Lazy<Opened>; readonly client: Lazy<unknown> } {
  checkScheme(connector, options.credential)
  checkNetwork(connector, options)
  // Known once the credential is open, which is before anything is sent.
  let tls: TlsIdentity | undefined
  const transport = lazy(async () => options.transport ?? (await standardTransport(scope, options.network, tls)))
  const opened = lazy(async (): Promise<Opened> => {
    let credential: Credential | undefined
    const close = (client?: { readonly client: unknown }): Promise<void> =>
      closeAll([
        async () => client !== undefined && (await connector.close?.(client.client)),
        async () => credential?.close?.(),
        // A transport that was handed in belongs to the caller.
        async () => options.transport === undefined && (await (await transport.pending)?.close()),
      ])
    try {
      credential = await openCredential(options, scope, transport)
      tls = credential.tls
      const { clock, random, events, store, tenant } = scope
      const drivers = options.drivers ?? {}
      const client = await connector.open(config, {
        clock,
        random,
        events,
        store,
        tenant,
        credential,
        transport,
        drivers,
      })
      if (events.listening) events.emit('connection-open', { connection: scope.connection, connector: scope.connector })
      return { client, close: () => close({ client }) }
    } catch (error) {
      await close().catch(() => undefined)
      transport.reset()
      throw error
    }
  })
  const client = lazyField(opened)
  return { opened, client }
}

/** One after the other, whatever becomes of those before. @throws what failed first */
async function closeAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps) await step().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

/** The client as a Lazy of its own, whose `current` is one property read on the hot path. */
function lazyField(opened: Lazy<Opened>): Lazy<unknown> {
  return lazy(async () => (await opened()).client)
}

const transportCode = lazyCode(() => import('./http/undici-transport.ts'))

async function standardTransport(
  { clock, events, connection, runtime }: Scope,
  network: NetworkOptions | undefined,
  identity: TlsIdentity | undefined,
): Promise<Transport> {
  const { undiciTransport } = await transportCode()
  const tls = identity ?? network?.tls
  return undiciTransport({ ...network, clock, wheel: runtime.wheel, events, connection, tls })
}

async function openCredential(
  { credential: source, vault }: OpenOptions,
  scope: Scope,
  transport: () => Promise<Transport>,
): Promise<Credential> {
  if (source === undefined) return none
  const { clock, random, events, connection, tenant, store } = scope
  return source.open({ clock, random, events, connection, tenant, store, vault, transport })
}

const none: Credential = { scheme: 'none', marks: { headers: [], query: [] }, apply: () => undefined }

function checkScheme(connector: AnyConnector, source: CredentialSource | undefined): void {
  const given = source?.scheme ?? 'none'
  const accepted = connector.credentials.map(({ id }) => id)
  if (accepted.includes(given) || (accepted.length === 0 && given === 'none')) return
  const message = `does not accept the credential "${given}": use one of ${accepted.join(', ') || 'none'}`
  throw patchbayError(
    { kind: 'config', issues: [{ path: 'credential', message }] },
    { connector: connector.manifest.id },
  )
}

function checkNetwork(connector: AnyConnector, { transport, network }: OpenOptions): void {
  if (transport === undefined || network === undefined) return
  const message = 'is about the standard transport: set it on your own transport, and leave it out here'
  throw patchbayError({ kind: 'config', issues: [{ path: 'network', message }] }, { connector: connector.manifest.id })
}
