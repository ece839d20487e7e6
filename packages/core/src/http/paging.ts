import type { Clock } from '../clock.ts'
import { Fault } from '../errors.ts'
import type { ClientRequest, Reply } from './client-request.ts'
import { type LinkParameter, linkTarget } from './link-header.ts'
import { type OwnPath, pathReader } from './own-path.ts'
import { type Place, placeReader, placeWriter } from './paging-place.ts'

/** One answer, as a kind of paging looks at it. */
export interface PageAnswer {
  readonly reply: Reply
  /** How many records the page had. */
  readonly count: number
  /** Where this page began: what `next` gave for it; undefined for the first. */
  readonly position: string | undefined
  /** What was asked for. */
  readonly request: ClientRequest
  readonly clock: Clock
}

/** A kind of paging as two small functions. Positions are text, so that a caller can keep one and go on from it later. */
export interface Paging {
  /** The request of the page at `position`; undefined is the first. */
  request(base: ClientRequest, position: string | undefined, clock: Clock): ClientRequest
  /** Where the following page begins; undefined after the last. */
  next(answer: PageAnswer): string | undefined
  /** Records of answers that do not hold them where the operation says; undefined: they do. */
  items?(reply: Reply, position: string | undefined): readonly unknown[] | undefined
  /** Milliseconds to wait before the page at `position` is asked for: lists that the vendor first has to prepare. */
  waitMs?(position: string | undefined): number
}

/**
 * Links in the Link header (RFC 8288), as in `Link: <https://…?page=2>; rel="next"`.
 * @param only a parameter that the link must have, where vendors send one behind the last page too (`results="true"`)
 */
export function linkHeader(relation = 'next', only?: LinkParameter): Paging {
  return {
    request: follow,
    next: ({ reply, position }) => progress(absolute(linkTarget(reply.headers.link, relation, only), reply), position),
  }
}

/** A URL of the next page in the body, at a dotted path; absolute or relative to the URL that answered. */
export function nextLink(path: OwnPath): Paging {
  const read = pathReader(path)
  return {
    request: follow,
    next: ({ reply, position }) => progress(absolute(textAt(read(reply.value), path), reply), position),
  }
}

export interface CursorOptions {
  /** Where the answer tells the next cursor: a dotted path in the body ... */
  readonly path?: OwnPath | undefined
  /** ... or a header. */
  readonly header?: string | undefined
  /** Where the next request carries it. */
  readonly send: Place
  /** Dotted path of a boolean that says whether there is more; a cursor beside `false` is not followed. */
  readonly more?: OwnPath | undefined
  /** True for vendors that give a cursor with every page: an empty page is then the last. */
  readonly alwaysHasNext?: boolean | undefined
}

/** A cursor or page token that the answer gives and the next request carries. */
export function cursor(options: CursorOptions): Paging {
  const read = options.path === undefined ? undefined : pathReader(options.path)
  const more = options.more === undefined ? undefined : pathReader(options.more)
  const write = placeWriter(options.send)
  return {
    request: (base, position) => (position === undefined ? base : write(base, position)),
    next({ reply, count, position }) {
      if (more !== undefined && more(reply.value) !== true) return undefined
      if (options.alwaysHasNext === true && count === 0) return undefined
      const header = options.header === undefined ? undefined : reply.headers[options.header.toLowerCase()]
      const found = read === undefined ? (Array.isArray(header) ? header[0] : header) : read(reply.value)
      return progress(textAt(found, options.path ?? options.header ?? ''), position)
    },
  }
}

export interface OffsetOptions {
  /** Query key of the offset. Default `offset`. */
  readonly offset?: string | undefined
  /** Query key of the page size. Default `limit`. */
  readonly limit?: string | undefined
  /** `json`: offset and size are dotted paths of the JSON body. Default `query`. */
  readonly in?: 'query' | 'json' | undefined
  /** Records asked for per page, unless the request names a number itself. Left out of it when undefined. */
  readonly size?: number | undefined
  /** The first record's number. Default 0 (SCIM: 1). */
  readonly first?: number | undefined
  /** Dotted path of the number of all records, which saves the last, empty request. */
  readonly total?: OwnPath | undefined
  /** Dotted path of a boolean that says whether there is more. A page that says so and is empty ends the list all the same. */
  readonly more?: OwnPath | undefined
  /** True when a page shorter than `size` is surely the last; without it, and without a total, only an empty page is. */
  readonly shortIsLast?: boolean | undefined
}

/** Offset and limit. The offset moves by what came and not by what was asked for, so a vendor that gives less loses nothing. */
export function offset(options: OffsetOptions): Paging {
  const { offset: offsetKey = 'offset', limit = 'limit', in: part = 'query', size, first = 0 } = options
  const write = placeWriter(placeOf(part, offsetKey))
  const sized = sizeWriter(placeOf(part, limit), size)
  const total = options.total === undefined ? undefined : pathReader(options.total)
  const more = options.more === undefined ? undefined : pathReader(options.more)
  return {
    request: (base, position) => write(sized.write(base), numberOf(position, first)),
    next({ reply, count, position, request }) {
      if (more !== undefined && more(reply.value) !== true) return undefined
      if (count === 0 || (options.shortIsLast === true && count < sized.asked(request))) return undefined
      const following = numberOf(position, first) + count
      const all = total?.(reply.value)
      return typeof all === 'number' && following - first >= all ? undefined : String(following)
    },
  }
}

export interface PageNumberOptions {
  /** Query key of the page's number. Default `page`. */
  readonly page?: string | undefined
  /** Query key of the page size. Default `per_page`. */
  readonly limit?: string | undefined
  /** `json`: page and size are dotted paths of the JSON body. Default `query`. */
  readonly in?: 'query' | 'json' | undefined
  /** Records asked for per page, unless the request names a number itself. Left out of it when undefined. */
  readonly size?: number | undefined
  /** Number of the first page. Default 1. */
  readonly first?: number | undefined
  /** Dotted path of the number of pages, which saves the last, empty request. */
  readonly pages?: OwnPath | undefined
  /** Dotted path of the number of all records, which saves the last, empty request. Positions then also count the records so far. */
  readonly total?: OwnPath | undefined
  /** Dotted path of a boolean that says whether there is more. A page that says so and is empty ends the list all the same. */
  readonly more?: OwnPath | undefined
  /** True when a page shorter than `size` is surely the last. */
  readonly shortIsLast?: boolean | undefined
}

/** Numbered pages. */
export function pageNumber(options: PageNumberOptions = {}): Paging {
  const { page = 'page', limit = 'per_page', in: part = 'query', size, first = 1 } = options
  const write = placeWriter(placeOf(part, page))
  const sized = sizeWriter(placeOf(part, limit), size)
  const pages = options.pages === undefined ? undefined : pathReader(options.pages)
  const total = options.total === undefined ? undefined : pathReader(options.total)
  const more = options.more === undefined ? undefined : pathReader(options.more)
  return {
    request(base, position) {
      const [number] = position?.split('/') ?? []
      return write(sized.write(base), numberOf(number, first))
    },
    next({ reply, count, position, request }) {
      if (more !== undefined && more(reply.value) !== true) return undefined
      if (count === 0 || (options.shortIsLast === true && count < sized.asked(request))) return undefined
      const [number, before] = position?.split('/') ?? []
      const following = numberOf(number, first) + 1
      const all = pages?.(reply.value)
      if (typeof all === 'number' && following - first >= all) return undefined
      if (total === undefined) return String(following)
      const records = total(reply.value)
      // Counted and not reckoned from the page size: vendors that cap it would lose the rest.
      const seen = numberOf(before, 0) + count
      return typeof records === 'number' && seen >= records ? undefined : `${following}/${seen}`
    },
  }
}

function placeOf(part: 'query' | 'json', key: string): Place {
  return part === 'query' ? { query: key } : { json: key }
}

/** Writes the page size into requests that name none, and tells what was asked for; 0 when that is not known. */
function sizeWriter(place: Place, size: number | undefined) {
  const write = placeWriter(place)
  const read = placeReader(place)
  return {
    write: (request: ClientRequest): ClientRequest =>
      size === undefined || read(request) !== undefined ? request : write(request, size),
    asked(request: ClientRequest): number {
      const asked = Number(read(request) ?? 0)
      return asked >= 1 ? asked : 0
    },
  }
}

function follow(base: ClientRequest, position: string | undefined): ClientRequest {
  return position === undefined ? base : { ...base, link: position }
}

function absolute(link: string | undefined, reply: Reply): string | undefined {
  if (link === undefined) return undefined
  if (!URL.canParse(link, reply.url)) throw broken('link', 'the link to the next page is not a URL')
  return new URL(link, reply.url).href
}

/** Absent, null and empty mean: no more. Anything but text and numbers is drift. */
function textAt(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null || value === '' || value === false) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw broken('cursor', `the next cursor at ${where} is neither text nor a number`)
}

/** A vendor that sends the same position twice would be read for ever. */
function progress(next: string | undefined, position: string | undefined): string | undefined {
  if (next !== undefined && next === position) {
    throw broken('cursor-repeated', 'the vendor gave the same next page twice; reading on would never end')
  }
  return next
}

function numberOf(position: string | undefined, first: number): number {
  if (position === undefined) return first
  const number = Number(position)
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new Fault({
      kind: 'invalid-input',
      code: 'page',
      sent: 'none',
      message: '$page is not a number that this list gave',
    })
  }
  return number
}

function broken(code: string, message: string): Fault {
  return new Fault({ kind: 'protocol', code, sent: 'all', message })
}
