import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Cancel, Clock } from '../clock.ts'
import { noAddress } from './dispatch-lookup.ts'
import { ConnectTimeout } from './fault-facts.ts'
import type { ProxyEndpoint } from './proxy.ts'
import { openTunnel, ProxyRefusal, proxyName } from './proxy-tunnel.ts'
import type { TlsSettings } from './tls-identity.ts'
import { GuardRefusal, type ResolveAddresses, resolveGuarded, type UrlGuard } from './url-guard.ts'

/** One socket that leads to the target, and what an exchange must know about it. */
export interface Connection {
  readonly socket: Socket
  readonly multiplexed: boolean
  /** The server asked for a client certificate and this side had none. */
  readonly certificateMissing: boolean
  /** Responses that it has carried. */
  served: number
  /** The first error of the socket itself. */
  error: Error | undefined
}

/** How the sockets of one pool are made. All sockets of a pool are made alike, so none can serve another policy. */
export interface ConnectPlan {
  readonly host: string
  readonly port: number
  readonly secure: boolean
  /** Undefined: the host is trusted. */
  readonly guard: UrlGuard | undefined
  readonly resolve: ResolveAddresses
  readonly proxy: ProxyEndpoint | undefined
  /** `tunnel` asks the proxy for CONNECT; `forward` sends it absolute URLs. */
  readonly route: 'direct' | 'tunnel' | 'forward'
  readonly tls: TlsSettings | undefined
  readonly connectMs: number
  readonly clock: Clock
}

/** Opens the last leg: TCP or TLS to the target, or TLS inside a tunnel. undici's own connector, which keeps TLS sessions. */
export type BaseConnector = (
  options: { readonly servername: string | null; readonly httpSocket?: Socket | undefined },
  callback: (error: Error | null, socket: Socket | null) => void,
) => Socket

/** A connection in the making. `abort` ends it and makes it call back with the error. */
export interface Attempt {
  abort(error: Error): void
}

/** How long a server of TLS 1.3 that asked for a certificate may take to object to having got none. */
const verdictMs = 250

export function openConnection(
  plan: ConnectPlan,
  base: BaseConnector,
  servername: string | null,
  callback: (error: Error | null, connection?: Connection) => void,
): Attempt {
  const attempt = new ConnectionAttempt(plan, callback)
  try {
    if (plan.proxy === undefined) attempt.direct(base, servername)
    else attempt.viaProxy(plan.proxy, base, servername)
  } catch (error) {
    attempt.abort(error as Error)
  }
  return attempt
}

class ConnectionAttempt implements Attempt {
  readonly #plan: ConnectPlan
  readonly #callback: (error: Error | null, connection?: Connection) => void
  readonly #stopTimer: Cancel
  #socket: Socket | undefined
  #settled = false

  constructor(plan: ConnectPlan, callback: (error: Error | null, connection?: Connection) => void) {
    this.#plan = plan
    this.#callback = callback
    const late = (): void => {
      this.abort(new ConnectTimeout(`no connection to ${plan.host}:${plan.port} within ${plan.connectMs} ms`))
    }
    this.#stopTimer = plan.clock.timer(plan.connectMs, late, { keepAlive: false })
  }

  abort(error: Error): void {
    if (this.#settled) return
    this.#settle(error)
  }

  direct(base: BaseConnector, servername: string | null): void {
    const { guard, host, port } = this.#plan
    const socket = base({ servername }, (error) => {
      if (error === null) this.#connected(socket)
      else this.#failed(error, socket)
    })
    this.#socket = socket
    if (guard === undefined) return
    // The third check: whatever resolved the name, this is where the socket went. TLS has not begun yet.
    socket.prependOnceListener('connect', () => {
      const reason = guard.refusesAddress(host, port, socket.remoteAddress ?? '')
      if (reason !== undefined) this.abort(new GuardRefusal(reason))
    })
  }

  viaProxy(proxy: ProxyEndpoint, base: BaseConnector, servername: string | null): void {
    const { route, secure } = this.#plan
    const where = { host: proxy.host, port: proxy.port }
    const trust = proxy.ca === undefined ? {} : { ca: typeof proxy.ca === 'string' ? proxy.ca : [...proxy.ca] }
    const socket = proxy.secure
      ? connectTls({ ...where, ...trust, servername: nameFor(proxy.host) })
      : connectTcp(where)
    this.#socket = socket
    socket.setNoDelay(true).setKeepAlive(true, 60_000)
    const fail = (error: Error): void => this.#failed(error, socket)
    socket.once('error', fail)
    socket.once(proxy.secure ? 'secureConnect' : 'connect', () => {
      if (this.#settled) return
      socket.off('error', fail).on('error', ignore)
      if (route === 'forward') this.#connected(socket)
      else
        this.#tunnel(proxy, socket, () => (secure ? this.#upgrade(socket, base, servername) : this.#connected(socket)))
    })
  }

  #tunnel(proxy: ProxyEndpoint, socket: Socket, done: () => void): void {
    const { host, port } = this.#plan
    const ask = (target: string): void => {
      if (this.#settled) return
      if (socket.destroyed) {
        this.abort(socket.errored ?? hungUpByProxy(proxy))
        return
      }
      openTunnel(socket, { host: target, port, proxy }, (error) => {
        if (this.#settled) return
        if (error === undefined) done()
        else this.#settle(error)
      })
    }
    const { guard, resolve } = this.#plan
    if (guard === undefined || proxy.filters) {
      ask(host)
      return
    }
    resolveGuarded(guard, resolve, host, port).then(
      (answers) => {
        const first = answers.find((answer) => answer.family === 4) ?? answers[0]
        if (first === undefined) this.abort(noAddress(host))
        else ask(first.address)
      },
      (error: Error) => this.abort(error),
    )
  }

  #upgrade(socket: Socket, base: BaseConnector, servername: string | null): void {
    const secured = base({ servername, httpSocket: socket }, (error) => {
      if (error === null) this.#connected(secured)
      else this.#failed(error, secured)
    })
    this.#socket = secured
  }

  #connected(socket: Socket): void {
    if (this.#settled) return
    const secured = socket as TLSSocket
    const missing =
      secured.encrypted === true && this.#plan.tls?.hasCertificate === false && askedForCertificate(secured)
    const connection: Connection = {
      socket,
      multiplexed: secured.alpnProtocol === 'h2',
      certificateMissing: missing,
      served: 0,
      error: undefined,
    }
    socket.on('error', (error) => {
      connection.error ??= error
    })
    if (missing && secured.getProtocol() === 'TLSv1.3') this.#awaitVerdict(secured, connection)
    else this.#settle(null, connection)
  }

  /**
   * In TLS 1.3 this side has finished before the server says that it wanted a certificate. Waiting for its session ticket or its alert
   * tells the two apart before a byte of the request is out. Only servers that ask, and only where there is nothing to show.
   */
  #awaitVerdict(socket: TLSSocket, connection: Connection): void {
    const { clock } = this.#plan
    const settle = (error: Error | null): void => {
      stop()
      socket.off('session', accepted).off('error', refused).off('close', refused)
      this.#settle(error, error === null ? connection : undefined)
    }
    const refused = (error?: unknown): void => settle(certificateError(error))
    // The ticket is announced from within OpenSSL's read, where nothing may be written yet.
    const accepted = (): void => clock.afterInput(() => settle(null))
    const stop = clock.timer(verdictMs, () => settle(null), { keepAlive: false })
    socket.on('session', accepted).on('error', refused).on('close', refused)
  }

  #failed(error: Error, socket: Socket): void {
    const missing =
      this.#plan.tls?.hasCertificate === false && hungUp(error) && askedForCertificate(socket as TLSSocket)
    this.#settle(missing ? certificateError(error) : error)
  }

  #settle(error: Error | null, connection?: Connection): void {
    if (this.#settled) return
    this.#settled = true
    this.#stopTimer()
    if (error !== null) this.#socket?.on('error', ignore).destroy(error)
    this.#callback(error, connection)
  }
}

/** Marks an error of a handshake in which the server asked for a certificate that this side does not have. */
function certificateError(error: unknown): Error {
  const cause = error instanceof Error ? error : new Error('the server closed the connection')
  return Object.assign(new Error(cause.message, { cause }), { code: codeOf(cause), certificateMissing: true })
}

function codeOf(error: Error): string {
  return String((error as NodeJS.ErrnoException).code ?? 'ECONNRESET')
}

/** The other side ended it, as opposed to this side's verdict about the server's certificate. */
function hungUp(error: Error): boolean {
  const code = codeOf(error)
  return code.includes('_ALERT_') || code === 'ECONNRESET' || code === 'EPIPE'
}

/** A client shares signature algorithms with a server only when that server asked for its certificate. */
function askedForCertificate(socket: TLSSocket): boolean {
  try {
    return socket.getSharedSigalgs().length > 0
  } catch {
    return false
  }
}

function hungUpByProxy(proxy: ProxyEndpoint): Error {
  return new ProxyRefusal(502, `the proxy ${proxyName(proxy)} closed the connection`)
}

/** Server name indication is for names only. */
function nameFor(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host
}

function ignore(): void {}
