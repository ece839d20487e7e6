import type { MediaTypeModel, OperationModel, ResponseModel } from '../model.ts'
import type { SchemaNode, Schemas } from '../schema.ts'
import { singular, wordsOf } from './names.ts'

export type AnswerKind = 'json' | 'xml' | 'csv' | 'ndjson' | 'text' | 'bytes' | 'nothing'

/** What a call gives when it succeeds. */
export interface AnswerFacts {
  readonly kind: AnswerKind
  readonly schema?: SchemaNode | undefined
  readonly media?: MediaTypeModel | undefined
  readonly response?: ResponseModel | undefined
  /** Where the records of a list stand; empty: the answer is the list. Undefined: no list. */
  readonly items?: { readonly path: string; readonly node: SchemaNode; readonly sure: boolean } | undefined
}

const kinds: readonly (readonly [RegExp, AnswerKind])[] = [
  [/[/+](?:x-)?(?:ndjson|jsonl|json-seq|jsonlines)$/, 'ndjson'],
  [
    /^(?:application|text)\/json$|\+json$|^\*\/\*$|^application\/\*$|^application\/(?:[\w.-]*[.-])?json[\w.-]*$/,
    'json',
  ],
  [/[/+]xml$/, 'xml'],
  [/^text\/csv$/, 'csv'],
  [/^text\/|^application\/(?:javascript|yaml|x-yaml|graphql|sql)$/, 'text'],
]

export function kindOfMedia(type: string): AnswerKind {
  return kinds.find(([pattern]) => pattern.test(type))?.[1] ?? 'bytes'
}

/** The answer of the first good status, in the form that is easiest to use. */
export function answerOf(operation: OperationModel, schemas: Schemas): AnswerFacts {
  if (operation.method === 'HEAD') return { kind: 'nothing' }
  const response = goodResponse(operation.responses)
  if (response === undefined) return { kind: 'json' }
  const ranked = ['json', 'ndjson', 'csv', 'xml', 'text', 'bytes'] as const
  const media =
    ranked
      .map((kind) =>
        response.media.find((one) => kindOfMedia(one.type) === kind && (kind !== 'json' || one.schema !== undefined)),
      )
      .find((one) => one !== undefined) ?? response.media[0]
  if (media === undefined)
    return {
      kind: response.status === '204' || response.status === '205' || response.status === '202' ? 'nothing' : 'json',
      response,
    }
  const kind = kindOfMedia(media.type)
  const { schema } = media
  if (kind !== 'json' || schema === undefined)
    return { kind, media, response, schema: kind === 'json' ? schema : undefined }
  return { kind, media, schema, response, items: recordsOf(schema, operation, schemas) }
}

function goodResponse(responses: readonly ResponseModel[]): ResponseModel | undefined {
  const good = responses.filter(({ status }) => /^2/.test(status))
  const told = good.find(({ status, media }) => status !== '204' && media.length > 0)
  return told ?? good[0] ?? responses.find(({ status, media }) => status === 'default' && media.length > 0)
}

/** Names under which answers hold their records, the likelier first. */
const usual = [
  'value',
  'items',
  'data',
  'results',
  'records',
  'entries',
  'resources',
  'list',
  'rows',
  'content',
  'elements',
  'objects',
  'hits',
  'docs',
  'values',
  'nodes',
]

function recordsOf(schema: SchemaNode, operation: OperationModel, schemas: Schemas): AnswerFacts['items'] {
  const hint = operation.paging?.items
  if (hint !== undefined) {
    const node = arrayAt(schema, hint.split('.'), schemas)
    if (node !== undefined && !/@/.test(hint)) return { path: hint, node, sure: true }
  }
  const view = schemas.view(schema)
  if (view.types.includes('array'))
    return view.items === undefined ? undefined : { path: '', node: view.items, sure: true }
  const outside = arraysIn(schema, schemas)
  const found = choose(outside, namesOf(schema, schemas), operation)
  if (found !== undefined) return { path: found[0], node: found[1], sure: outside.length === 1 }
  // One object deeper: `{ data: { items: [] } }`.
  for (const name of ['data', 'result', 'response', 'd', '_embedded', 'hits', 'payload', 'body']) {
    const node = schemas.fields(schema)?.properties.get(name)
    const inside = node === undefined ? [] : arraysIn(node, schemas)
    const deeper = node === undefined ? undefined : choose(inside, namesOf(node, schemas), operation)
    if (deeper !== undefined) return { path: `${name}.${deeper[0]}`, node: deeper[1], sure: false }
  }
  return undefined
}

function arrayAt(node: SchemaNode, steps: readonly string[], schemas: Schemas): SchemaNode | undefined {
  let at: SchemaNode | undefined = node
  for (const step of steps) at = at === undefined ? undefined : schemas.fields(at)?.properties.get(step)
  const view = at === undefined ? undefined : schemas.view(at)
  return view?.types.includes('array') === true ? view.items : undefined
}

function namesOf(node: SchemaNode, schemas: Schemas): string[] {
  return [...(schemas.fields(node)?.properties.keys() ?? [])]
}

/** Lists beside the records. */
const noRecords =
  /^_?(?:warnings?|errors?|unreachables?|links?|included?|notices?|facets|aggregations|deprecations|required|scopes)$/i

function arraysIn(node: SchemaNode, schemas: Schemas): [string, SchemaNode][] {
  const found: [string, SchemaNode][] = []
  for (const [name, property] of schemas.fields(node)?.properties ?? []) {
    if (name.includes('.') || name === '') continue
    const view = schemas.view(property)
    if (view.types.includes('array') && view.items !== undefined) found.push([name, view.items])
  }
  return found
}

const beside =
  /^(?:meta|metadata|links|_links|paging|pagination|page|page_?info|next\w*|total\w*|count|cursor|has_?more\w*|offset|limit|size|per_?page)$/i

/** The one list there is when something says that it is what was asked for, or the one with a usual name. */
function choose(
  all: readonly [string, SchemaNode][],
  names: readonly string[],
  { path, id }: OperationModel,
): [string, SchemaNode] | undefined {
  const asked = wordsOf(path.split('/').findLast((segment) => segment !== '' && !segment.includes('{')) ?? '')
  const key = asked.join('').toLowerCase()
  const named = key === '' ? undefined : all.find(([name]) => wordsOf(name).join('').toLowerCase() === key)
  if (named !== undefined) return named
  const lists = all.filter(([name]) => !noRecords.test(name))
  for (const name of usual) {
    const found = lists.find(([one]) => one.toLowerCase() === name)
    if (found !== undefined) return found
  }
  const [only] = lists
  if (only === undefined || lists.length > 1) return undefined
  const last = singular(asked.at(-1) ?? '').toLowerCase()
  const related = wordsOf(only[0]).some((word) => singular(word).toLowerCase() === last)
  const listed = wordsOf(id ?? '').some((word) => /^list$/i.test(word))
  return related || listed || names.length === 1 || names.some((name) => beside.test(name)) ? only : undefined
}

/** Whether an operation gives many records: a GET whose answer holds some, or a POST that is called so. */
export function isListAnswer(operation: OperationModel, schemas: Schemas): boolean {
  const { method, id, path } = operation
  if (method !== 'GET' && (method !== 'POST' || !listing.test(`${id ?? ''} ${path.split('/').at(-1)}`))) return false
  return answerOf(operation, schemas).items !== undefined
}

const listing = /(?:^|[\s_.-])list|List(?:[A-Z]|$)/
