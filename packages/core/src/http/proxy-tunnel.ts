import type { Socket } from 'node:net'
import { isIPv6 } from 'node:net'
import type { ProxyEndpoint } from './proxy.ts'

/** The proxy answered, and not with a tunnel. Nothing reached the target. */
export class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const mostHeaderBytes = 16 * 1024
const headerEnd = Buffer.from('\r\n\r\n')

/** What a tunnel is asked for. */
export interface TunnelRequest {
  /** Name or address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly proxy: ProxyEndpoint
}

/**
 * Asks the proxy behind `socket` for a tunnel (CONNECT, RFC 9110 section 9.3.6) and calls back once: with nothing when the socket now
 * leads to the target, or with the error. The caller destroys the socket after an error.
 */
export function openTunnel(socket: Socket, request: TunnelRequest, callback: (error?: Error) => void): void {
  const authority = `${isIPv6(request.host) ? `[${request.host}]` : request.host}:${request.port}`
  const { authorization } = request.proxy
  const name = proxyName(request.proxy)
  const credentials = authorization === undefined ? '' : `proxy-authorization: ${authorization}\r\n`
  let received: Buffer = Buffer.alloc(0)
  const settle = (error?: Error): void => {
    socket.off('readable', read).off('end', cut).off('close', cut).off('error', settle)
    callback(error)
  }
  const cut = (): void => settle(new ProxyRefusal(502, `the proxy ${name} closed the connection`))
  const read = (): void => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const end = received.indexOf(headerEnd)
      if (end === -1 && received.length < mostHeaderBytes) continue
      const status = end === -1 ? undefined : statusOf(received)
      if (status === undefined) {
        settle(new ProxyRefusal(400, `the proxy ${name} does not answer in HTTP`))
        return
      }
      if (status >= 100 && status < 200) {
        received = received.subarray(end + headerEnd.length)
        if (received.length > 0) socket.unshift(received)
        received = Buffer.alloc(0)
        continue
      }
      if (status < 200 || status > 299) {
        settle(new ProxyRefusal(status, refusal(status, request)))
        return
      }
      const rest = received.subarray(end + headerEnd.length)
      if (rest.length > 0) socket.unshift(rest)
      settle()
      return
    }
  }
  socket.on('readable', read).on('end', cut).on('close', cut).on('error', settle)
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`, 'latin1')
}

function statusOf(header: Buffer): number | undefined {
  const match = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(header.toString('latin1', 0, 32))
  return match === null ? undefined : Number(match[1])
}

function refusal(status: number, { proxy }: TunnelRequest): string {
  if (status === 407) return wantsAuthentication(proxy)
  return `the proxy ${proxyName(proxy)} answered ${status} instead of opening a tunnel`
}

export function wantsAuthentication(proxy: ProxyEndpoint): string {
  const remedy = proxy.authorization === undefined ? 'add user and password to' : 'check user and password in'
  return `the proxy ${proxyName(proxy)} wants authentication: ${remedy} its URL`
}

/** How messages name a proxy. */
export function proxyName({ host, port }: ProxyEndpoint): string {
  return `${host}:${port}`
}
