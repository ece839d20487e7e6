import {
  type DocumentNode,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  typeFromAST,
  validate,
} from 'graphql'
import { type Manifest, type OperationEntry, schemasOf } from '../declarative/manifest-parts.ts'
import { enumSchema, inputDefinitions, scalarSchema } from '../discovery/graphql/input-schema.ts'
import { schemaOfText } from '../discovery/graphql/parse-schema.ts'
import type { FieldSchema } from '../json-schema/field-schema.ts'
import { type ForeignSchema, produces } from '../json-schema/subset.ts'
import { checkAnswer } from './check-answer.ts'
import type { GraphqlFacts } from './facts.ts'
import { givenAnswer } from './given-answer.ts'
import { isLooser } from './loose-inputs.ts'
import { sentVariables } from './sent-variables.ts'
import { Verdict } from './verdict.ts'

const schemas = new WeakMap<GraphqlFacts, GraphQLSchema>()

function schemaOf(facts: GraphqlFacts): GraphQLSchema {
  const known = schemas.get(facts)
  if (known !== undefined) return known
  const made = schemaOfText(facts.schema)
  schemas.set(facts, made)
  return made
}

export interface GraphqlFinding {
  /** Such as `query issues`. */
  readonly found: string
  readonly verdict: Verdict
}

/** Holds an operation's document, its variables and its answer against the schema. */
export function checkGraphql(
  manifest: Manifest,
  operation: OperationEntry,
  facts: GraphqlFacts,
  id: string | undefined,
): GraphqlFinding {
  const verdict = new Verdict()
  const schema = schemaOf(facts)
  const parsed = parsedOr(operation.graphql ?? '')
  const definition = parsed instanceof GraphQLError ? undefined : operationOf(parsed)
  if (parsed instanceof GraphQLError || definition === undefined) {
    verdict.contradict('body', '', 'the document is not of GraphQL, or has no operation')
    return { found: '', verdict }
  }
  for (const { message } of validate(schema, parsed)) verdict.contradict('body', '', `document: ${message}`)
  const roots = definition.selectionSet.selections.flatMap((one) => (one.kind === Kind.FIELD ? [one.name.value] : []))
  if (id !== undefined && !roots.includes(id))
    verdict.contradict('missing', '', `names ${id}, which its document does not ask for`)
  checkVariables(manifest, operation, schema, definition, verdict)
  verdict.doubt('the source does not say how to authenticate')
  const root = schema.getRootType(definition.operation)
  if (root !== undefined && root !== null && verdict.contradictions.length === 0) {
    const answer = selected(root, definition.selectionSet, parsed)
    checkAnswer(
      givenAnswer(manifest, operation),
      { parameters: [], answers: { 200: { 'application/json': answer } } },
      manifest,
      verdict,
    )
  }
  return { found: `${definition.operation} ${roots.join(', ')}`, verdict }
}

function parsedOr(text: string): DocumentNode | GraphQLError {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}

const operationOf = (document: DocumentNode): OperationDefinitionNode | undefined =>
  document.definitions.find((one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION)

function checkVariables(
  manifest: Manifest,
  operation: OperationEntry,
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  verdict: Verdict,
): void {
  const sent = sentVariables(manifest, operation)
  const definitions = nullableDefinitions(schema)
  const resolve = (ref: string): ForeignSchema | undefined =>
    definitions[ref.replace('#/$defs/', '')] as ForeignSchema | undefined
  const declared = new Set(variableDefinitions.map(({ variable }) => variable.name.value))
  for (const name of Object.keys(sent))
    if (!declared.has(name)) verdict.contradict('parameter', name, `variable ${name}: the document does not declare it`)
  for (const { variable, type, defaultValue } of variableDefinitions) {
    const name = variable.name.value
    const ours = sent[name]
    if (type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined && ours?.always !== true)
      verdict.contradict('parameter', name, `variable ${name} may be left out; the document requires it`)
    const theirs = typeFromAST(schema, type as never)
    if (ours === undefined || theirs === undefined) continue
    const { contradictions, doubts } = produces(ours.schema, inputShape(theirs as GraphQLOutputType), {
      named: schemasOf(manifest),
      resolve,
    })
    // Filters may be open: callers write what the vendor's language has.
    for (const { path, message, ours: we, theirs: they } of contradictions)
      if (isLooser(message) || path.split('.').includes('*') || message.startsWith('ours allows further'))
        verdict.doubt(`variable ${name} ${path}: ${message}`)
      else
        verdict.contradict(
          'parameter',
          path === '' ? name : `${name}.${path}`,
          `variable ${name}${path === '' ? '' : `.${path}`}: ${message} (ours: ${we}; theirs: ${they})`,
        )
    for (const { path, message } of doubts) verdict.doubt(`variable ${name} ${path}: ${message}`)
  }
}

/** Input fields take null where their type does not exclude it: that is how vendors are told to empty a field (GraphQL, section 3.10). */
function nullableDefinitions(schema: GraphQLSchema): Record<string, ForeignSchema> {
  const definitions = inputDefinitions(schema) as Record<string, ForeignSchema>
  const found: [string, ForeignSchema][] = Object.entries(definitions).map(([name, definition]) => {
    const type = schema.getType(name)
    if (!isInputObjectType(type)) return [name, definition]
    const properties = Object.values(type.getFields()).map((field) => {
      const shape = inputShape(field.type as never)
      return [field.name, isNonNullType(field.type) ? shape : { anyOf: [shape, { type: 'null' }] }]
    })
    return [name, { ...(definition as object), properties: Object.fromEntries(properties) }]
  })
  return Object.fromEntries(found)
}

function inputShape(type: GraphQLOutputType): ForeignSchema {
  if (isNonNullType(type)) return inputShape(type.ofType)
  if (isListType(type)) return { type: 'array', items: inputShape(type.ofType) }
  const named = getNamedType(type)
  const scalar = scalarSchema(named)
  if (
    (named as { astNode?: { kind?: string } }).astNode?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ||
    isEnumType(named)
  )
    return { $ref: `#/$defs/${named.name}` }
  return scalar
}

/** The JSON of what a selection gives; everything that is selected is there, null where the schema allows it. */
function selected(type: GraphQLOutputType, selection: SelectionSetNode, document: DocumentNode): FieldSchema {
  const properties: Record<string, FieldSchema> = {}
  const owner = getNamedType(type)
  const sure = new Set<string>()
  const visit = (set: SelectionSetNode, on: unknown, always: boolean): void => {
    for (const one of set.selections) {
      if (one.kind === Kind.FIELD) {
        const field = isObjectType(on) || isInterfaceType(on) ? on.getFields()[one.name.value] : undefined
        const key = one.alias?.value ?? one.name.value
        if (one.name.value === '__typename') properties[key] = { type: 'string' }
        else if (field !== undefined) properties[key] = shape(field.type, one.selectionSet, document)
        if (always) sure.add(key)
      } else if (one.kind === Kind.INLINE_FRAGMENT) {
        const condition = one.typeCondition?.name.value
        const target = condition === undefined || condition === owner.name ? on : (possible(owner, condition) ?? on)
        visit(one.selectionSet, target, always && target === on)
      } else {
        const fragment = document.definitions.find(
          (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === one.name.value,
        )
        if (fragment?.kind === Kind.FRAGMENT_DEFINITION)
          visit(fragment.selectionSet, on, always && fragment.typeCondition.name.value === owner.name)
      }
    }
  }
  visit(selection, owner, true)
  return { type: 'object', properties, required: [...sure] }
}

function possible(type: unknown, name: string): unknown {
  return isUnionType(type) ? type.getTypes().find((one) => one.name === name) : undefined
}

function shape(type: GraphQLOutputType, selection: SelectionSetNode | undefined, document: DocumentNode): FieldSchema {
  if (isNonNullType(type)) return notNull(type.ofType, selection, document)
  return { anyOf: [notNull(type, selection, document), { type: 'null' }] }
}

function notNull(
  type: GraphQLOutputType,
  selection: SelectionSetNode | undefined,
  document: DocumentNode,
): FieldSchema {
  if (isListType(type)) return { type: 'array', items: shape(type.ofType, selection, document) }
  if (selection !== undefined) return selected(type, selection, document)
  const named = getNamedType(type)
  if (isEnumType(named)) return enumSchema(named.getValues().map(({ name }) => name)) as FieldSchema
  return scalarSchema(named) as FieldSchema
}
