import type { Clock } from '../clock.ts'
import type { Credential, SignableRequest } from '../credential.ts'
import { Fault, patchbayError } from '../errors.ts'
import type { RateFeedback } from '../rate-feedback.ts'
import { type BaseUrl, joinUrl, linkedUrl, parseBaseUrl } from './base-url.ts'
import type { Attempt, ClientRequest, Expected, HttpClient, Reply } from './client-request.ts'
import type { RateHeaderQuirks } from './rate-header-names.ts'
import { type RateReader, rateReader } from './rate-headers.ts'
import { type JsonQuirks, jsonIfAny, readErrorBody, readJson, readText } from './read-body.ts'
import { secretsIn } from './request-secrets.ts'
import { type AnswerVerdict, type ErrorMapping, type StatusReader, statusReader } from './status-facts.ts'
import type { HttpBody, HttpHeaders, HttpLimits, HttpRequest, HttpResponse, Transport } from './transport.ts'
import { type ArrayStyles, type Query, queryString } from './url-query.ts'
import { vendorText } from './vendor-text.ts'

export interface HttpClientOptions {
  /** No request leaves this origin and path prefix. */
  readonly baseUrl: string
  /** `builtin` when the host is fixed in the connector, `tenant` (default) when it comes out of configuration: the address guard is on. */
  readonly origin?: 'tenant' | 'builtin' | undefined
  /** Sent with each request. Lower-case names. */
  readonly headers?: HttpHeaders | undefined
  readonly credential: Credential
  readonly transport: Transport | (() => Promise<Transport>)
  readonly clock: Clock
  readonly limits?: HttpLimits | undefined
  /** Other origins (`https://host:port`) to which a redirect may go, without the credential. */
  readonly redirectTo?: readonly string[] | undefined
  /** What is peculiar about the vendor's limit headers. The usual ones need no declaration. */
  readonly rateHeaders?: RateHeaderQuirks | undefined
  /** How the vendor reports errors. RFC 9457 and the usual places need no declaration. */
  readonly errors?: ErrorMapping | undefined
  /** Sent with each request that is no link of the vendor, before its own query. Not for secrets. */
  readonly query?: Query | undefined
  /** How several query values of one name are written. Default `repeat`. */
  readonly arrays?: ArrayStyles | undefined
  readonly json?: JsonQuirks | undefined
}

/**
 * Makes the client of an HTTP connector: `open: async (config, env) => httpClient({ ...env, baseUrl: config.url })`. The credential is
 * applied inside each attempt; what answers say about limits goes to the throttle.
 * @throws Fault `config` for a base URL that is none.
 */
export function httpClient(options: HttpClientOptions): HttpClient {
  return new TransportClient(options)
}

const usualHeaders = { accept: 'application/json', 'user-agent': 'patchbay' }

class TransportClient implements HttpClient {
  readonly #base: BaseUrl
  readonly #options: HttpClientOptions
  readonly #headers: HttpHeaders
  readonly #readRates: RateReader
  readonly #readStatus: StatusReader
  readonly #refusals: readonly number[]
  readonly #expired: ReadonlySet<string>
  #transport: Transport | undefined

  constructor(options: HttpClientOptions) {
    this.#base = parseBaseUrl(options.baseUrl)
    this.#options = options
    this.#headers = { ...usualHeaders, ...lowerCase(options.headers) }
    this.#readRates = rateReader(options.rateHeaders)
    this.#readStatus = statusReader(options.errors)
    this.#refusals = options.credential.refusals ?? [401]
    this.#expired = new Set(options.errors?.expired)
    this.#transport = typeof options.transport === 'function' ? undefined : options.transport
  }

  async send(request: ClientRequest, call: Attempt): Promise<Reply> {
    const { credential, clock } = this.#options
    call.sent = 'none'
    const signable = this.#signable(request, call)
    const signing = credential.apply(signable, call)
    if (signing !== undefined) await signing
    const transport = this.#transport ?? (await this.#load())
    const { expect = 'json' } = request
    // For transports that do not tell how far they came.
    call.sent = 'maybe'
    const response = await transport.send(this.#outgoing(request, signable, call))
    const limits = this.#readRates(response, clock.now())
    for (const limit of limits) call.feedback(limit)
    const { status, headers, url } = response
    request.seen?.(response, (text) => vendorText(text, secretsIn(signable, credential.marks)))
    if (!accepts(request.accept, status)) {
      throw await this.#failure(response, signable, call, limits, request)
    }
    const value = this.#value(response, expect)
    const { errors } = this.#options
    if (errors?.judgesSuccess === true) {
      const verdict = errors.judge?.({ status, headers, value: () => this.#judged(response, expect, value) })
      if (verdict !== undefined) throw await this.#failure(response, signable, call, limits, request, verdict)
    }
    return { status, headers, url, value }
  }

  /** What a rule sees of a good answer: JSON, also in answers that are asked for as bytes or text. A stream is not read. */
  #judged(response: HttpResponse, expect: Expected, value: unknown): unknown {
    if (expect === 'json') return value
    return expect === 'stream' ? undefined : jsonIfAny(response, this.#options.json)
  }

  #signable(request: ClientRequest, call: Attempt): SignableRequest {
    const { method = 'GET', link } = request
    const url = link === undefined ? this.#url(request) : linkedUrl(this.#base, link, request.linkPath)
    const headers: SignableRequest['headers'] = { ...this.#headers }
    if (request.expect !== undefined && request.expect !== 'json')
      headers.accept = this.#options.headers?.accept ?? '*/*'
    if (request.headers !== undefined) assignLowerCase(headers, request.headers)
    const { idempotencyHeader } = request
    if (idempotencyHeader !== undefined && call.idempotencyKey !== undefined) {
      headers[idempotencyHeader.toLowerCase()] = call.idempotencyKey
    }
    return { method, url, headers, body: bodyOf(request, headers) }
  }

  #url({ path = '', query, arrays }: ClientRequest): string {
    const { query: always, arrays: usual } = this.#options
    const all = always === undefined ? query : query === undefined ? always : { ...always, ...query }
    return joinUrl(this.#base, path, all === undefined ? '' : queryString(all, arrays ?? usual))
  }

  #outgoing(request: ClientRequest, { method, url, headers, body }: SignableRequest, call: Attempt): HttpRequest {
    const { credential, limits, origin, redirectTo } = this.#options
    // What is read after the attempt is not bound by its time, only by the call's; up to the head the call itself watches over it.
    const streamed = request.expect === 'stream'
    const deadlineAt = streamed ? call.deadlineAt : Math.min(call.deadlineAt, call.attemptDeadlineAt)
    return {
      method,
      url,
      headers,
      body,
      response: streamed ? 'stream' : 'buffer',
      isError: request.accept === undefined ? usualError : (status) => !accepts(request.accept, status),
      cancellation: call,
      deadlineAt: deadlineAt === Number.POSITIVE_INFINITY ? undefined : deadlineAt,
      limits: request.limits === undefined ? limits : { ...limits, ...request.limits },
      origin,
      redirectTo,
      credentialMarks: credential.marks,
      progress: call,
      freshSocket: call.freeRetries?.includes('stale-socket'),
    }
  }

  async #load(): Promise<Transport> {
    const { transport } = this.#options
    // Not kept before it is there: a failed load is tried again by the next call.
    this.#transport = typeof transport === 'function' ? await transport() : transport
    return this.#transport
  }

  #value(response: HttpResponse, expect: Expected): unknown {
    switch (expect) {
      case 'json':
        return readJson(response, this.#options.json)
      case 'text':
        return readText(response)
      case 'bytes':
        return response.body
      case 'stream':
        return response.stream === undefined ? undefined : withErrors(response.stream)
      case 'nothing':
        return undefined
    }
  }

  async #failure(
    response: HttpResponse,
    signable: SignableRequest,
    call: Attempt,
    limits: readonly RateFeedback[],
    { idempotencyHeader }: ClientRequest,
    found?: AnswerVerdict,
  ): Promise<Fault> {
    const { credential, clock, errors, json } = this.#options
    const { status, headers, stream } = response
    const body = stream === undefined ? response.body : await readErrorBody(stream, clock)
    const verdict =
      found ?? errors?.judge?.({ status, headers, value: () => jsonIfAny({ status, headers, body }, json) })
    const facts = this.#readStatus({ status, headers, body }, limits, secretsIn(signable, credential.marks), verdict)
    if (status === 409 && idempotencyHeader !== undefined && call.idempotencyKey !== undefined && call.attempt > 1) {
      // draft-ietf-httpapi-idempotency-key-header section 2.7: the first attempt under this key is still at work.
      return new Fault({ ...facts, retry: 'later' })
    }
    const refused =
      verdict?.expired ??
      (this.#refusals.includes(status) || (facts.code !== undefined && this.#expired.has(facts.code)))
    if (!refused || facts.kind === 'rate-limited') return new Fault(facts)
    // The first refusal may be about a token that just ended; the second, with a fresh one, is final.
    if (call.freeRetries?.includes('credential-refreshed') === true) return new Fault(facts)
    const freeRetry = await credential.refresh?.(signable, { status, headers }, call)
    return new Fault(freeRetry === undefined ? facts : { ...facts, freeRetry })
  }
}

/** A stream is read when its call has ended: nothing else turns the transport's Fault into the error that users know. */
async function* withErrors(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (error) {
    throw error instanceof Fault ? patchbayError(error.facts) : error
  }
}

function accepts(accept: ClientRequest['accept'], status: number): boolean {
  if (typeof accept === 'function') return accept(status)
  // 207 holds a verdict per item (RFC 4918 section 13): taken for a success, the refused items would be lost silently.
  return (status >= 200 && status <= 299 && status !== 207) || accept?.includes(status) === true
}

const usualError = (status: number): boolean => !accepts(undefined, status)

function bodyOf(request: ClientRequest, headers: SignableRequest['headers']): HttpBody | undefined {
  if (request.json !== undefined) {
    headers['content-type'] ??= 'application/json'
    return JSON.stringify(request.json)
  }
  if (request.form !== undefined) {
    headers['content-type'] ??= 'application/x-www-form-urlencoded'
    return queryString(request.form, request.arrays)
  }
  return request.body
}

function lowerCase(headers: HttpHeaders | undefined): HttpHeaders {
  const lower: Record<string, string | readonly string[]> = {}
  if (headers !== undefined) assignLowerCase(lower, headers)
  return lower
}

function assignLowerCase(target: Record<string, string | readonly string[]>, headers: HttpHeaders): void {
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value !== undefined) target[name.toLowerCase()] = value
  }
}
