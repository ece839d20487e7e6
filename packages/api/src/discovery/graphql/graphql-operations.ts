import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isNonNullType,
  isObjectType,
  print,
} from 'graphql'
import type { Findings } from '../finding.ts'
import type { OperationModel } from '../model.ts'
import type { Translated } from '../translated.ts'
import { connectionOf } from './connections.ts'
import type { GraphqlCaps } from './graphql-limits.ts'
import { variablesSchema } from './input-schema.ts'
import { SelectionWriter } from './selection.ts'

type Kind = 'query' | 'mutation' | 'subscription'
type Field = GraphQLField<unknown, unknown>

/** How an operation's list is paged; paths are those of `pages(…, { at })` and of manifests. */
export interface RelayPaging {
  readonly connection: string
  readonly after: string
  readonly first?: string | undefined
}

export interface OperationNeeds {
  readonly schema: GraphQLSchema
  readonly all: Translated
  readonly caps: GraphqlCaps
  readonly findings: Findings
  /** Path of the endpoint on its server. */
  readonly path: string
}

/** Each field of the root types as an operation, and each connection one level below a query. */
export function graphqlOperations(needs: OperationNeeds): OperationModel[] {
  const { schema, caps, findings } = needs
  const operations: OperationModel[] = []
  const writer = new SelectionWriter(schema, caps)
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const
  for (const [kind, root] of roots) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      if (field.name.startsWith('__')) continue
      const chains = kind === 'query' && caps.nestedConnections ? [[field], ...nested(field)] : [[field]]
      for (const chain of chains) {
        if (operations.length >= caps.operations) {
          findings.add('operations-left-out', '#', `Only the first ${caps.operations} operations were read.`)
          return operations
        }
        operations.push(operationOf(kind, chain, writer, needs))
      }
    }
  }
  return operations
}

/** The connections of the object that a field gives. */
function nested(field: Field): Field[][] {
  if (connectionOf(field.type) !== undefined) return []
  const named = getNamedType(field.type)
  if (!isObjectType(named) || String(field.type).includes('[')) return []
  return Object.values(named.getFields())
    .filter((inner) => inner.args.some(({ name }) => name === 'after') && connectionOf(inner.type) !== undefined)
    .map((inner) => [field, inner])
}

function operationOf(
  kind: Kind,
  chain: readonly Field[],
  writer: SelectionWriter,
  needs: OperationNeeds,
): OperationModel {
  const { all, path } = needs
  const last = chain.at(-1) as Field
  const names = chain.map(({ name }) => name)
  const key = `${kind} ${names.join('.')}`
  const variables = variablesOf(chain)
  const paged =
    kind === 'query' && last.args.some(({ name }) => name === 'after') && connectionOf(last.type) !== undefined
  const selected = paged ? writer.writeConnection(last.type) : writer.write(last.type)
  const operationName = names.map(capital).join('')
  const heads = chain.map((field, level) => `${field.name}${argumentsOf(field, variables[level] ?? [])}`)
  let selection = selected.text
  for (const head of heads.toReversed()) selection = `{ ${head}${selection === '' ? '' : ` ${selection}`} }`
  const declared = variables.flat()
  const declarations = declared.map(({ name, arg }) => `$${name}: ${String(arg.type)}${defaultOf(arg)}`).join(', ')
  const document = `${kind} ${operationName}${declarations === '' ? '' : `(${declarations})`} ${selection}`
  const input = variablesSchema(declared.map(({ name, arg }) => ({ ...arg, name })))
  return {
    key,
    id: names.join('.'),
    method: 'POST',
    path,
    summary: firstSentence(last.description),
    description: last.description ?? undefined,
    tags: [kind],
    deprecated: chain.some(({ deprecationReason }) => deprecationReason !== undefined && deprecationReason !== null),
    parameters: [],
    body:
      declared.length === 0
        ? undefined
        : { required: true, media: [{ type: 'application/json', schema: all.node(input) }] },
    responses: [
      {
        status: '200',
        media: [{ type: 'application/json', schema: all.node(dataOf(names, selected.schema)) }],
        headers: new Map(),
      },
    ],
    security: [],
    binding: {
      kind: 'graphql',
      operation: kind,
      field: names[0] as string,
      path: names,
      document,
      operationName,
      ...(paged ? { relay: relayOf(names, variables.at(-1) ?? []) } : {}),
    },
  }
}

interface Variable {
  readonly name: string
  readonly arg: GraphQLArgument
}

/** Arguments of the fields in order; one whose name is taken gets its field's name in front. */
function variablesOf(chain: readonly Field[]): Variable[][] {
  const taken = new Set<string>()
  return chain.map((field) =>
    field.args.map((arg) => {
      const name = taken.has(arg.name) ? `${field.name}${capital(arg.name)}` : arg.name
      taken.add(name)
      return { name, arg }
    }),
  )
}

function argumentsOf(field: Field, variables: readonly Variable[]): string {
  if (field.args.length === 0) return ''
  return `(${variables.map(({ name, arg }) => `${arg.name}: $${name}`).join(', ')})`
}

/** A required argument with a default is optional for callers, and so must the variable be: with the same default. */
function defaultOf({ defaultValue, type }: GraphQLArgument): string {
  if (defaultValue === undefined || !isNonNullType(type)) return ''
  const value = astFromValue(defaultValue, type)
  return value === null || value === undefined ? '' : ` = ${print(value)}`
}

function dataOf(names: readonly string[], inner: object): object {
  let schema: object = inner
  for (const name of names.toReversed()) schema = { type: 'object', properties: { [name]: schema }, required: [name] }
  return { type: 'object', properties: { data: schema }, required: ['data'] }
}

function relayOf(names: readonly string[], variables: readonly Variable[]): RelayPaging {
  const variable = (of: string): string | undefined => variables.find(({ arg }) => arg.name === of)?.name
  return { connection: names.join('.'), after: variable('after') as string, first: variable('first') }
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function firstSentence(text: string | null | undefined): string | undefined {
  const line = text
    ?.trim()
    .split(/\n\s*\n|(?<=\.)\s/)[0]
    ?.replaceAll(/\s+/g, ' ')
  return line === undefined || line === '' ? undefined : line
}
