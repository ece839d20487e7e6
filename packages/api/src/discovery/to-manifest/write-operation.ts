import type { FieldSchema } from '../../json-schema/field-schema.ts'
import type { OperationModel } from '../model.ts'
import { type AnswerFacts, answerOf } from './answer.ts'
import { effectOf } from './effects.ts'
import { inputsOf, sendableOf } from './inputs.ts'
import { pagingOf, type Sendable } from './paging.ts'
import { clip, type SchemaWriter } from './schema-writer.ts'
import { writeGraphql } from './write-graphql.ts'
import { writeSoap } from './write-soap.ts'
import type { WriteOperationNeeds, WrittenOperation } from './written-operation.ts'

/** One operation of a manifest. */
export function writeOperation(needs: WriteOperationNeeds): WrittenOperation {
  const { operation, name, model, writer, guesses, words, requirement, origin } = needs
  const { schemas } = model
  if (operation.binding?.kind === 'graphql') return writeGraphql(needs, summaryOf(operation))
  if (needs.xml !== undefined && operation.binding?.kind === 'soap')
    return writeSoap(needs, needs.xml, summaryOf(operation))
  const place = `operations.${name}`
  const answer = answerOf(operation, schemas)
  const effect = effectOf(operation, name, guesses)
  const { given, written } = listOf(answer, effect.effect, needs)
  const inputs = inputsOf({ operation, schemas, writer, guesses, place, words }, written)
  const scopes = [...new Set([...(requirement?.values() ?? [])].flat())].filter(
    (scope) => scope !== '' && scope.length <= 2000,
  )
  const { id, method } = operation
  return {
    summary: summaryOf(operation),
    ...(id === undefined || id.length > 2000 || id.includes('#') ? {} : { source: id }),
    request: `${method} ${encodeSpaces(inputs.path)}`,
    ...(origin === undefined ? {} : { origin }),
    ...effect,
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(operation.deprecated ? { deprecated: true } : {}),
    ...(Object.keys(inputs.input).length === 0 ? {} : { input: inputs.input }),
    ...(inputs.body === undefined ? {} : { body: inputs.body }),
    ...(inputs.constants === undefined ? {} : { constants: inputs.constants }),
    ...(inputs.contentType === undefined ? {} : { contentType: inputs.contentType }),
    ...given,
  } as WrittenOperation
}

function encodeSpaces(path: string): string {
  return path.replaceAll(/\s/g, '%20')
}

function summaryOf({ summary, description, key }: OperationModel): string {
  return clip(summary ?? '', 300) || clip(description ?? '', 300) || clip(key, 300)
}

/** `list` with its paging, or `output`. */
function listOf(
  answer: AnswerFacts,
  effect: string,
  { operation, name, model, writer, guesses }: WriteOperationNeeds,
): { readonly given: Readonly<Record<string, unknown>>; readonly written: readonly Sendable[] } {
  const { schemas } = model
  const { items } = answer
  const place = `operations.${name}.list`
  if (items === undefined || effect !== 'read') return { given: outputOf(answer, writer), written: [] }
  const paging = pagingOf(answer, sendableOf(operation, schemas), operation.paging, schemas)
  if (operation.method !== 'GET' && paging === undefined && !name.endsWith('.list'))
    return { given: outputOf(answer, writer), written: [] }
  if (!items.sure)
    guesses.add(`${place}.items`, items.path, 'medium', 'the answer holds several lists or one deep inside')
  if (paging === undefined)
    guesses.add(`${place}.pagination`, 'none', 'low', 'no parameter and no field of the answer looks like paging')
  else guesses.add(`${place}.pagination`, String(paging.pagination.kind), paging.confidence, paging.because)
  const list = {
    ...(items.path === '' ? {} : { items: items.path }),
    schema: named(writer.write(items.node, 'output'), writer),
    pagination: paging?.pagination ?? { kind: 'none', reason: 'The description names no paging.' },
  }
  return { given: { list }, written: paging?.written ?? [] }
}

function outputOf(answer: AnswerFacts, writer: SchemaWriter): Readonly<Record<string, unknown>> {
  if (answer.kind !== 'json') return { output: { as: answer.kind } }
  if (answer.schema === undefined) return {}
  const schema = writer.write(answer.schema, 'output')
  return Object.keys(schema).length === 0 ? {} : { output: { schema: named(schema, writer) } }
}

function named(schema: FieldSchema, writer: SchemaWriter): FieldSchema | string {
  return writer.nameOf(schema) ?? schema
}
