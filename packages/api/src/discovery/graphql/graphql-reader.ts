import type { GraphQLSchema } from 'graphql'
import { descriptionError } from '../description-error.ts'
import { Findings } from '../finding.ts'
import { capsOf } from '../limits.ts'
import type { ApiModel } from '../model.ts'
import type { DescriptionReader } from '../reader.ts'
import type { SourceDocument } from '../source-document.ts'
import { parseJson } from '../text/parse-json.ts'
import { translated } from '../translated.ts'
import { type GraphqlReadOptions, graphqlCaps } from './graphql-limits.ts'
import { graphqlOperations } from './graphql-operations.ts'
import { inputDefinitions } from './input-schema.ts'
import { introspectionIn, schemaOfIntrospection, schemaOfText } from './parse-schema.ts'

/** A reader of GraphQL schemas with limits of its own. */
export function graphqlReaderWith(options: GraphqlReadOptions = {}): DescriptionReader {
  return {
    format: 'graphql',
    detects: (document) =>
      document.syntax === 'text' ||
      ((document.syntax === 'json' || document.syntax === 'yaml') && introspectionIn(document.value) !== undefined),
    read: (document, { findings }) => modelOf(document, findings, options),
  }
}

/**
 * GraphQL schemas, as text (SDL) or as the answer to an introspection, for `readers` of `readDescription`. Each field of the root types is
 * an operation, with a document that selects what can be had without arguments; its variables are the body, and `binding` has the document.
 */
export const graphqlReader: DescriptionReader = graphqlReaderWith()

/**
 * Reads a schema that is at hand: SDL, the JSON of an introspection as text, or its value.
 * @throws PatchbayError `description-malformed`, `-too-deep`, `-too-large`, `-unknown-format`
 */
export async function readGraphql(source: string | object, options?: GraphqlReadOptions): Promise<ApiModel> {
  const findings = new Findings()
  return modelOf(documentOf(source), findings, options)
}

function documentOf(source: string | object): SourceDocument {
  if (typeof source !== 'string') return { syntax: 'json', value: source, location: undefined }
  if (!/^\s*\{/.test(source)) return { syntax: 'text', text: source, location: undefined }
  return { syntax: 'json', value: parseJson(source, capsOf().maxDepth), location: undefined }
}

function modelOf(document: SourceDocument, findings: Findings, options: GraphqlReadOptions | undefined): ApiModel {
  const { location } = document
  const schema = schemaOf(document)
  const all = translated(definitionsOf(schema), location, findings)
  const url = location !== undefined && /^https?:/.test(location) ? new URL(location) : undefined
  const path = url === undefined ? '/graphql' : url.pathname
  const operations = guarded(() => graphqlOperations({ schema, all, caps: graphqlCaps(options), findings, path }))
  if (operations.length === 0)
    throw descriptionError(
      'malformed',
      '#',
      'the schema has no field to query',
      'Give the whole schema, with its root types.',
    )
  return {
    protocol: 'graphql',
    format: 'graphql',
    title: url?.hostname ?? '',
    version: '',
    description: schema.description ?? undefined,
    links: {},
    servers: url === undefined ? [] : [{ url: url.origin, variables: new Map() }],
    security: new Map(),
    operations,
    schemas: all.schemas,
    findings: findings.list,
  }
}

function schemaOf(document: SourceDocument): GraphQLSchema {
  if (document.syntax === 'text') return schemaOfText(document.text)
  const found = document.syntax === 'xml' ? undefined : introspectionIn(document.value)
  if (found !== undefined) return schemaOfIntrospection(found)
  throw descriptionError(
    'unknown-format',
    '#',
    'this is no GraphQL schema',
    'Give SDL, or the answer to an introspection.',
  )
}

function definitionsOf(schema: GraphQLSchema): Record<string, object> {
  return guarded(() => inputDefinitions(schema))
}

/** Types are resolved when their fields are first asked for; a name that leads nowhere shows only then. */
function guarded<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof Error) || 'kind' in error) throw error
    const what = `the schema is broken: ${error.message.slice(0, 200)}`
    throw descriptionError('malformed', '#', what, 'Give the whole schema, with all the types that it names.')
  }
}
