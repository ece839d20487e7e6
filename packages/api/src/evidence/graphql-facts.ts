import {
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
  isUnionType,
  parse,
  specifiedScalarTypes,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { Manifest, OperationEntry } from '../declarative/manifest-parts.ts'
import { schemaOfIntrospection, schemaOfText } from '../discovery/graphql/parse-schema.ts'
import { sha256Of } from '../discovery/load/load-bytes.ts'
import type { FieldSchema } from '../json-schema/field-schema.ts'
import type { GraphqlFacts } from './facts.ts'
import { sentVariables } from './sent-variables.ts'

/** What of a schema is used: names of fields, arguments and input fields, by type. */
class Used {
  readonly fields = new Map<string, Map<string, Set<string>>>()
  readonly inputs = new Map<string, Set<string>>()
  readonly others = new Set<string>()

  field(type: string, field: string, argument?: string): void {
    const fields = this.fields.get(type) ?? new Map<string, Set<string>>()
    this.fields.set(type, fields)
    const names = fields.get(field) ?? new Set<string>()
    fields.set(field, names)
    if (argument !== undefined) names.add(argument)
  }

  input(type: string, field?: string): void {
    const names = this.inputs.get(type) ?? new Set<string>()
    this.inputs.set(type, names)
    if (field !== undefined) names.add(field)
  }
}

/** The facts of a GraphQL schema (SDL, or the JSON of an introspection): the types as far as the manifests' documents use them. */
export function graphqlFactsOf(
  text: string,
  { ref, manifests }: { readonly ref: string; readonly manifests: readonly Manifest[] },
): GraphqlFacts {
  const schema = /^\s*\{/.test(text) ? schemaOfIntrospection(bare(JSON.parse(text))) : schemaOfText(text)
  const used = new Used()
  const roots = new Set<string>()
  for (const manifest of manifests.filter(({ sources }) => sources.some((one) => one.ref === ref)))
    for (const operation of Object.values(manifest.operations))
      if (operation.graphql !== undefined) usedBy(schema, operation, manifest, used, roots)
  const all = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
    type === null || type === undefined ? [] : Object.keys(type.getFields()).map((field) => `${type.name}.${field}`),
  )
  return {
    kind: 'graphql',
    ref,
    sha256: sha256Of(text),
    schema: written(schema, used),
    others: all.filter((one) => !roots.has(one)).sort(),
  }
}

const bare = (value: unknown): unknown => (value as { data?: unknown }).data ?? value

function usedBy(
  schema: GraphQLSchema,
  operation: OperationEntry,
  manifest: Manifest,
  used: Used,
  roots: Set<string>,
): void {
  const document: DocumentNode = parse(operation.graphql ?? '')
  const info = new TypeInfo(schema)
  const sent = sentVariables(manifest, operation)
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: {
        enter(node) {
          const parent = info.getParentType()
          const field = info.getFieldDef()
          if (parent === null || parent === undefined || field === null || field === undefined) return
          used.field(parent.name, field.name)
          if (parent === schema.getQueryType() || parent === schema.getMutationType())
            roots.add(`${parent.name}.${field.name}`)
          reach(getNamedType(field.type), used)
          for (const argument of field.args)
            if (isRequiredArgument(argument) || node.arguments?.some(({ name }) => name.value === argument.name)) {
              used.field(parent.name, field.name, argument.name)
              needed(getNamedType(argument.type), undefined, used)
            }
        },
      },
      ObjectField(node) {
        const parent = getNamedType(info.getParentInputType())
        if (parent !== undefined && parent !== null) needed(parent, { properties: { [node.name.value]: {} } }, used)
      },
      VariableDefinition(node) {
        const type = info.getInputType()
        if (type !== undefined && type !== null)
          needed(getNamedType(type), sent[node.variable.name.value]?.schema ?? {}, used)
      },
      InlineFragment() {
        const type = info.getType()
        if (type !== undefined && type !== null) reach(getNamedType(type), used)
      },
    }),
  )
}

/** A type that is named must be declared. */
function reach(type: GraphQLNamedType, used: Used): void {
  if (isEnumType(type) || isScalarType(type) || isUnionType(type)) used.others.add(type.name)
  else if (!isInputObjectType(type) && !used.fields.has(type.name)) used.fields.set(type.name, new Map())
}

/** Fields of input objects that our values may have, and those that every value must have. */
function needed(type: GraphQLNamedType, ours: FieldSchema | undefined, used: Used, depth = 0): void {
  if (!isInputObjectType(type)) {
    reach(type, used)
    return
  }
  const before = used.inputs.get(type.name)
  used.input(type.name)
  const mine = ours?.items === undefined || ours.items === false ? ours : ours.items
  for (const field of Object.values(type.getFields())) {
    const own = mine?.properties?.[field.name]
    if (own === undefined && !isRequiredInputField(field)) continue
    if (own === undefined && before?.has(field.name) === true) continue
    used.input(type.name, field.name)
    if (depth < 12) needed(getNamedType(field.type), own, used, depth + 1)
  }
}

const builtIn = new Set(specifiedScalarTypes.map(({ name }) => name))

/** The used part of the schema in GraphQL's own language, without descriptions. */
function written(schema: GraphQLSchema, { fields, inputs, others }: Used): string {
  const lines: string[] = []
  const roots = (['Query', 'Mutation', 'Subscription'] as const).flatMap((kind) => {
    const type =
      kind === 'Query'
        ? schema.getQueryType()
        : kind === 'Mutation'
          ? schema.getMutationType()
          : schema.getSubscriptionType()
    return type !== null && type !== undefined && fields.has(type.name) ? [`${kind.toLowerCase()}:${type.name}`] : []
  })
  lines.push(`schema{${roots.join(' ')}}`)
  for (const [name, used] of [...fields].sort(byName)) {
    const type = schema.getType(name)
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    const parts = [...used].sort(byName).flatMap(([field, names]) => {
      const found = type.getFields()[field]
      if (found === undefined) return []
      const args = found.args.filter((one) => names.has(one.name)).map((one) => `${one.name}:${String(one.type)}`)
      return [`${field}${args.length === 0 ? '' : `(${args.join(' ')})`}:${String(found.type)}`]
    })
    const interfaces = type.getInterfaces().filter((one) => fields.has(one.name))
    const implementing = interfaces.length === 0 ? '' : ` implements ${interfaces.map((one) => one.name).join('&')}`
    lines.push(
      `${isInterfaceType(type) ? 'interface' : 'type'} ${name}${implementing}{${parts.join(' ') || placeholder}}`,
    )
  }
  for (const [name, used] of [...inputs].sort(byName)) {
    const type = schema.getType(name)
    if (!isInputObjectType(type)) continue
    const parts = [...used].sort().flatMap((field) => {
      const found = type.getFields()[field]
      return found === undefined ? [] : [`${field}:${String(found.type)}`]
    })
    lines.push(`input ${name}{${parts.join(' ') || placeholder}}`)
  }
  for (const name of [...others].sort()) {
    const type = schema.getType(name)
    if (isScalarType(type) && !builtIn.has(name)) lines.push(`scalar ${name}`)
    if (isEnumType(type))
      lines.push(
        `enum ${name}{${type
          .getValues()
          .map((one) => one.name)
          .join(' ')}}`,
      )
    const members = isUnionType(type) ? type.getTypes().filter((one) => fields.has(one.name)) : []
    if (members.length > 0) lines.push(`union ${name}=${members.map((one) => one.name).join('|')}`)
  }
  return lines.join('\n')
}

/** A type without fields cannot be written down. */
const placeholder = '_unused:Boolean'
const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1
