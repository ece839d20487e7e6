import type { OperationModel } from '../model.ts'
import type { SchemaNode, Schemas } from '../schema.ts'
import { asInput, type Input, keyFor } from './inputs.ts'
import type { WriteOperationNeeds, WrittenOperation } from './written-operation.ts'

/** Records of a page where the caller names no number: what servers with costs can bear. */
const usualSize = 50

/** A field of a GraphQL schema as an operation: its document, its variables as inputs, and what of the data callers get. */
export function writeGraphql(needs: WriteOperationNeeds, summary: string): WrittenOperation {
  const { operation, writer, origin, guesses, name } = needs
  const { binding } = operation
  if (binding?.kind !== 'graphql') throw new TypeError(`${operation.key} is no operation of GraphQL`)
  const effect = binding.operation === 'query' ? 'read' : 'write'
  const path = (binding.path as readonly string[] | undefined) ?? [binding.field]
  const relay = binding.relay as
    | { readonly connection: string; readonly after: string; readonly first?: string }
    | undefined
  const answer = answerAt(operation, needs.model.schemas, path)
  const input = inputsOf(needs, relay?.after)
  const written = (node: SchemaNode | undefined) => {
    const schema = node === undefined ? {} : writer.write(node, 'output')
    return writer.nameOf(schema) ?? schema
  }
  if (effect === 'write' && /^(?:delete|destroy|purge|erase|wipe|remove)/i.test(binding.field))
    guesses.add(`operations.${name}.risk`, 'destructive', 'medium', `the mutation is named "${binding.field}"`)
  return {
    summary,
    ...(operation.id === undefined ? {} : { source: operation.id }),
    request: `POST ${operation.path}`,
    ...(origin === undefined ? {} : { origin }),
    effect,
    ...(effect === 'write' && /^(?:delete|destroy|purge|erase|wipe|remove)/i.test(binding.field)
      ? { risk: 'destructive' as const }
      : {}),
    ...(operation.deprecated ? { deprecated: true } : {}),
    ...(Object.keys(input).length === 0 ? {} : { input }),
    graphql: String(binding.document),
    ...(relay === undefined
      ? { output: { from: path.join('.'), schema: written(answer) } }
      : { list: listOf(relay, answer, needs.model.schemas, written) }),
  }
}

/** What stands at a path of the answer's data. */
function answerAt(operation: OperationModel, schemas: Schemas, path: readonly string[]): SchemaNode | undefined {
  let node = operation.responses[0]?.media[0]?.schema
  for (const step of ['data', ...path]) node = node === undefined ? undefined : fieldOf(node, step, schemas)
  return node
}

/** A field of an object that may be null. */
function fieldOf(node: SchemaNode, name: string, schemas: Schemas): SchemaNode | undefined {
  const { properties, anyOf } = schemas.view(node)
  const own = properties.get(name)
  if (own !== undefined) return own
  for (const one of anyOf) {
    const found = schemas.view(one).properties.get(name)
    if (found !== undefined) return found
  }
  return undefined
}

function itemsOf(node: SchemaNode | undefined, schemas: Schemas): SchemaNode | undefined {
  if (node === undefined) return undefined
  const { items, anyOf } = schemas.view(node)
  return items ?? anyOf.map((one) => schemas.view(one).items).find((one) => one !== undefined)
}

function listOf(
  relay: { readonly connection: string; readonly after: string; readonly first?: string },
  answer: SchemaNode | undefined,
  schemas: Schemas,
  written: (node: SchemaNode | undefined) => unknown,
) {
  const field = (name: string) => (answer === undefined ? undefined : fieldOf(answer, name, schemas))
  const nodes = field('nodes')
  const edge = itemsOf(field('edges'), schemas)
  const record =
    nodes === undefined ? (edge === undefined ? undefined : fieldOf(edge, 'node', schemas)) : itemsOf(nodes, schemas)
  return {
    items: `${relay.connection}.${nodes === undefined ? 'edges' : 'nodes'}`,
    ...(nodes === undefined ? { each: 'node' } : {}),
    schema: written(record),
    pagination: {
      kind: 'graphql-relay',
      connection: relay.connection,
      after: relay.after,
      ...(relay.first === undefined ? {} : { first: relay.first, size: usualSize }),
    },
  }
}

function inputsOf({ operation, model, writer }: WriteOperationNeeds, after: string | undefined): Record<string, Input> {
  const input: Record<string, Input> = {}
  const node = operation.body?.media[0]?.schema
  const fields = node === undefined ? undefined : model.schemas.fields(node)
  const taken = new Set<string>()
  for (const [name, schema] of fields?.properties ?? []) {
    if (name === after) continue
    const key = keyFor(name, 'variable', taken)
    const one = { in: 'variable', ...asInput({ ...writer.write(schema, 'input') }) }
    input[key] = {
      ...one,
      ...(key === name ? {} : { as: name }),
      ...(fields?.required.has(name) === true ? { required: true } : {}),
    }
  }
  return input
}
