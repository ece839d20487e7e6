import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import type { Fields } from '../own.ts'
import { definition } from '../translated.ts'
import { connectionOf } from './connections.ts'
import type { GraphqlCaps } from './graphql-limits.ts'
import { scalarSchema } from './input-schema.ts'

/** A selection set in text, and the JSON Schema of what it gives. */
export interface Selected {
  /** With its braces; empty for leaves. */
  readonly text: string
  readonly schema: Fields
}

/** Members of a union or interface for which fields are selected; the others give their `__typename`. */
const mostMembers = 10

/**
 * Writes selection sets: every leaf, and objects down to a depth. A type within itself is not entered again, fields that need arguments or
 * are deprecated are left out, and so are connections below the first, which would have to be paged on their own.
 */
export class SelectionWriter {
  readonly #schema: GraphQLSchema
  readonly #caps: GraphqlCaps
  #left = 0

  constructor(schema: GraphQLSchema, caps: GraphqlCaps) {
    this.#schema = schema
    this.#caps = caps
  }

  /** The selection of an operation's field. */
  write(type: GraphQLOutputType): Selected {
    this.#left = this.#caps.fields
    return this.#of(type, this.#caps.depth, [])
  }

  /** The selection of a connection: its page and its records. */
  writeConnection(type: GraphQLOutputType): Selected {
    this.#left = this.#caps.fields
    const connection = connectionOf(type)
    if (connection === undefined) return this.#of(type, this.#caps.depth, [])
    const node = this.#of(connection.node, this.#caps.depth, [])
    const records = node.text === '' ? '' : ` ${node.text}`
    const page = 'pageInfo { hasNextPage endCursor }'
    const inner = connection.by === 'nodes' ? `nodes${records}` : `edges { node${records} }`
    const list = { type: 'array', items: nullable(node.schema) }
    const edges = { type: 'array', items: nullable(objectOf({ node: nullable(node.schema) })) }
    const schema = objectOf({
      [connection.by]: nullable(connection.by === 'nodes' ? list : edges),
      pageInfo: objectOf({ hasNextPage: { type: 'boolean' }, endCursor: nullable({ type: 'string' }) }),
    })
    return { text: `{ ${page} ${inner} }`, schema: isNonNullType(type) ? schema : nullable(schema) }
  }

  #of(type: GraphQLOutputType, depth: number, within: readonly GraphQLNamedType[]): Selected {
    if (isNonNullType(type)) return this.#required(type.ofType, depth, within)
    const { text, schema } = this.#required(type, depth, within)
    return { text, schema: nullable(schema) }
  }

  #required(type: GraphQLOutputType, depth: number, within: readonly GraphQLNamedType[]): Selected {
    if (isListType(type)) {
      const { text, schema } = this.#of(type.ofType, depth, within)
      return { text, schema: { type: 'array', items: schema } }
    }
    const named = getNamedType(type)
    if (isEnumType(named)) return { text: '', schema: definition(named.name) }
    if (isLeafType(named)) return { text: '', schema: scalarSchema(named) }
    if (isAbstractType(named) && !isInterfaceType(named))
      return this.#union(this.#schema.getPossibleTypes(named), depth, within)
    if (!isObjectType(named) && !isInterfaceType(named)) return { text: '', schema: {} }
    const { parts, properties } = this.#fields(named.getFields(), depth, [...within, named])
    if (isInterfaceType(named) || parts.length === 0) {
      parts.unshift('__typename')
      properties.__typename = { type: 'string' }
    }
    return { text: `{ ${parts.join(' ')} }`, schema: objectOf(properties) }
  }

  #fields(
    fields: Readonly<Record<string, GraphQLField<unknown, unknown>>>,
    depth: number,
    within: readonly GraphQLNamedType[],
  ): { parts: string[]; properties: Record<string, Fields> } {
    const parts: string[] = []
    const properties: Record<string, Fields> = {}
    // Leaves first: they are what the limit is for.
    const all = Object.values(fields).filter((field) => selectable(field))
    const leaves = all.filter((field) => isLeafType(getNamedType(field.type)))
    const objects = depth === 0 ? [] : all.filter((field) => !leaves.includes(field))
    for (const field of [...leaves, ...objects]) {
      if (this.#left <= 0) break
      const named = getNamedType(field.type)
      if (within.includes(named) || connectionOf(field.type) !== undefined) continue
      this.#left--
      const { text, schema } = this.#of(field.type, depth - 1, within)
      // Nothing but the name of its type is below: not worth a field.
      if (text === '{ __typename }' && isObjectType(named)) continue
      parts.push(text === '' ? field.name : `${field.name} ${text}`)
      properties[field.name] = schema
    }
    return { parts, properties }
  }

  #union(members: readonly GraphQLObjectType[], depth: number, within: readonly GraphQLNamedType[]): Selected {
    const parts = ['__typename']
    const alternatives: Fields[] = []
    // Two members whose fields share a name must agree on its type, or the server refuses the document.
    const types = new Map<string, string>()
    for (const member of members.slice(0, mostMembers)) {
      if (within.includes(member)) continue
      const agreeing = Object.values(member.getFields()).filter((field) => {
        if (!isLeafType(getNamedType(field.type))) return false
        const known = types.get(field.name)
        if (known === undefined) types.set(field.name, String(field.type))
        return known === undefined || known === String(field.type)
      })
      const chosen = Object.fromEntries(agreeing.map((field) => [field.name, field]))
      const { parts: own, properties } = this.#fields(chosen, Math.min(depth, 0), [...within, member])
      if (own.length === 0) continue
      parts.push(`... on ${member.name} { ${own.join(' ')} }`)
      alternatives.push(objectOf({ __typename: { const: member.name }, ...properties }))
    }
    const other = { type: 'object', properties: { __typename: { type: 'string' } }, required: ['__typename'] }
    return {
      text: `{ ${parts.join(' ')} }`,
      schema: alternatives.length === 0 ? other : { anyOf: [...alternatives, other] },
    }
  }
}

function selectable({ args, deprecationReason }: GraphQLField<unknown, unknown>): boolean {
  return (deprecationReason === undefined || deprecationReason === null) && !args.some(isRequiredArgument)
}

function objectOf(properties: Readonly<Record<string, Fields>>): Fields {
  return { type: 'object', properties, required: Object.keys(properties) }
}

function nullable(schema: Fields): Fields {
  if (typeof schema.type === 'string') {
    const values = Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {}
    return { ...schema, type: [schema.type, 'null'], ...values }
  }
  return Object.keys(schema).length === 0 ? schema : { anyOf: [schema, { type: 'null' }] }
}
