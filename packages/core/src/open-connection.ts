import type { Scope } from './call.ts'
import type { AnyConnector } from './connector.ts'
import type { Credential } from './credential.ts'
import type { TlsIdentity, Transport } from './http/transport.ts'
import { lazy, lazyCode } from './lazy.ts'
import type { NetworkOptions, Opened, OpenOptions } from './open-options.ts'

/** Opens the credential and the connector's client. What fails leaves nothing open. */
export async function openConnection(
  connector: AnyConnector,
  config: unknown,
  scope: Scope,
  options: OpenOptions,
): Promise<Opened> {
  // Known once the credential is open, which is before anything is sent.
  let tls: TlsIdentity | undefined
  const transport = lazy(async () => options.transport ?? (await standardTransport(scope, options.network, tls)))
  let credential: Credential | undefined
  const close = (client?: { readonly client: unknown }): Promise<void> =>
    closeAll([
      async () => client !== undefined && (await connector.close?.(client.client)),
      async () => credential?.close?.(),
      // A transport that was handed in belongs to the caller.
      async () => options.transport === undefined && (await (await transport.pending)?.close()),
    ])
  try {
    credential = await openCredential(options, config, scope, transport)
    tls = credential.tls
    const { clock, random, events, store, tenant, connection } = scope
    const drivers = options.drivers ?? {}
    const env = { clock, random, events, store, tenant, credential, transport, drivers }
    const client = await connector.open(config, env)
    if (events.listening) events.emit('connection-open', { connection, connector: scope.connector })
    return { client, close: () => close({ client }) }
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
}

/** One after the other, whatever becomes of those before. @throws what failed first */
async function closeAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps) await step().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

const transportCode = lazyCode(() => import('./http/undici-transport.ts'))

async function standardTransport(
  { clock, events, connection, runtime }: Scope,
  network: NetworkOptions | undefined,
  identity: TlsIdentity | undefined,
): Promise<Transport> {
  const { undiciTransport } = await transportCode()
  const trusted = network?.tls?.ca
  const tls =
    identity !== undefined && identity.ca === undefined && trusted !== undefined
      ? new TrustingIdentity(identity, trusted)
      : (identity ?? network?.tls)
  return undiciTransport({ ...network, clock, wheel: runtime.wheel, events, connection, tls })
}

/** A credential's identity with the authorities of the network. Getters, since the key must not show in inspection. */
class TrustingIdentity implements TlsIdentity {
  readonly #identity: TlsIdentity
  readonly ca: string | readonly string[]

  constructor(identity: TlsIdentity, ca: string | readonly string[]) {
    this.#identity = identity
    this.ca = ca
  }

  get certificate(): string | undefined {
    return this.#identity.certificate
  }

  get key(): string | undefined {
    return this.#identity.key
  }

  get passphrase(): string | undefined {
    return this.#identity.passphrase
  }
}

async function openCredential(
  { credential: source, vault }: OpenOptions,
  config: unknown,
  scope: Scope,
  transport: () => Promise<Transport>,
): Promise<Credential> {
  if (source === undefined) return none
  const { clock, random, events, connection, tenant, store } = scope
  return source.open({ clock, random, events, connection, tenant, store, vault, config, transport })
}

const none: Credential = { scheme: 'none', marks: { headers: [], query: [] }, apply: () => undefined }
