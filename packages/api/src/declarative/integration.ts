import type { AnyOperation, OpenEnv, StreamSpec, Trigger } from '@patchbay/core'
import type { IntegrationManifest } from '../manifest/manifest.ts'
import { requestOperations } from '../request/request-operations.ts'
import { declaredCredentials } from './credentials/declared-credentials.ts'
import { declaredClient } from './declared-client.ts'
import { configSchema } from './deployments/config-schema.ts'
import { placeOf } from './deployments/place.ts'
import type { Integration, IntegrationTypes } from './integration-types.ts'
import type { Values } from './manifest-parts.ts'
import { declaredOperation } from './operations/declared-operation.ts'
import { connectorManifest } from './projection.ts'
import { declaredStream } from './streams.ts'
import { declaredWebhook, webhookTrigger } from './webhooks.ts'

/**
 * Makes a connector out of a manifest that was validated. It costs next to nothing: every part is compiled when it is first used, so a mistake
 * that `patchbay validate` would have told shows as a `config` error of the call that meets it.
 */
export function integration<T extends IntegrationTypes = IntegrationTypes>(
  manifest: IntegrationManifest,
): Integration<T> {
  const operations: Record<string, AnyOperation> = { ...requestOperations }
  for (const name of Object.keys(manifest.operations)) {
    const entry = manifest.operations[name]
    if (entry === undefined || !operationName.test(name))
      throw new TypeError(`${manifest.id}: "${name}" is not noun.verb`)
    operations[name] = declaredOperation(manifest, name, entry)
  }
  const streams: Record<string, StreamSpec<unknown, unknown>> = {}
  for (const [name, entry] of Object.entries(manifest.streams ?? {}))
    streams[name] = declaredStream(manifest, name, entry)
  const webhooks = Object.fromEntries(
    Object.entries(manifest.webhooks ?? {}).map(([name, entry]) => [name, declaredWebhook(manifest, name, entry)]),
  )
  const credential = declaredCredentials(manifest)
  let triggers: Readonly<Record<string, Trigger>> | undefined
  const { check } = manifest
  const connector = {
    contract: 1 as const,
    declared: manifest,
    manifest: connectorManifest(manifest),
    config: configSchema(manifest),
    credential,
    get credentials() {
      return Object.values(credential).map(({ scheme }) => scheme)
    },
    operations,
    streams,
    webhooks,
    get triggers() {
      triggers ??= triggersOf(manifest)
      return triggers
    },
    ...(check === undefined ? {} : { check: { operation: check.operation, input: check.input ?? {} } }),
    api: { style: styleOf(manifest) },
    open: async (config: Values, env: OpenEnv) => declaredClient(manifest, config, env),
    // Accounts of one vendor have limits of their own even where they share a host.
    target: (config: Values) => placeOf(manifest, config).host,
  }
  return connector as unknown as Integration<T>
}

function styleOf({ operations }: IntegrationManifest): 'rest' | 'graphql' | 'soap' {
  const all = Object.values(operations)
  if (all.every((one) => one.graphql !== undefined)) return 'graphql'
  return all.every((one) => one.soap !== undefined) ? 'soap' : 'rest'
}

const operationName = /^[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*$/
const pollMs = 60_000

/** Webhooks under their own names; streams under theirs, where no webhook has it. */
function triggersOf(manifest: IntegrationManifest): Readonly<Record<string, Trigger>> {
  const triggers: Record<string, Trigger> = {}
  for (const name of Object.keys(manifest.streams ?? {}))
    triggers[name] = { kind: 'poll', stream: name, everyMs: pollMs }
  for (const [name, entry] of Object.entries(manifest.webhooks ?? {}))
    triggers[name] = webhookTrigger(manifest, name, entry)
  return triggers
}
