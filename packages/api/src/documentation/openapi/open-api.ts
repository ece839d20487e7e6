import type { AnyConnector, JsonSchema } from '@patchbay/core'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { describeConnector } from '../describe-connector.ts'
import { describeManifest } from '../describe-manifest.ts'
import type { ConnectorDescription, DescribeOptions, OperationDescription } from '../description.ts'
import { defined, type OpenApiDocument, type OpenApiServer } from './document.ts'
import { answersOf, bodyOf, parametersOf } from './requests.ts'
import { componentSchema } from './schemas.ts'
import { securityScheme } from './security.ts'

/**
 * OpenAPI 3.1 of a connector. Of a manifest it is the vendor's own API, as far as the manifest uses it: its paths, parameters, bodies and
 * answers. Of any other connector it is what callers of the connection see: one `POST /<noun>.<verb>` per operation, with input and output.
 */
export function openApiOf(of: IntegrationManifest | AnyConnector, options: DescribeOptions = {}): OpenApiDocument {
  if ('format' in of) return openApiOfManifest(of, describeManifest(of, options))
  const { declared } = of as { readonly declared?: IntegrationManifest }
  const description = describeConnector(of, options)
  return declared === undefined ? openApiOfCalls(description) : openApiOfManifest(declared, description)
}

const tagOf = (name: string): string => name.split('.')[0] ?? name

function facts(one: OperationDescription): Record<string, unknown> {
  const { name, summary, note, deprecated, effect, risk, scopes, evidence, paged, reversedBy, cost } = one
  return defined({
    operationId: name,
    tags: [tagOf(name)],
    summary,
    description: note,
    deprecated,
    'x-patchbay': defined({
      effect,
      risk,
      paged,
      cost,
      reversedBy,
      scopes: scopes.length === 0 ? undefined : scopes,
      evidence,
    }),
  })
}

const heading = (
  description: ConnectorDescription,
): Pick<OpenApiDocument, 'openapi' | 'info' | 'externalDocs' | 'tags'> =>
  defined({
    openapi: '3.1.0' as const,
    info: { title: description.title, version: description.version, summary: description.summary },
    externalDocs:
      description.documentation?.startsWith('https://') === true ? { url: description.documentation } : undefined,
    tags: [...new Set(description.operations.map(({ name }) => tagOf(name)))].map((name) => ({ name })),
  })

function openApiOfCalls(description: ConnectorDescription): OpenApiDocument {
  const paths = description.operations.map((one): [string, Record<string, unknown>] => [
    `/${one.name}`,
    {
      post: {
        ...facts(one),
        ...(one.input === undefined
          ? {}
          : {
              requestBody: { required: true, content: { 'application/json': { schema: componentSchema(one.input) } } },
            }),
        responses: {
          200: {
            description: 'Success',
            content: { 'application/json': { schema: componentSchema(one.output ?? {}) } },
          },
          default: { description: 'Failure' },
        },
      },
    },
  ])
  return { ...heading(description), paths: Object.fromEntries(paths) }
}

function openApiOfManifest(manifest: IntegrationManifest, description: ConnectorDescription): OpenApiDocument {
  const { operations, credentials, signers, transport, webhooks = {} } = manifest
  const paths = new Map<string, Record<string, unknown>>()
  const schemes = credentials.map((one) => [one.id, securityScheme(one, signers)] as const)
  const described = new Map(description.operations.map((one) => [one.name, one]))
  for (const [name, one] of Object.entries(operations)) {
    const [method = 'GET', target = '/'] = one.request.split(' ')
    const [path = '/', query] = target.split('?')
    const verb = method.toLowerCase()
    // Operations of GraphQL, JSON-RPC and SOAP share one address; OpenAPI tells them apart by the fragment alone.
    const key = paths.get(path)?.[verb] === undefined ? path : `${path}#${name}`
    const parameters = [
      ...parametersOf(one, transport?.arrays ?? 'repeat'),
      ...inPath(query),
      ...versionIn(path, manifest),
    ]
    const at = paths.get(key) ?? {}
    at[verb] = defined({
      ...facts(described.get(name) as OperationDescription),
      parameters: parameters.length === 0 ? undefined : parameters,
      requestBody: bodyOf(one),
      responses: answersOf(one),
      servers: one.origin === undefined ? undefined : originServers(manifest, one.origin),
    })
    paths.set(key, at)
  }
  const schemas = Object.entries(manifest.schemas ?? {}).map(
    ([name, schema]) => [name, componentSchema(schema)] as const,
  )
  const events = Object.entries(webhooks).flatMap(([, one]) => Object.entries(one.events))
  return defined({
    ...heading(description),
    servers: serversOf(manifest),
    paths: Object.fromEntries(paths),
    webhooks:
      events.length === 0 ? undefined : Object.fromEntries(events.map(([type, event]) => [type, eventOf(type, event)])),
    components: {
      schemas: Object.fromEntries(schemas),
      securitySchemes: Object.fromEntries(
        schemes.flatMap(([id, scheme]) => (scheme === undefined ? [] : [[id, scheme]])),
      ),
    },
    security: schemes.map(([id, scheme]) => (scheme === undefined ? {} : { [id]: [] })),
  })
}

/** What stands behind a `?` in the request is always sent. */
function inPath(query: string | undefined): Record<string, unknown>[] {
  return [...new URLSearchParams(query ?? '')].map(([name, value]) => ({
    name,
    in: 'query',
    required: true,
    schema: { const: value },
  }))
}

function versionIn(path: string, { apiVersions }: IntegrationManifest): Record<string, unknown>[] {
  if (!path.includes('{apiVersion}') || apiVersions === undefined) return []
  const versions = apiVersions.supported.map(({ version }) => version)
  return [{ name: 'apiVersion', in: 'path', required: true, schema: { enum: versions, default: apiVersions.default } }]
}

function serverOf(template: string, description: string, { config = {} }: IntegrationManifest): OpenApiServer {
  const names = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)
  const variables = names.map((name) => {
    const field = (Object.hasOwn(config, name) ? config[name] : undefined) as JsonSchema | undefined
    const values = Array.isArray(field?.enum) ? field.enum.map(String) : undefined
    const whole = template.startsWith(`{${name}}`)
    const fallback = String(field?.default ?? values?.[0] ?? (whole ? 'https://server.example' : name))
    return [
      name,
      defined({
        default: fallback,
        enum: values,
        description: typeof field?.title === 'string' ? field.title : undefined,
      }),
    ] as const
  })
  return defined({
    url: template,
    description,
    variables: variables.length === 0 ? undefined : Object.fromEntries(variables),
  })
}

const serversOf = (manifest: IntegrationManifest): OpenApiServer[] =>
  manifest.deployments.flatMap(({ id, url, regions }) =>
    url === undefined
      ? Object.entries(regions ?? {}).map(([region, template]) => serverOf(template, `${id}, ${region}`, manifest))
      : [serverOf(url, id, manifest)],
  )

const originServers = (manifest: IntegrationManifest, origin: string): OpenApiServer[] =>
  manifest.deployments.flatMap(({ id, origins }) => {
    const template = Object.hasOwn(origins ?? {}, origin) ? origins?.[origin] : undefined
    return template === undefined ? [] : [serverOf(template, id, manifest)]
  })

function eventOf(
  type: string,
  { summary, schema }: { summary?: string | undefined; schema?: unknown },
): Record<string, unknown> {
  const named = typeof schema === 'string' ? { $ref: `#/schemas/${schema}` } : (schema ?? {})
  return {
    post: defined({
      operationId: `event ${type}`,
      summary,
      requestBody: { content: { 'application/json': { schema: componentSchema(named) } } },
      responses: { 200: { description: 'Taken' } },
    }),
  }
}
