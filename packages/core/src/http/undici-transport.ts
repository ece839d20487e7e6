import type { LookupFunction, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import { DeadlineWheel } from '../deadline-wheel.ts'
import { Fault } from '../errors.ts'
import type { Events } from '../events.ts'
import { lazy } from '../lazy.ts'
import { portOf } from './address.ts'
import type { ConnectPlan } from './dispatch-connect.ts'
import type { ExchangeContext, Limits } from './dispatch-context.ts'
import { Exchange } from './dispatch-exchange.ts'
import { baseConnector, Pool, type Undici } from './dispatch-pool.ts'
import { openSocket } from './dispatch-socket.ts'
import { parsedUrl } from './dispatch-url.ts'
import { refusalFacts } from './fault-facts.ts'
import { type ProxyOptions, type ProxyResolver, proxyResolver } from './proxy.ts'
import { type TlsSettings, tlsSettings } from './tls-identity.ts'
import type { HttpLimits, HttpRequest, HttpResponse, SocketRequest, TlsIdentity, Transport } from './transport.ts'
import { type AllowEntry, GuardRefusal, type ResolveAddresses, resolver, type UrlGuard, urlGuard } from './url-guard.ts'

export interface UndiciTransportOptions {
  readonly clock: Clock
  /** The runtime's wheel, so that all deadlines of a process share one timer. Default: one of its own. */
  readonly wheel?: DeadlineWheel | undefined
  /** What tenants' URLs may reach although it is private. Not together with `guard`. */
  readonly allow?: readonly AllowEntry[] | undefined
  /** Decides about tenants' URLs. Default: {@link urlGuard} with `allow`. */
  readonly guard?: UrlGuard | undefined
  /** Resolves names; must honour the option `all`. Default: `dns.lookup`. */
  readonly lookup?: LookupFunction | undefined
  readonly proxy?: ProxyOptions | undefined
  /** Client certificate and trusted authorities. */
  readonly tls?: TlsIdentity | undefined
  /** Offers HTTP/2 to https servers. Default true. */
  readonly http2?: boolean | undefined
  /** Where `notice` events go. */
  readonly events?: Events | undefined
  /** Id of the connection, for events. */
  readonly connection?: string | undefined
  /** Limits of requests that name none. */
  readonly limits?: HttpLimits | undefined
  /** Sockets to one origin; further requests wait. Default 256. */
  readonly maxSockets?: number | undefined
  /** Most bytes of a response's header. Default 32 KiB. */
  readonly maxHeaderBytes?: number | undefined
  /** How long an idle socket is kept, in milliseconds, unless the server names its own time. Default 4 000. */
  readonly keepAliveMs?: number | undefined
}

const mebibyte = 1024 * 1024

/** Origins that are remembered; above it, those without a socket are forgotten. */
const manyOrigins = 256

/**
 * The {@link Transport} over undici, which is loaded with the first request. It keeps one set of sockets per origin, TLS identity, proxy
 * and guard setting, and owns everything between a request and its bytes: redirects, decoding and caps, time limits, proxies, TLS and the
 * address guard. Make one per tenant, identity and proxy; requests of different tenants must not share one.
 *
 * Failures are Faults. `sent` is `none` until a byte of the request was handed to a connected socket, `maybe` from then on, and `all` once
 * a byte of the response proves that the server has it.
 * @throws PatchbayError `config` for malformed `allow` or `proxy` values
 */
export function undiciTransport(options: UndiciTransportOptions): Transport {
  return new UndiciTransport(options)
}

class UndiciTransport implements Transport, ExchangeContext {
  readonly clock: Clock
  readonly wheel: DeadlineWheel
  readonly defaults: Limits
  readonly #options: UndiciTransportOptions
  readonly #guard: UrlGuard
  readonly #proxyFor: ProxyResolver
  readonly #resolve: ResolveAddresses
  readonly #load = lazy<Undici>(() => import('undici'))
  /** Per origin: trusted, guarded, and the same two without this side's certificate. */
  readonly #pools = new Map<string, (Pool | undefined)[]>()
  /** Those given away by {@link UndiciTransport.openSocket}. */
  readonly #sockets = new Set<Socket>()
  #tls: TlsSettings | undefined
  #anonymousTls: TlsSettings | undefined
  #closed = false

  constructor(options: UndiciTransportOptions) {
    const { limits } = options
    this.#options = options
    this.clock = options.clock
    this.wheel = options.wheel ?? new DeadlineWheel(options.clock)
    this.defaults = {
      maxBodyBytes: limits?.maxBodyBytes ?? 64 * mebibyte,
      bodyIdleMs: limits?.bodyIdleMs ?? 30_000,
      connectMs: limits?.connectMs ?? 10_000,
      maxRedirects: limits?.maxRedirects ?? 5,
    }
    this.#guard = options.guard ?? urlGuard(options.allow)
    this.#proxyFor = proxyResolver(options.proxy)
    this.#resolve = resolver(options.lookup)
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(this, request, resolve, reject)
      if (this.#load.current !== undefined) exchange.begin()
      else this.#load().then(() => exchange.begin(), reject)
    })
  }

  async openSocket(request: SocketRequest): Promise<Duplex> {
    const undici = this.#load.current ?? (await this.#load())
    if (this.#closed) throw closedFault()
    const guarded = request.origin !== 'builtin'
    const refusalKind = request.urlSource === 'input' ? 'invalid-input' : 'config'
    const url = this.#socketUrl(request.url, guarded, refusalKind)
    const plan = this.#plan(url, guarded, false)
    const connectMs = request.connectMs ?? this.defaults.connectMs
    const base = baseConnector(undici, plan, false)
    const socket = await openSocket(request, { url, plan, base, clock: this.clock, connectMs })
    if (this.#closed) {
      socket.destroy()
      throw closedFault()
    }
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }

  #socketUrl(text: string, guarded: boolean, kind: 'config' | 'invalid-input'): URL {
    try {
      const url = parsedUrl(text)
      const reason = guarded ? this.#guard.refusesUrl(url) : undefined
      if (reason !== undefined) throw new GuardRefusal(reason)
      return url
    } catch (error) {
      throw error instanceof GuardRefusal ? new Fault(refusalFacts(error.message, kind)) : error
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const socket of this.#sockets) socket.destroy()
    const pools = [...this.#pools.values()].flat()
    this.#pools.clear()
    await Promise.all(pools.map((pool) => pool?.close()))
  }

  poolFor(url: URL, guarded: boolean, anonymous: boolean): Pool {
    const { origin } = url
    let pools = this.#pools.get(origin)
    if (pools === undefined) {
      if (this.#pools.size >= manyOrigins) this.#forgetIdle()
      pools = [undefined, undefined, undefined, undefined]
      this.#pools.set(origin, pools)
    }
    const at = (guarded ? 1 : 0) + (anonymous && this.#options.tls?.certificate !== undefined ? 2 : 0)
    pools[at] ??= this.#open(url, guarded, at > 1)
    return pools[at]
  }

  #open(url: URL, guarded: boolean, anonymous: boolean): Pool {
    const undici = this.#load.current
    if (this.#closed || undici === undefined) throw closedFault()
    // What is decided here holds for the origin, so it is decided once and not per request.
    const reason = guarded ? this.#guard.refusesUrl(url) : undefined
    if (reason !== undefined) throw new GuardRefusal(reason)
    const options = this.#options
    return new Pool(undici, {
      origin: url.origin,
      plan: this.#plan(url, guarded, anonymous),
      http2: options.http2 !== false,
      maxSockets: options.maxSockets ?? 256,
      maxHeaderBytes: options.maxHeaderBytes ?? 32 * 1024,
      keepAliveMs: options.keepAliveMs ?? 4_000,
      onExtraBytes: () => this.#notice(url),
    })
  }

  #plan(url: URL, guarded: boolean, anonymous: boolean): ConnectPlan {
    const secure = url.protocol === 'https:'
    const proxy = this.#proxyFor(url)
    // A proxy that is asked for a page resolves the name itself; a tunnel can be asked for the address that was checked.
    const tunnel = secure || (guarded && proxy?.filters === false)
    return {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: portOf(url),
      secure,
      guard: guarded ? this.#guard : undefined,
      resolve: this.#resolve,
      proxy,
      route: proxy === undefined ? 'direct' : tunnel ? 'tunnel' : 'forward',
      tls: secure ? this.#tlsSettings(anonymous) : undefined,
      // Exchanges keep their own, shorter time; this ends an attempt that nobody waits for any more.
      connectMs: Math.max(this.defaults.connectMs, 60_000),
      clock: this.clock,
    }
  }

  #tlsSettings(anonymous: boolean): TlsSettings {
    if (anonymous) {
      this.#anonymousTls ??= tlsSettings(this.#options.tls, false)
      return this.#anonymousTls
    }
    this.#tls ??= tlsSettings(this.#options.tls, true)
    return this.#tls
  }

  #forgetIdle(): void {
    for (const [origin, pools] of this.#pools) {
      if (!pools.every((pool) => pool === undefined || pool.empty)) continue
      this.#pools.delete(origin)
      for (const pool of pools) void pool?.close()
    }
  }

  #notice(url: URL): void {
    const { events, connection } = this.#options
    if (events?.listening !== true) return
    const message = `${url.origin} sent bytes after a complete response; the socket was dropped`
    events.emit('notice', { connection, code: 'extra-bytes', message })
  }
}

function closedFault(): Fault {
  const message = 'the transport was closed'
  return new Fault({ kind: 'cancelled', retry: 'never', sent: 'none', code: 'transport-closed', message })
}
