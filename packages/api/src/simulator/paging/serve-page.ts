import type { OperationPlan, Pagination } from '../vendor/operation-plan.ts'
import { cannotTurn } from '../vendor/record-forms.ts'
import { RequestRefusal } from '../vendor/refusal.ts'
import { readPlace, type VendorRequest } from '../vendor/request.ts'
import { inverted } from '../wire/invert.ts'
import { type Draft, valueAt, withValueAt } from '../wire/own-value.ts'
import { bodyWhere } from '../wire/solve-condition.ts'
import { countsInBody, pageSize, wholeNumber } from './page-request.ts'
import { cut, type Readings } from './readings.ts'

/** Faults of lists change what is served here. */
export interface ListShaping {
  /** The pages of a reading by tokens. */
  pages?(pages: readonly (readonly Draft[])[]): readonly (readonly Draft[])[]
  /** The list of a reading by numbers. */
  list?(list: readonly Draft[], size: number): readonly Draft[]
  /** After a page was served. */
  served?(plan: OperationPlan): void
}

export interface ListRequest {
  readonly plan: OperationPlan
  readonly entry: Pagination
  readonly request: VendorRequest
  /** In the vendor's order, filtered. */
  readonly records: readonly Draft[]
  readonly readings: Readings
  readonly shaping: ListShaping
  /** The time of a record, for lists in windows. */
  readonly timeOf: (record: Draft) => number
}

/** A page, before it is wrapped as the protocol wants it. */
export interface ServedPage {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly count: number
}

export function itemsPath(plan: OperationPlan): string {
  const { pagination, operation } = plan
  if (operation.list?.items !== undefined) return operation.list.items
  if (pagination?.kind === 'odata') return 'value'
  return pagination?.kind === 'graphql-relay' ? `${pagination.connection}.nodes`.replace(/^\./, '') : ''
}

/** Answers one request of a list, in the way in which the vendor gives pages. */
export function servePage(list: ListRequest): ServedPage {
  const { entry } = list
  switch (entry.kind) {
    case 'none':
      return page(list, list.records)
    case 'page':
    case 'offset':
      return counted(list, entry)
    case 'range-header':
      return ranged(list, entry)
    case 'keyset':
      return keyset(list, entry)
    case 'time-window':
      return windowed(list, entry)
    case 'export-job':
      return started(list, entry)
    default:
      return tokens(list, entry)
  }
}

type Of<Kind extends Pagination['kind']> = Extract<Pagination, { kind: Kind }>

function page(
  { plan, entry }: ListRequest,
  items: readonly Draft[],
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): ServedPage {
  let body: unknown = withValueAt(undefined, itemsPath(plan), items)
  for (const [path, value] of Object.entries(more))
    if (path !== '' && !Array.isArray(body)) body = withValueAt(body, path, value)
  void entry
  return { status, headers, body, count: items.length }
}

function counted(list: ListRequest, entry: Of<'page' | 'offset'>): ServedPage {
  const { plan, request, shaping } = list
  const size = pageSize(plan, entry, request)
  const records = shaping.list?.(list.records, size) ?? list.records
  const first = entry.first ?? (entry.kind === 'page' ? 1 : 0)
  const key = entry.kind === 'page' ? entry.page : entry.offset
  const inBody = entry.kind === 'offset' && entry.in !== undefined ? entry.in === 'body' : countsInBody(plan)
  const position = wholeNumber(readPlace(request, inBody ? { body: key } : { query: key }), first)
  if (position < first) throw new RequestRefusal('invalid-input', `${key} begins at ${first}`)
  const from = entry.kind === 'page' ? (position - first) * size : position - first
  const items = records.slice(from, from + size)
  const more: Record<string, unknown> = {}
  if (entry.total !== undefined) more[entry.total] = records.length
  if (entry.kind === 'page' && entry.pages !== undefined) more[entry.pages] = Math.ceil(records.length / size)
  if (entry.more !== undefined) more[entry.more] = from + items.length < records.length
  shaping.served?.(plan)
  return page(list, items, more)
}

function ranged(list: ListRequest, entry: Of<'range-header'>): ServedPage {
  const { plan, request, shaping, readings } = list
  const range = request.headers.range ?? ''
  const more = (left: boolean) => (entry.more === undefined ? {} : { [entry.more]: left })
  if (entry.nextHeader !== undefined) {
    const [unit = '', token = ''] = range.split(' ')
    if (range !== '' && unit !== entry.unit)
      throw new RequestRefusal('invalid-input', `the range ${range} has another unit`)
    const size = Number(/max=(\d+)/.exec(range)?.[1] ?? entry.size ?? 100)
    const begun = /^\]([\w-]+)\.\.;?$/.exec(token)?.[1]
    const { reading, index } =
      begun === undefined
        ? { reading: readings.begin(shaped(list, cut(list.records, size))), index: 0 }
        : readings.at(begun)
    const left = index + 1 < reading.pages.length
    const next = left
      ? { [entry.nextHeader.toLowerCase()]: `${entry.unit} ]${readings.token(reading, index + 1)}..; max=${size}` }
      : {}
    return page(list, reading.pages[index] ?? [], more(left), next, left ? 206 : 200)
  }
  const match = new RegExp(`^${entry.unit}=(\\d+)-(\\d+)$`).exec(range)
  if (match === null) throw new RequestRefusal('invalid-input', `a range such as ${entry.unit}=0-99 is missing`)
  const [from, to] = [Number(match[1]), Number(match[2])]
  const size = to - from + 1
  const records = shaping.list?.(list.records, size) ?? list.records
  const items = records.slice(from, to + 1)
  shaping.served?.(plan)
  if (items.length === 0)
    return page(list, [], more(false), { 'content-range': `${entry.unit} */${records.length}` }, from === 0 ? 200 : 416)
  const content = `${entry.unit} ${from}-${from + items.length - 1}/${records.length}`
  return page(list, items, more(from + items.length < records.length), { 'content-range': content }, 206)
}

function keyset(list: ListRequest, entry: Of<'keyset'>): ServedPage {
  const { plan, request, records, shaping } = list
  const size = pageSize(plan, entry, request)
  const named = readPlace(request, entry.send)
  // Before all identities: where an input says so, the first page is asked for with a position too.
  const after = named === '0' ? undefined : named
  const at = after === undefined ? 0 : behind(records, entry.field, after)
  const items = records.slice(at, at + size)
  shaping.served?.(plan)
  return page(list, items, entry.more === undefined ? {} : { [entry.more]: at + items.length < records.length })
}

/** The first record behind a value: the one with this value need not be there any more. */
function behind(records: readonly Draft[], field: string, after: string): number {
  const exact = records.findIndex((record) => String(valueAt(record, field)) === after)
  if (exact >= 0) return exact + 1
  const larger = records.findIndex(
    (record) => String(valueAt(record, field)).localeCompare(after, 'en', { numeric: true }) > 0,
  )
  return larger < 0 ? records.length : larger
}

function windowed(list: ListRequest, entry: Of<'time-window'>): ServedPage {
  const { request, records } = list
  const inBody = valueAt(request.body, entry.from) !== undefined
  const read = (key: string): number => {
    const text = readPlace(request, inBody ? { body: key } : { query: key })
    const ms =
      text === undefined
        ? Number.NaN
        : entry.format === 'iso'
          ? Date.parse(text)
          : Number(text) * (entry.format === 'unix-s' ? 1000 : 1)
    if (Number.isNaN(ms)) throw new RequestRefusal('invalid-input', `${key} is missing or no time`)
    return ms
  }
  const [from, to] = [read(entry.from), read(entry.to)]
  if (to - from > entry.windowMs + 1000) throw new RequestRefusal('invalid-input', 'the window is too long')
  return page(
    list,
    records.filter((record) => list.timeOf(record) >= from && list.timeOf(record) < to),
  )
}

type Tokens = Exclude<
  Pagination['kind'],
  'none' | 'page' | 'offset' | 'range-header' | 'keyset' | 'time-window' | 'export-job'
>

/** Links, cursors and scrolls: what comes next is the vendor's own word. */
function tokens(list: ListRequest, entry: Of<Tokens>): ServedPage {
  const { plan, request, records, readings, shaping } = list
  const given = tokenOf(entry, request)
  const { reading, index } =
    given === undefined
      ? { reading: readings.begin(shaped(list, cut(records, pageSize(plan, entry, request)))), index: 0 }
      : readings.at(given)
  const items = reading.pages[index] ?? []
  const left = index + 1 < reading.pages.length
  const goes = left || (entry.alwaysHasNext === true && items.length > 0)
  const next = goes ? readings.token(reading, index + 1) : undefined
  shaping.served?.(plan)
  const more: Record<string, unknown> = {}
  if (entry.more !== undefined) more[entry.more] = left
  const headers: Record<string, string> = {}
  switch (entry.kind) {
    case 'link-header':
      if (entry.only !== undefined) {
        // Such vendors link on behind the last page too, and the parameter tells that nothing is there.
        const target = linkTo(request, next ?? readings.token(reading, index + 1))
        const told = left ? entry.only.equals : `not-${entry.only.equals}`
        headers.link = `<${target}>; rel="${entry.rel ?? 'next'}"; ${entry.only.name}="${told}"`
      } else if (next !== undefined) headers.link = `<${linkTo(request, next)}>; rel="${entry.rel ?? 'next'}"`
      break
    case 'next-url':
      more[entry.path] = next === undefined ? null : linkTo(request, next)
      break
    case 'odata':
      if (next !== undefined) return withKey(page(list, items, more, headers), '@odata.nextLink', linkTo(request, next))
      break
    case 'cursor-body':
      if (next !== undefined) more[entry.path] = next
      break
    case 'cursor-header':
      if (next !== undefined) headers[entry.header.toLowerCase()] = next
      break
    case 'graphql-relay': {
      const at = entry.connection === '' ? '' : `${entry.connection}.`
      more[`${at}pageInfo.hasNextPage`] = left
      more[`${at}pageInfo.endCursor`] = next ?? null
      break
    }
    case 'scroll':
      more[entry.id] = readings.token(reading, index + 1)
      break
  }
  return page(list, items, more, headers)
}

const shaped = ({ shaping }: ListRequest, pages: readonly (readonly Draft[])[]) => shaping.pages?.(pages) ?? pages

/** The key of links that holds the position; a name of the simulator's own, so that it meets no input. */
const linkKey = 'simulated_page'

function tokenOf(entry: Of<Tokens>, request: VendorRequest): string | undefined {
  if (entry.kind === 'link-header' || entry.kind === 'next-url' || entry.kind === 'odata')
    return request.url.searchParams.get(linkKey) ?? undefined
  if (entry.kind === 'graphql-relay') return readPlace(request, { variable: entry.after })
  return readPlace(request, entry.kind === 'scroll' ? entry.continue.send : entry.send)
}

function linkTo({ url }: VendorRequest, token: string): string {
  const link = new URL(url)
  link.searchParams.set(linkKey, token)
  return link.href
}

/** A key with dots in its name. */
const withKey = (served: ServedPage, key: string, value: unknown): ServedPage => ({
  ...served,
  body: { ...(served.body as Draft), [key]: value },
})

function started(list: ListRequest, entry: Of<'export-job'>): ServedPage {
  const { plan, request, records, readings } = list
  const size = pageSize(plan, entry, request)
  const pages = entry.chunks === undefined ? [[...records]] : cut(records, size)
  const reading = readings.begin(shaped(list, pages))
  return { status: 200, headers: {}, body: withValueAt(undefined, entry.job, reading.id), count: 0 }
}

/** What the poll of an export answers: not yet the first time, then done with the ids of the chunks. */
export function pollAnswer(entry: Of<'export-job'>, job: string, readings: Readings, where: string): unknown {
  const reading = readings.named(job)
  const done = ++reading.asked > 1
  const { poll, chunks } = entry
  const ids = reading.pages.map((_, index) => `c${index + 1}`)
  let body: unknown = withValueAt({}, entry.job, job)
  if (done && chunks !== undefined) {
    const turned = inverted(chunks, ids)
    if (turned === undefined) throw cannotTurn(`${where}.chunks`, 'a plain path')
    body = { ...(body as Draft), ...(turned as Draft) }
  }
  body = bodyWhere(poll.done, done, body) ?? body
  return poll.failed === undefined ? body : (bodyWhere(poll.failed, false, body) ?? body)
}

export function chunkRecords(job: string, chunk: string | undefined, readings: Readings): readonly Draft[] {
  const reading = readings.named(job)
  const index = chunk === undefined || chunk === '' ? 0 : Number(chunk.replace(/^c/, '')) - 1
  const records = reading.pages[index]
  if (records === undefined) throw new RequestRefusal('not-found', `there is no chunk ${chunk}`)
  return records
}
