import type { Cancel } from '../clock.ts'
import type { WheelEntry } from '../deadline-wheel.ts'
import { Fault, type Sent } from '../errors.ts'
import { portOf } from './address.ts'
import { bodyTooLarge, contentCodings, decodeStream } from './decompress.ts'
import { BodyCollector, decoded, describeDecoded } from './dispatch-collect.ts'
import type { ExchangeContext, Limits } from './dispatch-context.ts'
import { headerFields } from './dispatch-fields.ts'
import { type BodyMode, Hop, type HopOwner } from './dispatch-hop.ts'
import { BodyStream } from './dispatch-stream.ts'
import { answerMs, phaseFault, timeoutFault } from './dispatch-timeout.ts'
import { parsedUrl, redirectLoop } from './dispatch-url.ts'
import { faultFacts } from './fault-facts.ts'
import type { ProxyEndpoint } from './proxy.ts'
import { ProxyRefusal, wantsAuthentication } from './proxy-tunnel.ts'
import { isRedirect, nextHop, shownUrl } from './redirect.ts'
import type { HttpBody, HttpRequest, HttpResponse } from './transport.ts'

/** How far ahead the wheel is armed at most; a longer wait is looked at again then. */
const horizonMs = 60_000

/**
 * One request with its redirects: keeps the time, hears the cancellation, collects or streams the body, and ends exactly once.
 */
export class Exchange implements HopOwner, WheelEntry {
  readonly #context: ExchangeContext
  readonly #request: HttpRequest
  readonly #resolve: (response: HttpResponse) => void
  readonly #reject: (error: unknown) => void
  readonly #deadlineAt: number
  #unlisten: Cancel | undefined
  #done = false

  #url: URL = nowhere
  #method: string
  #body: HttpBody | undefined
  #hop: Hop | undefined
  #hops = 0
  #visited: string[] | undefined
  #location: string | undefined
  #anonymous = false
  #bodyDropped = false
  /** The proxy that reads the present hop. */
  #forwardedBy: ProxyEndpoint | undefined

  #sent: Sent = 'none'
  #phaseAt = 0
  #activeAt = 0
  #collector: BodyCollector | undefined
  #stream: BodyStream | undefined
  /** The body is an error's, see {@link HttpRequest.isError}. */
  #explains = false
  #bodyCap = 0

  expiresAt = 0
  wheelNext: WheelEntry | undefined = undefined
  wheelPrevious: WheelEntry | undefined = undefined
  wheelSlot = -1

  constructor(
    context: ExchangeContext,
    request: HttpRequest,
    resolve: (response: HttpResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#context = context
    this.#request = request
    this.#resolve = resolve
    this.#reject = reject
    this.#method = request.method
    this.#body = request.body
    this.#deadlineAt = request.deadlineAt ?? Number.POSITIVE_INFINITY
  }

  begin(): void {
    const { cancellation, progress } = this.#request
    if (progress !== undefined) progress.sent = 'none'
    const reason = cancellation?.cancelReason
    if (reason !== undefined) {
      this.#fail(reason)
      return
    }
    const now = this.#context.clock.monotonic()
    if (this.#deadlineAt <= now) {
      this.#fail(this.#late())
      return
    }
    this.expiresAt = Math.min(this.#deadlineAt, now + this.#limit('connectMs'), now + horizonMs)
    this.#context.wheel.arm(this, now)
    this.#unlisten = cancellation?.onCancel((why) => this.#fail(why))
    if (this.#done) return
    this.#attempt(() => {
      this.#url = parsedUrl(this.#request.url)
      this.#start(now)
    })
  }

  hopBoarded(): void {
    this.#phaseAt = this.#context.clock.monotonic()
    this.#tighten(this.#phaseAt + this.#limit('connectMs'))
  }

  hopSent(sent: Sent): void {
    if (this.#sent === 'all') return
    this.#sent = sent
    const { progress } = this.#request
    if (progress !== undefined) progress.sent = sent
  }

  hopHead(hop: Hop): BodyMode {
    const { status, headers } = hop
    this.#activeAt = this.#context.clock.monotonic()
    if (status === 407 && this.#forwardedBy !== undefined) {
      // The proxy's answer, not the target's, which nothing has reached.
      this.#fail(this.#explain(new ProxyRefusal(407, wantsAuthentication(this.#forwardedBy)), hop))
      return 'discard'
    }
    const { location } = headers
    if (location !== undefined && isRedirect(status) && this.#request.redirect !== 'return') {
      this.#location = typeof location === 'string' ? location : ''
      return 'discard'
    }
    this.#tighten(this.#activeAt + this.#limit('bodyIdleMs'))
    if (this.#request.response === 'stream') {
      this.#attempt(() => this.#openStream(hop))
      return 'stream'
    }
    const declared = Number(headers['content-length'] ?? 0)
    this.#bodyCap = this.#limit('maxBodyBytes')
    this.#explains = this.#request.isError?.(status) === true
    if (this.#explains) this.#bodyCap = Math.min(this.#bodyCap, largestExplanation)
    if (declared > this.#bodyCap && this.#method !== 'HEAD' && status !== 304) this.#tooLarge(hop)
    return 'buffer'
  }

  hopData(hop: Hop, chunk: Uint8Array): void {
    this.#activeAt = this.#context.clock.monotonic()
    const stream = this.#stream
    try {
      if (stream !== undefined) stream.push(chunk, this.#request.limits?.maxBodyBytes)
      else {
        this.#collector ??= new BodyCollector()
        this.#collector.push(chunk, this.#bodyCap)
      }
    } catch (error) {
      if (this.#explains) this.#tooLarge(hop)
      else this.#fail(error, false)
    }
  }

  hopEnded(hop: Hop): void {
    this.#hop = undefined
    if (this.#location !== undefined) {
      this.#attempt(() => this.#follow(hop, this.#location ?? ''))
    } else if (this.#stream !== undefined) {
      this.#finish()
      this.#stream.end()
    } else {
      this.#attempt(() => this.#buffered(hop))
    }
  }

  hopFailed(hop: Hop, error: unknown): void {
    this.#hop = undefined
    if (hop.bodyFailure !== undefined) this.#fail(error, false)
    else this.#fail(this.#explain(error, hop), false)
  }

  /** @internal Called by the deadline wheel. */
  expire(): void {
    if (this.#done) return
    const { clock, wheel } = this.#context
    const now = clock.monotonic()
    if (this.#deadlineAt <= now) {
      this.#fail(this.#late())
      return
    }
    const end = this.#phaseEnd()
    if (end <= now) {
      this.#fail(this.#tooSlow())
      return
    }
    this.expiresAt = Math.min(this.#deadlineAt, end, now + horizonMs)
    wheel.arm(this, now)
  }

  #start(now: number): void {
    const { origin, freshSocket } = this.#request
    const url = this.#url
    const pool = this.#context.poolFor(url, origin !== 'builtin', this.#anonymous)
    const { route, proxy } = pool.settings.plan
    const path = url.pathname + url.search
    const forwarded = route === 'forward'
    this.#forwardedBy = forwarded ? proxy : undefined
    this.#location = undefined
    this.#phaseAt = now
    this.#hop = new Hop(this, {
      method: this.#method,
      path: forwarded ? url.origin + path : path,
      headers: headerFields(this.#request, {
        url,
        hops: this.#hops,
        anonymous: this.#anonymous,
        bodyDropped: this.#bodyDropped,
        proxyAuthorization: forwarded ? proxy?.authorization : undefined,
      }),
      body: this.#body,
    })
    this.#hop.go(pool, freshSocket === true)
  }

  #follow(hop: Hop, location: string): void {
    const { redirectTo, credentialMarks } = this.#request
    const next = nextHop({
      url: this.#url,
      method: this.#method,
      status: hop.status,
      location,
      hops: this.#hops,
      maxHops: this.#limit('maxRedirects'),
      allowedOrigins: redirectTo ?? [],
      marks: credentialMarks,
      streamedBody: hop.hasStreamedBody,
    })
    this.#visited ??= []
    this.#visited.push(`${this.#method} ${this.#url.href}`)
    if (this.#visited.includes(`${next.method} ${next.url.href}`)) throw redirectLoop(this.#url)
    this.#hops++
    this.#url = next.url
    this.#method = next.method
    if (next.leavesOrigin) this.#anonymous = true
    if (next.dropBody) {
      this.#bodyDropped = true
      this.#body = undefined
    }
    const now = this.#context.clock.monotonic()
    this.#tighten(now + this.#limit('connectMs'))
    this.#start(now)
  }

  #buffered(hop: Hop): void {
    const given = this.#collector?.take() ?? noBytes
    if (this.#explains && hop.headers['content-encoding'] !== undefined) {
      void this.#explained(hop, given)
      return
    }
    const body = decoded(hop.headers, given, this.#bodyCap)
    if (body instanceof Promise) body.then((plain) => this.#complete(hop, plain), this.#failLater)
    else this.#complete(hop, body)
  }

  /** An explanation that cannot be decoded does not hide the status that it explains. */
  async #explained(hop: Hop, given: Uint8Array): Promise<void> {
    let body: Uint8Array = noBytes
    try {
      body = await decoded(hop.headers, given, this.#bodyCap)
    } catch {
      // Told without words.
    }
    this.#complete(hop, body)
  }

  #tooLarge(hop: Hop): void {
    if (!this.#explains) {
      this.#fail(bodyTooLarge(this.#bodyCap))
      return
    }
    this.#hop = undefined
    this.#complete(hop, noBytes)
    hop.abort()
  }

  readonly #failLater = (error: unknown): void => this.#fail(error)

  #complete(hop: Hop, body: Uint8Array): void {
    if (this.#done) return
    this.#finish()
    this.#resolve(this.#response(hop, body, undefined))
  }

  #openStream(hop: Hop): void {
    const codings = contentCodings(hop.headers['content-encoding'])
    const stream = new BodyStream({
      pause: () => hop.pause(),
      resume: () => {
        this.#activeAt = this.#context.clock.monotonic()
        this.#tighten(this.#activeAt + this.#limit('bodyIdleMs'))
        hop.resume()
      },
      leave: () => {
        this.#finish()
        hop.abort()
      },
    })
    this.#stream = stream
    if (codings.length > 0) describeDecoded(hop.headers)
    const { limits } = this.#request
    const body = codings.length === 0 ? stream : decodeStream(stream, codings, limits?.maxBodyBytes)
    this.#resolve(this.#response(hop, noBytes, body))
  }

  #response(hop: Hop, body: Uint8Array, stream: AsyncIterable<Uint8Array> | undefined): HttpResponse {
    const url = shownUrl(this.#url, this.#request.credentialMarks)
    return { status: hop.status, statusText: hop.statusText, headers: hop.headers, url, body, stream }
  }

  #limit(name: keyof Limits): number {
    return this.#request.limits?.[name] ?? this.#context.defaults[name]
  }

  /** When the present phase has taken too long. */
  #phaseEnd(): number {
    const hop = this.#hop
    // Decoding, or waiting for one of a limited number of sockets: only the deadline counts.
    if (hop === undefined || !hop.isBoarded) return Number.POSITIVE_INFINITY
    if (!hop.started) return this.#phaseAt + this.#limit('connectMs')
    if (hop.status === 0)
      return this.#deadlineAt === Number.POSITIVE_INFINITY ? this.#phaseAt + answerMs : this.#deadlineAt
    if (this.#stream?.paused === true) return Number.POSITIVE_INFINITY
    return this.#activeAt + this.#limit('bodyIdleMs')
  }

  /** Makes sure that the wheel looks at this exchange by `end`. */
  #tighten(end: number): void {
    if (this.#done || end >= this.expiresAt) return
    const { clock, wheel } = this.#context
    wheel.disarm(this)
    this.expiresAt = end
    wheel.arm(this, clock.monotonic())
  }

  #attempt(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#fail(this.#explain(error, undefined))
    }
  }

  #explain(error: unknown, hop: Hop | undefined): unknown {
    if (error instanceof Fault) return error
    const facts = faultFacts(error, {
      target: `${this.#url.hostname}:${portOf(this.#url)}`,
      started: hop?.started ?? false,
      answered: hop?.answered ?? false,
      hasHead: (hop?.status ?? 0) > 0,
      sent: this.#sent,
      reused: hop?.reused ?? false,
      certificateMissing: hop?.connection?.certificateMissing ?? false,
      refusalKind: this.#hops > 0 ? 'protocol' : this.#request.urlSource === 'input' ? 'invalid-input' : 'config',
    })
    if (facts === undefined) return error
    return new Fault(this.#hops === 0 ? facts : { ...facts, sent: this.#provenSent })
  }

  #fail(error: unknown, atOnce = true): void {
    if (this.#done) return
    this.#finish()
    const hop = this.#hop
    this.#hop = undefined
    hop?.abort()
    if (this.#stream !== undefined) this.#stream.fail(error, atOnce)
    else this.#reject(error)
  }

  #finish(): void {
    this.#done = true
    this.#context.wheel.disarm(this)
    this.#unlisten?.()
    this.#unlisten = undefined
  }

  #late(): Fault {
    return timeoutFault('deadline', 'the deadline passed before the exchange ended', this.#provenSent)
  }

  #tooSlow(): Fault {
    const hop = this.#hop
    const phase = hop?.started !== true ? 'connect' : hop.status === 0 ? 'answer' : 'body'
    const ms = phase === 'answer' ? answerMs : this.#limit(phase === 'connect' ? 'connectMs' : 'bodyIdleMs')
    return phaseFault(phase, `${this.#url.hostname}:${portOf(this.#url)}`, ms, this.#provenSent)
  }

  /** An earlier hop was answered, so something did leave, whatever becomes of the present one. */
  get #provenSent(): Sent {
    return this.#hops === 0 ? this.#sent : 'all'
  }
}

const nowhere = new URL('http://nowhere.invalid')
const noBytes = new Uint8Array(0)
/** Larger bodies of errors are no explanation for people. */
const largestExplanation = 256 * 1024
