import type { JsonSchema } from '@patchbay/core'
import type { FieldSchema } from '../json-schema/field-schema.ts'
import { credentialFields } from '../manifest/credential-fields.ts'
import { isRequired, schemaOfInput } from '../manifest/lint/schema-places.ts'
import type { IntegrationManifest } from '../manifest/manifest.ts'
import {
  type ConnectorDescription,
  type DescribeOptions,
  lowestEvidence,
  type OperationDescription,
} from './description.ts'

type Operation = IntegrationManifest['operations'][string]

const entriesOf = <Value>(record: Readonly<Record<string, Value>> | undefined): [string, Value][] =>
  Object.entries(record ?? {})

const schemaNamed = (schema: string | FieldSchema | undefined): JsonSchema | undefined =>
  typeof schema === 'string' ? { $ref: `#/schemas/${schema}` } : (schema as JsonSchema | undefined)

/** What callers pass: an object with one property per input. */
export function inputSchema({ input }: Pick<Operation, 'input'>): JsonSchema {
  const all = entriesOf(input)
  return {
    type: 'object',
    properties: Object.fromEntries(all.map(([name, one]) => [name, schemaOfInput(one) as JsonSchema])),
    required: all.filter(([, one]) => isRequired(one)).map(([name]) => name),
    additionalProperties: false,
  }
}

function describeOperation(name: string, one: Operation, evidence: DescribeOptions['evidence']): OperationDescription {
  const {
    summary,
    effect,
    risk = 'normal',
    request,
    scopes = [],
    cost,
    deprecated,
    note,
    reversedBy,
    list,
    output,
  } = one
  const schema = list === undefined ? output?.schema : list.schema
  return {
    name,
    summary,
    effect,
    risk,
    request,
    input: inputSchema(one),
    output: output?.as === 'nothing' ? undefined : schemaNamed(schema as string | FieldSchema | undefined),
    paged: list !== undefined,
    scopes,
    cost,
    deprecated,
    note,
    reversedBy,
    evidence: Object.hasOwn(evidence ?? {}, name) ? evidence?.[name] : undefined,
  }
}

/** The configuration as people fill it in: the choice of place first, then the manifest's fields. */
function configSchema({ deployments, apiVersions, config }: IntegrationManifest): JsonSchema {
  const properties: Record<string, JsonSchema> = {}
  const regions = [...new Set(deployments.flatMap((one) => Object.keys(one.regions ?? {})))]
  if (deployments.length > 1) properties.deployment = { enum: deployments.map(({ id }) => id) }
  if (regions.length > 0) properties.region = { enum: regions }
  if (apiVersions !== undefined)
    properties.apiVersion = { enum: apiVersions.supported.map(({ version }) => version), default: apiVersions.default }
  return {
    type: 'object',
    properties: { ...properties, ...(config as Record<string, JsonSchema> | undefined) },
    additionalProperties: false,
  }
}

/** A manifest, as documentation tells it. */
export function describeManifest(
  manifest: IntegrationManifest,
  { evidence }: DescribeOptions = {},
): ConnectorDescription {
  const { id, product, summary, version, vendor, links, lifecycle, limits } = manifest
  return {
    id,
    title: product,
    summary,
    version,
    vendor,
    documentation: links.documentation,
    stage: lifecycle?.stage,
    addresses: manifest.deployments.map((one) => ({
      id: one.id,
      kind: one.kind,
      urls:
        one.url === undefined ? entriesOf(one.regions).map(([region, url]) => ({ region, url })) : [{ url: one.url }],
    })),
    config: configSchema(manifest),
    credentials: manifest.credentials.map((one) => ({
      id: one.id,
      scheme: one.scheme,
      title: one.title ?? one.scheme,
      help: one.help,
      fields: credentialFields(one, manifest),
      scopes: one.scopes ?? {},
    })),
    limits: (limits.budgets ?? []).map(({ units, perMs, scope, operations, source, date }) => ({
      units,
      perMs,
      scope,
      operations,
      source,
      date,
    })),
    operations: entriesOf(manifest.operations).map(([name, one]) => describeOperation(name, one, evidence)),
    streams: entriesOf(manifest.streams).map(([name, { summary, operation, cursor }]) => ({
      name,
      summary,
      operation,
      order: cursor.order,
      cursor: cursor.kind === 'time' ? cursor.field : 'a position of the vendor',
      boundary: cursor.kind === 'time' ? cursor.boundary : undefined,
      lagMs: cursor.kind === 'time' ? cursor.lagMs : undefined,
    })),
    webhooks: entriesOf(manifest.webhooks).map(([name, one]) => ({
      name,
      summary: one.summary,
      verification: one.unsigned !== undefined ? 'none' : (one.preset ?? kindOf(one.scheme)),
      documentation: one.documentation,
      events: entriesOf(one.events).map(([type, event]) => ({ type, summary: event.summary })),
    })),
    mappings: entriesOf(manifest.mappings).map(([name, { model, from, fields, unmapped = [] }]) => ({
      name,
      model,
      from,
      fields: Object.keys(fields),
      unmapped,
    })),
    schemas: (manifest.schemas ?? {}) as Readonly<Record<string, JsonSchema>>,
    evidence: lowestEvidence(Object.keys(manifest.operations), evidence),
  }
}

function kindOf(scheme: unknown): string {
  const kind = typeof scheme === 'object' && scheme !== null && 'kind' in scheme ? scheme.kind : undefined
  return typeof kind === 'string' ? kind : 'declared'
}
