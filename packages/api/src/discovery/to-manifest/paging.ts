import type { PagingHint } from '../model.ts'
import type { SchemaNode, Schemas } from '../schema.ts'
import type { AnswerFacts } from './answer.ts'
import type { Confidence } from './report.ts'

/** Where a parameter or a field of the body goes, as paging looks at it. */
export interface Sendable {
  readonly name: string
  readonly in: 'query' | 'body' | 'header'
}

export interface PagingGuess {
  readonly pagination: Readonly<Record<string, unknown>>
  readonly confidence: Confidence
  readonly because: string
  /** Parameters that paging writes, so that they are no inputs. */
  readonly written: readonly Sendable[]
}

const tokens =
  /^(?:page[_-]?token|next[_-]?token|cursor|after|starting[_-]?after|start[_-]?cursor|next[_-]?cursor|marker|continuation(?:[_-]?token)?|continue|scroll[_-]?id|page\[(?:after|cursor)\]|bookmark|page[_-]?cursor|pagination[_-]?token|exclusive[_-]?start[_-]?key|next)$/i
const nextTokens =
  /^(?:next[_-]?page[_-]?token|next[_-]?token|next[_-]?cursor|cursor|next|after|end[_-]?cursor|next[_-]?marker|marker|continuation[_-]?token|next[_-]?page[_-]?cursor|bookmark|pagination[_-]?token|last[_-]?evaluated[_-]?key|continue)$/i
const nextLinks = /^(?:next|next[_-]?(?:page[_-]?)?(?:link|url|uri|href)|next[_-]?page)$/i
const pages = /^(?:page|page[_-]?(?:no|num|number|index)|page\[number\]|current[_-]?page)$/i
const offsets = /^(?:offset|skip|start|start[_-]?(?:at|index)|first[_-]?result|from[_-]?index|page\[offset\]|\$skip)$/i
const sizes =
  /^(?:limit|per[_-]?page|page[_-]?size|max[_-]?results?|page[_-]?limit|count|size|max[_-]?items|max[_-]?keys|page\[(?:size|limit)\]|top|\$top|results[_-]?per[_-]?page|max[_-]?records|items[_-]?per[_-]?page|num[_-]?results|take|rows)$/i
const totals = /^(?:total|total[_-]?(?:count|results|items|records|elements|size)|count|x-total-count|hits)$/i
const pageCounts = /^(?:total[_-]?pages|page[_-]?count|pages|num[_-]?pages|last[_-]?page)$/i
const mores = /^(?:has[_-]?more|has[_-]?next(?:[_-]?page)?|more|is[_-]?truncated|truncated|more[_-]?data)$/i
/** Objects in which answers keep what concerns paging. */
const wrappers = [
  'meta',
  'pagination',
  'paging',
  'page',
  'page_info',
  'pageInfo',
  'links',
  '_links',
  'metadata',
  'response_metadata',
  'cursors',
  'pages',
  'd',
  'data',
  'result',
  'response',
]

/** How a list goes on, from what its parameters and its answer are called. Undefined: nothing tells. */
export function pagingOf(
  answer: AnswerFacts,
  sendable: readonly Sendable[],
  hint: PagingHint | undefined,
  schemas: Schemas,
): PagingGuess | undefined {
  const size =
    hint?.limitInput === undefined ? find(sendable, sizes) : sendable.find(({ name }) => name === hint.limitInput)
  const sizeKey = size === undefined ? {} : { sizeKey: size.name }
  const and = (...more: (Sendable | undefined)[]): Sendable[] => [size, ...more].filter((one) => one !== undefined)
  const hinted = fromHint(hint, sendable, sizeKey, and)
  if (hinted !== undefined) return hinted
  const fields = fieldsNear(answer.schema, schemas)
  const more = path(fields, mores, (types) => types.includes('boolean'))
  const morePart = more === undefined ? {} : { more }
  const token = find(sendable, tokens)
  const nextToken = path(
    fields,
    nextTokens,
    (types) => types.length === 0 || types.includes('string') || types.includes('integer'),
  )
  if (token !== undefined && nextToken !== undefined) {
    const pagination = {
      kind: 'cursor-body',
      path: nextToken,
      send: { [token.in]: token.name },
      ...sizeKey,
      ...morePart,
    }
    const because = `"${token.name}" is sent and "${nextToken}" answered`
    return { pagination, confidence: 'high', because, written: and(token) }
  }
  const link = path(
    fields,
    nextLinks,
    (types, format) => format === 'uri' || types.length === 0 || types.includes('string'),
  )
  if (link !== undefined) {
    const moved = [find(sendable, pages), find(sendable, offsets)]
    const pagination = { kind: 'next-url', path: link, ...(size?.in === 'query' ? sizeKey : {}) }
    return {
      pagination,
      confidence: 'medium',
      because: `"${link}" looks like the next page's address`,
      written: and(...moved),
    }
  }
  if (answer.response?.headers.has('link') === true) {
    const moved = find(sendable, pages)
    const pagination = { kind: 'link-header', ...(size?.in === 'query' ? sizeKey : {}) }
    return { pagination, confidence: 'high', because: 'the answer has a Link header', written: and(moved) }
  }
  const total = path(fields, totals, (types) => types.includes('integer') || types.includes('number'))
  const page = find(sendable, pages)
  if (page !== undefined && page.in === 'query') {
    const count = path(fields, pageCounts, (types) => types.includes('integer') || types.includes('number'))
    const pagination = {
      kind: 'page',
      page: page.name,
      ...sizeKey,
      ...(count === undefined ? {} : { pages: count }),
      ...morePart,
    }
    return {
      pagination,
      confidence: size === undefined ? 'medium' : 'high',
      because: `"${page.name}" numbers pages`,
      written: and(page),
    }
  }
  const offset = find(sendable, offsets)
  if (offset !== undefined && offset.in !== 'header' && (size !== undefined || total !== undefined)) {
    const place = offset.in === 'body' ? { in: 'body' } : {}
    const pagination = {
      kind: 'offset',
      offset: offset.name,
      ...place,
      ...sizeKey,
      ...(total === undefined ? {} : { total }),
      ...morePart,
    }
    return { pagination, confidence: 'high', because: `"${offset.name}" counts records`, written: and(offset) }
  }
  return undefined
}

function fromHint(
  hint: PagingHint | undefined,
  sendable: readonly Sendable[],
  sizeKey: { readonly sizeKey?: string },
  and: (...more: (Sendable | undefined)[]) => Sendable[],
): PagingGuess | undefined {
  if (hint === undefined) return undefined
  const because = `the description says so (${hint.by})`
  const { nextLink, tokenInput, tokenOutput } = hint
  if (nextLink !== undefined) {
    const top = sendable.find(({ name }) => name === '$top')
    const skip = sendable.find(({ name }) => name === '$skip')
    if (nextLink === '@odata.nextLink' || nextLink === 'odata.nextLink') {
      return {
        pagination: { kind: 'odata' },
        confidence: 'high',
        because,
        written: [top, skip].filter((one) => one !== undefined),
      }
    }
    return nextLink.includes('@')
      ? undefined
      : { pagination: { kind: 'next-url', path: nextLink }, confidence: 'high', because, written: and(skip) }
  }
  const token = sendable.find(({ name }) => name === tokenInput)
  if (token === undefined || tokenOutput === undefined) return undefined
  const pagination = { kind: 'cursor-body', path: tokenOutput, send: { [token.in]: token.name }, ...sizeKey }
  return { pagination, confidence: 'high', because, written: and(token) }
}

function find(sendable: readonly Sendable[], pattern: RegExp): Sendable | undefined {
  return sendable.find(({ name }) => pattern.test(name))
}

interface NearField {
  readonly path: string
  readonly name: string
  readonly types: readonly string[]
  readonly format: string | undefined
}

/** The fields of an answer and of the objects in it that paging is often kept in. */
function fieldsNear(schema: SchemaNode | undefined, schemas: Schemas): readonly NearField[] {
  if (schema === undefined) return []
  const found: NearField[] = []
  const look = (node: SchemaNode, prefix: string): void => {
    for (const [name, property] of schemas.fields(node)?.properties ?? []) {
      if (name.includes('.')) continue
      const { types, format } = schemas.view(property)
      const at = prefix === '' ? name : `${prefix}.${name}`
      found.push({ path: at, name, types, format })
      const inside = wrappers.includes(name) || (prefix !== '' && name === 'next')
      if (inside && at.split('.').length < 4 && (types.includes('object') || types.length === 0)) look(property, at)
    }
  }
  look(schema, '')
  // `links: { next: { href } }`
  const hrefs = found.filter(({ path: at }) => /(?:^|\.)next\.href$/.test(at))
  return [...found, ...hrefs.map((field) => ({ ...field, name: 'next' }))]
}

function path(
  fields: readonly NearField[],
  pattern: RegExp,
  fits: (types: readonly string[], format: string | undefined) => boolean,
): string | undefined {
  return fields.find(({ name, types, format }) => pattern.test(name) && fits(types, format))?.path
}
