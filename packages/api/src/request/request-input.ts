import { type CallOptions, type HttpHeaders, type HttpLimits, type OutputOf, type Schema, schema } from '@patchbay/core'
import type { OwnPath, Paging, Query } from '@patchbay/core/http'
import type { RecordBatches } from '@patchbay/core/streams'
import type { XmlElement } from '../connectors/soap/xml/xml-element.ts'
import type { RequestBody } from './body.ts'
import type { MultipartPart } from './multipart.ts'
import type { PagingData } from './paging-data.ts'

/**
 * How to read an answer: `json` (default), `text`, `bytes`, `nothing` (the body is ignored); `stream` gives bytes as they come; `ndjson` and
 * `csv` (with a header line) give records as they come; `xml` gives its root element.
 */
export type Expectation = 'json' | 'text' | 'bytes' | 'nothing' | 'stream' | 'ndjson' | 'csv' | 'xml'

/** A request that no operation of the connector declares. Exactly one of `path` and `link`, at most one body. */
export interface RequestInput {
  /** Upper-case. Each operation has its own default. It decides nothing else: what sending twice does is said by the operation that is called. */
  readonly method?: string | undefined
  /** Starts with a slash; write values into it with core's `path` tag. */
  readonly path?: string | undefined
  /** A link that the vendor gave, under the base URL; instead of path and query. */
  readonly link?: string | undefined
  readonly query?: Query | undefined
  readonly headers?: HttpHeaders | undefined
  /** A body as JSON. */
  readonly json?: unknown
  /** A body as application/x-www-form-urlencoded. */
  readonly form?: Query | undefined
  /** A body as multipart/form-data, streamed; its length is declared where all parts know theirs. */
  readonly multipart?: readonly MultipartPart[] | undefined
  /** A body as it is: text, bytes, a stream, or a source that can be opened again for a second attempt. */
  readonly body?: RequestBody | undefined
  readonly expect?: Expectation | undefined
  /** What the answer (of `ndjson` and `csv`: each record) must look like; its output type is the answer's. Another shape is a `protocol` error. */
  readonly schema?: Schema | undefined
  /** Statuses besides 2xx that are answers, such as 207 or a 404 that means "none". */
  readonly accept?: readonly number[] | undefined
  /** Send only if the resource still has this ETag; else `conflict` (412). RFC 9110 section 13.1.1. */
  readonly ifMatch?: string | undefined
  /** Reads: answer 304 when the resource still has this ETag. Writes: `*` sends only if there is none yet. RFC 9110 section 13.1.2. */
  readonly ifNoneMatch?: string | undefined
  /** A part of the body in bytes, `to` included; the answer is 206, or 200 with all of it. RFC 9110 section 14.2. */
  readonly range?: { readonly from: number; readonly to?: number | undefined } | undefined
  /** Strong ETag or date: answer with all of it when it changed. RFC 9110 section 13.1.5. */
  readonly ifRange?: string | undefined
  readonly limits?: HttpLimits | undefined
}

/** A list: each page is one request. */
export interface ListInput extends Omit<RequestInput, 'expect' | 'range' | 'ifRange' | 'ifNoneMatch' | 'ifMatch'> {
  /** Where the records are in an answer: a dotted path. Default: the connection's, else the answer is the array itself. */
  readonly items?: OwnPath | undefined
  /** Default: the connection's, else the Link header (RFC 8288), which ends after one page where there is none. */
  readonly paging?: Paging | PagingData | undefined
  /** Where to begin: the `next` of a page of the same list. */
  readonly $page?: string | undefined
}

/** An answer that is no error. */
export interface APIAnswer<T> {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  /** The URL that answered, without credentials. */
  readonly url: string
  readonly value: T
  /** For `ifMatch`, `ifNoneMatch` and `ifRange` of later requests. */
  readonly etag?: string | undefined
  /** Where a created resource is. */
  readonly location?: string | undefined
}

/** One answer to a list. */
export interface APIPage<T> {
  readonly items: readonly T[]
  /** Give it as `$page` to go on from there; undefined on the last page. */
  readonly next: string | undefined
  /** The whole answer, with what stands beside the records. */
  readonly value: unknown
  readonly headers: APIAnswer<T>['headers']
}

type Expected<I> = I extends { readonly expect: infer E }
  ? {
      json: unknown
      text: string
      bytes: Uint8Array
      nothing: undefined
      stream: AsyncIterable<Uint8Array>
      ndjson: RecordBatches<unknown>
      csv: RecordBatches<Readonly<Record<string, string>>>
      xml: XmlElement
    }[E & Expectation]
  : unknown

type Checked<I> = I extends { readonly schema: infer S extends Schema }
  ? I extends { readonly expect: 'ndjson' | 'csv' }
    ? RecordBatches<OutputOf<S>>
    : OutputOf<S>
  : Expected<I>

/** The type of an answer's value, by what the request says. A conditional read may have none. */
export type ValueOf<I> = I extends { readonly ifNoneMatch: string } ? Checked<I> | undefined : Checked<I>

/** A plain JSON request: its value may be named as a type argument, and is then believed and not checked. */
type Believed = { readonly schema?: undefined; readonly expect?: 'json' | undefined; readonly ifNoneMatch?: undefined }

/** `await connection.resource.get<User>({ path })`, or typed by a `schema` in the input. */
export interface RequestMethod<Input extends RequestInput = RequestInput, Options = CallOptions> {
  <T = unknown>(input: Input & Believed, ...options: OptionsArgument<Options>): Promise<APIAnswer<T>>
  <const I extends Input>(input: I, ...options: OptionsArgument<Options>): Promise<APIAnswer<ValueOf<I>>>
}

type OptionsArgument<Options> = Record<never, never> extends Options ? [options?: Options] : [options: Options]

/** What destructive requests need besides their input. */
export type DestroyOptions = CallOptions & Required<Pick<CallOptions, 'approval'>>

const bodies = ['json', 'form', 'multipart', 'body'] as const
const known: ReadonlySet<string> = new Set([
  ...['method', 'path', 'link', 'query', 'headers', ...bodies, 'expect', 'schema', 'accept'],
  ...['ifMatch', 'ifNoneMatch', 'range', 'ifRange', 'limits'],
])
const knownOfLists: ReadonlySet<string> = new Set([...known, 'items', 'paging', '$page'])
const expectations: readonly unknown[] = [
  'json',
  'text',
  'bytes',
  'nothing',
  'stream',
  'ndjson',
  'csv',
  'xml',
  undefined,
]
const methodName = /^[A-Z]+$/

function check<T>(names: ReadonlySet<string>): Schema<T> {
  return schema<T>((value) => {
    if (typeof value !== 'object' || value === null) return issue('', 'give an object with a path')
    const given = value as Record<string, unknown>
    const stranger = Object.keys(given).find((name) => !names.has(name))
    if (stranger !== undefined) return issue(stranger, `is none of ${[...names].join(', ')}`)
    if ((given.path === undefined) === (given.link === undefined))
      return issue('path', 'give a path, or a link of the vendor')
    if (given.link !== undefined && given.query !== undefined) return issue('query', 'is part of the link')
    const several = bodies.filter((name) => given[name] !== undefined)
    if (several.length > 1) return issue(several[1] as string, `is a second body beside ${several[0]}`)
    if (given.method !== undefined && !(typeof given.method === 'string' && methodName.test(given.method)))
      return issue('method', 'give it in capital letters, such as PATCH')
    if (!expectations.includes(given.expect)) return issue('expect', 'is no way to read an answer')
    if (given.$page !== undefined && (typeof given.$page !== 'string' || given.$page === ''))
      return issue('$page', 'expected the next position that a page of this list gave')
    if (names.has('$page') && isStream(given.body))
      return issue('body', 'is a stream, which can be sent with one page only')
    return { value: value as T }
  })
}

const isStream = (body: unknown): boolean => typeof body === 'object' && body !== null && Symbol.asyncIterator in body

const issue = (path: string, message: string) => ({ issues: [{ path, message }] })

export const requestInput: Schema<RequestInput> = check<RequestInput>(known)
export const listInput: Schema<ListInput> = check<ListInput>(knownOfLists)
