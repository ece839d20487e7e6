import { STATUS_CODES } from 'node:http'
import { type ErrorFacts, Fault } from '../../errors.ts'
import type { HttpRequest, HttpResponse, Transport } from '../../http/transport.ts'
import { closestRoute, matchRoute, parseRoute, type Route, specificity } from './route.ts'
import { readRequest, responseFor, type SentRequest, unlessCancelled } from './sent-request.ts'

/** A scripted answer: a body in one of three forms, or a fault. */
export interface FakeReply {
  /** Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** Becomes the body, with the media type `application/json` unless `headers` says otherwise. */
  readonly json?: unknown
  readonly text?: string
  readonly bytes?: Uint8Array
  /** Rejects with these facts instead of answering, as a transport does when the network fails. */
  readonly fault?: ErrorFacts
}

/** A request that met a scripted line, with the values of its `{name}` segments. */
export interface RoutedRequest extends SentRequest {
  readonly params: Readonly<Record<string, string>>
}

export type FakeAnswer = FakeReply | ((request: RoutedRequest) => FakeReply | Promise<FakeReply>)

/**
 * By `METHOD /path`: one answer for every time, or a list, each used once. `{name}` matches any one segment; a query in the line must
 * be part of the request's. The line `*` answers what no other line does.
 */
export type FakeScript = Readonly<Record<string, FakeAnswer | readonly FakeAnswer[]>>

export interface FakeTransport extends Transport {
  /** Everything sent, oldest first. */
  readonly requests: readonly SentRequest[]
  /** Lines of the script that were never asked for, and lists that were not used up. */
  readonly unused: readonly string[]
  readonly closed: boolean
  /** @throws Error when something of the script is unused. */
  verify(): void
}

interface Scripted {
  readonly route: Route
  readonly answers: readonly FakeAnswer[]
  readonly endless: boolean
  used: number
}

/**
 * A transport for unit tests of connectors: answers from a script, without a network. A request without an answer is a mistake of the
 * test, so it throws a TypeError, which passes through the call path untouched.
 */
export function fakeTransport(script: FakeScript): FakeTransport {
  const entries: Scripted[] = Object.entries(script).map(([line, answer]) => ({
    route: parseRoute(line),
    answers: isList(answer) ? answer : [answer],
    endless: !isList(answer),
    used: 0,
  }))
  const ranked = entries.toSorted((a, b) => specificity(b.route) - specificity(a.route))
  const requests: SentRequest[] = []
  let closed = false

  const unused = (): string[] =>
    entries
      .filter(({ used, answers }) => used < answers.length)
      .map(({ route, used, answers }) => (used === 0 ? route.line : `${route.line} (${used} of ${answers.length})`))

  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    if (closed) throw new TypeError('the transport is closed')
    const sent = await readRequest(request)
    requests.push(sent)
    for (const entry of ranked) {
      const params = matchRoute(entry.route, sent)
      if (params === undefined) continue
      const place = entry.used++
      const found = entry.answers[entry.endless ? 0 : place]
      if (found === undefined)
        throw new TypeError(`${entry.route.line} was scripted ${entry.answers.length} times and asked for once more`)
      const reply = typeof found === 'function' ? await found({ ...sent, params }) : found
      if (request.progress !== undefined) request.progress.sent = reply.fault?.sent ?? 'all'
      if (reply.fault !== undefined) throw new Fault(reply.fault)
      return responseFor(request, wireReply(reply))
    }
    throw new TypeError(unmatched(sent, entries))
  }

  return {
    requests,
    get unused() {
      return unused()
    },
    get closed() {
      return closed
    },
    send: (request) => unlessCancelled(request.cancellation, () => answer(request)),
    async close() {
      closed = true
    },
    verify() {
      const left = unused()
      if (left.length > 0) throw new Error(`scripted and not asked for: ${left.join(', ')}`)
    },
  }
}

function isList(answer: FakeAnswer | readonly FakeAnswer[]): answer is readonly FakeAnswer[] {
  return Array.isArray(answer)
}

function wireReply(reply: FakeReply): Pick<HttpResponse, 'status' | 'statusText' | 'headers' | 'body'> {
  const status = reply.status ?? 200
  const isJson = reply.json !== undefined
  const body = isJson ? Buffer.from(JSON.stringify(reply.json)) : (reply.bytes ?? Buffer.from(reply.text ?? ''))
  const headers: Record<string, string | string[]> = isJson ? { 'content-type': 'application/json' } : {}
  for (const [name, value] of Object.entries(reply.headers ?? {}))
    headers[name.toLowerCase()] = typeof value === 'string' ? value : [...value]
  return { status, statusText: STATUS_CODES[status] ?? '', headers, body }
}

function unmatched(sent: SentRequest, entries: readonly Scripted[]): string {
  const asked = `${sent.method} ${sent.path}${sent.query.size === 0 ? '' : `?${sent.query}`}`
  const routes = entries.map(({ route }) => route)
  const closest = closestRoute(routes, sent)
  if (closest === undefined) return `nothing is scripted, and ${asked} was sent`
  return `no answer is scripted for ${asked}; the closest is ${closest.line}${difference(closest, sent)}`
}

function difference(route: Route, sent: SentRequest): string {
  const anyMethod = { ...route, method: sent.method }
  const anyQuery = { ...route, query: [] }
  const anyOrigin = { ...route, origin: undefined }
  if (matchRoute(anyMethod, sent) !== undefined) return ` (another method than ${sent.method})`
  if (matchRoute(anyQuery, sent) !== undefined) return ' (another query)'
  if (matchRoute(anyOrigin, sent) !== undefined) return ` (another origin than ${new URL(sent.url).origin})`
  return ''
}
