import type { Scope } from './call.ts'
import type { AnyConnector } from './connector.ts'
import type { CredentialSource } from './credential.ts'
import { patchbayError } from './errors.ts'
import { usingCode } from './late-path.ts'
import { type Lazy, lazy } from './lazy.ts'
import type { Opened, OpenOptions } from './open-options.ts'

/** Prepares the opening of a connector's client: at first use, once for all callers, forgotten when it failed. */
export function openClient(
  connector: AnyConnector,
  config: unknown,
  scope: Scope,
  options: OpenOptions,
): { readonly opened: Lazy<Opened>; readonly client: Lazy<unknown> } {
  checkScheme(connector, options.credential)
  checkNetwork(connector, options)
  const opened = lazy(async () => (await usingCode()).openConnection(connector, config, scope, options))
  // The client as a Lazy of its own, whose `current` is one property read on the hot path.
  const client = lazy(async () => (await opened()).client)
  return { opened, client }
}

function checkScheme(connector: AnyConnector, source: CredentialSource | undefined): void {
  const given = source?.scheme ?? 'none'
  const { credentials } = connector
  if (credentials.some(({ id, preset }) => id === given && preset === source?.preset)) return
  if (credentials.length === 0 && given === 'none') return
  const settled = credentials.some(({ id }) => id === given)
  const message = settled
    ? `"${given}" is settled in part by the connector: use the function that comes with it`
    : `does not accept the credential "${given}": use one of ${credentials.map(({ id }) => id).join(', ') || 'none'}`
  throw patchbayError(
    { kind: 'config', issues: [{ path: 'credential', message }] },
    { connector: connector.manifest.id },
  )
}

function checkNetwork(connector: AnyConnector, { transport, network }: OpenOptions): void {
  if (transport === undefined || network === undefined) return
  const message = 'is for the standard transport: leave it out beside your own'
  throw patchbayError({ kind: 'config', issues: [{ path: 'network', message }] }, { connector: connector.manifest.id })
}
