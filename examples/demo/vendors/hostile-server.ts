import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Misbehaviour, Verdict } from './misbehaviour.ts'

/** An honest answer, before anything goes wrong with it. */
export interface VendorAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body: unknown
}

export interface VendorRequest {
  readonly method: string
  readonly url: URL
  readonly authorization: string | undefined
  /** The answer shall repeat records of the page before. */
  readonly overlap: boolean
}

export interface HostileServerOptions {
  readonly misbehaviour: Misbehaviour
  readonly answer: (request: VendorRequest) => VendorAnswer
  /** The body of a refusal or an error of that status, as the vendor words it. */
  readonly errorBody: (status: number) => unknown
}

export interface HostileServer {
  /** `http://127.0.0.1:…` */
  readonly origin: string
}

/** A vendor's API on loopback that meets its callers as the plan of `misbehaviour` says. */
export async function hostileServer(options: HostileServerOptions): Promise<HostileServer> {
  const { misbehaviour } = options
  const used = new WeakSet<Socket>()
  const server = createServer({ keepAliveTimeout: 4000 }, (request, response) => {
    const { socket } = request
    const verdict = misbehaviour.next(used.has(socket))
    used.add(socket)
    respond(request, response, verdict).catch(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function respond(request: IncomingMessage, response: ServerResponse, verdict: Verdict): Promise<void> {
    const { socket } = request
    // The server closed the idle socket just when the request was on its way.
    if (verdict.kind === 'stale-socket') return void socket.destroy()
    if (verdict.kind === 'reset-before') return void socket.resetAndDestroy()
    if (verdict.kind === 'limited') {
      return send(request, response, { ...verdict, body: options.errorBody(verdict.status) })
    }
    if (verdict.kind === 'status') return sendFailure(response, verdict.status)
    const answer = options.answer({
      method: request.method ?? 'GET',
      url: new URL(request.url ?? '/', origin),
      authorization: request.headers.authorization,
      overlap: verdict.kind === 'overlap',
    })
    if (answer.status !== 200) return send(request, response, answer)
    switch (verdict.kind) {
      case 'reset-in-body':
        return cut(response, answer, () => socket.resetAndDestroy())
      case 'cut-body':
        return cut(response, answer, () => socket.destroy())
      case 'stalled-body':
        // Neither bytes nor an end: only the caller's own patience helps.
        return cut(response, answer, () => undefined)
      case 'slow-body':
        return drip(response, answer)
      default:
        return send(request, response, answer)
    }
  }

  function sendFailure(response: ServerResponse, status: number): void {
    // What stands before a vendor's servers answers in its own language.
    const page = `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center></body></html>`
    response.writeHead(status, { 'content-type': 'text/html' }).end(page)
  }

  function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: VendorAnswer): void {
    const plain = Buffer.from(JSON.stringify(body))
    const asked = String(request.headers['accept-encoding']).includes('gzip')
    const zip = asked && plain.length > 2000 && misbehaviour.ledger.requests % 3 === 0
    const bytes = zip ? gzipSync(plain, { level: 1 }) : plain
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': bytes.length,
      ...(zip ? { 'content-encoding': 'gzip' } : {}),
      ...headers,
    })
    response.end(bytes)
  }

  function cut(response: ServerResponse, { headers, body }: VendorAnswer, end: () => void): void {
    const bytes = Buffer.from(JSON.stringify(body))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers })
    response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), end)
  }

  async function drip(response: ServerResponse, { headers, body }: VendorAnswer): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(body))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers })
    const step = Math.ceil(bytes.length / 12)
    for (let from = 0; from < bytes.length; from += step) {
      response.write(bytes.subarray(from, from + step))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    response.end()
  }

  return { origin }
}
