import { type AnyConnector, type AnyOperation, type JsonSchema, jsonSchemaOf, type Schema } from '@patchbay/core'
import type { IntegrationManifest } from '../manifest/manifest.ts'
import { describeManifest } from './describe-manifest.ts'
import { type ConnectorDescription, type DescribeOptions, lowestEvidence } from './description.ts'

/** A validator that cannot tell its JSON Schema, or not for this schema, leaves a gap and no error. */
function toldSchema(schema: Schema, side: 'input' | 'output'): JsonSchema | undefined {
  try {
    return jsonSchemaOf(schema, side)
  } catch {
    return undefined
  }
}

interface FieldsSchema {
  readonly properties?: Readonly<
    Record<string, { readonly title?: string; readonly writeOnly?: boolean; readonly 'x-help'?: string }>
  >
  readonly required?: readonly string[]
}

/**
 * Any connector, as documentation tells it: from its specs and the JSON Schemas of their validators. A declarative one is told from its
 * manifest, which knows more.
 */
export function describeConnector(connector: AnyConnector, options: DescribeOptions = {}): ConnectorDescription {
  const { declared } = connector as { readonly declared?: IntegrationManifest }
  if (declared !== undefined) return describeManifest(declared, options)
  const { manifest, credentials, operations, streams = {}, triggers = {} } = connector
  const { evidence } = options
  return {
    id: manifest.id,
    title: manifest.title,
    summary: manifest.summary,
    version: manifest.version,
    vendor: manifest.vendor,
    documentation: manifest.sources?.[0],
    addresses: [],
    config: toldSchema(connector.config, 'input'),
    credentials: credentials.map(({ id, title, fields }) => {
      const { properties = {}, required = [] } = fields as FieldsSchema
      return {
        id,
        scheme: id,
        title,
        scopes: {},
        fields: Object.entries(properties).map(([name, field]) => ({
          name,
          title: field.title ?? name,
          required: required.includes(name),
          secret: field.writeOnly === true,
          help: field['x-help'],
        })),
      }
    }),
    limits: (manifest.limits ?? []).map(({ units, perMs }) => ({ units, perMs, source: manifest.sources?.[0] })),
    operations: (Object.values(operations) as AnyOperation[]).map((one) => {
      const { name, summary, effect, risk = 'normal', scopes = [], cost, input, output } = one.spec
      const paged = 'items' in one && 'next' in one
      return {
        name,
        summary,
        effect,
        risk,
        paged,
        scopes,
        cost,
        input: toldSchema(input, 'input'),
        output: toldSchema(output, 'output'),
        evidence: Object.hasOwn(evidence ?? {}, name) ? evidence?.[name] : undefined,
      }
    }),
    streams: Object.values(streams).map(({ name, order, boundary, lagMs, cursorKind }) => ({
      name,
      order,
      boundary,
      lagMs,
      cursor: cursorKind === 'time' ? 'a time' : 'a position of the vendor',
    })),
    webhooks: Object.entries(triggers).flatMap(([name, trigger]) =>
      trigger.kind === 'webhook' ? [{ name, verification: trigger.scheme.kind, events: [] }] : [],
    ),
    mappings: [],
    schemas: {},
    evidence: lowestEvidence(Object.keys(operations), evidence),
  }
}
