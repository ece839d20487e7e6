import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Fault, type HttpRequest, type HttpResponse, type Transport } from '@patchbay/core'
import type { VendorPlace } from './vendor/place.ts'
import { vendorRequest } from './vendor/request.ts'
import type { Vendor } from './vendor/vendor.ts'

export interface Listening {
  /** `http://127.0.0.1:<port>`, for programs that are told where the vendor is. */
  readonly url: string
  readonly port: number
  /** Leads every host of the manifest to this server, over real sockets. */
  readonly transport: Transport
  /** Closes the server and its connections. */
  close(): Promise<void>
}

/** A real server with a simulated vendor behind it. A request whose Host is none of the vendor's goes to its base URL's host. */
export async function listen(
  vendor: Vendor,
  place: VendorPlace,
  { port = 0 }: { readonly port?: number },
): Promise<Listening> {
  const bases = [place.base, ...place.origins.values()]
    .filter((base) => URL.canParse(base))
    .map((base) => new URL(base))
  const server = createServer((incoming, outgoing) => {
    serve(vendor, bases, incoming, outgoing).catch((problem: unknown) => {
      if (!outgoing.headersSent) outgoing.writeHead(500, { 'content-type': 'text/plain' })
      outgoing.end(problem instanceof Error ? problem.message : 'the simulator failed')
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    if (!server.listening) return
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    close,
    transport: { send: (request) => overLoopback(address.port, request), close: async () => undefined },
  }
}

async function serve(
  vendor: Vendor,
  bases: readonly URL[],
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  const host = headers.host ?? ''
  const base = bases.find((one) => one.host === host) ?? bases[0]
  const url = new URL(incoming.url ?? '/', base?.origin ?? 'https://vendor.example.com')
  delete headers.connection
  const answer = await vendor.answer(vendorRequest(incoming.method ?? 'GET', url, headers, Buffer.concat(parts)))
  const own = bases.some((one) => one.host === host)
  // A program that was told the loopback address must be able to follow the vendor's links.
  const local = (text: string): string =>
    own ? text : bases.reduce((changed, { origin }) => changed.replaceAll(origin, `http://${host}`), text)
  const isText = /json|text|xml/.test(answer.headers['content-type'] ?? '')
  const body = isText ? Buffer.from(local(Buffer.from(answer.body).toString())) : Buffer.from(answer.body)
  const written = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, local(value)]))
  outgoing.writeHead(answer.status, { ...written, 'content-length': String(body.length) })
  outgoing.end(incoming.method === 'HEAD' ? undefined : body)
}

function overLoopback(port: number, request: HttpRequest): Promise<HttpResponse> {
  const url = new URL(request.url)
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method: request.method,
        path: url.pathname + url.search,
        headers: { ...(request.headers as Record<string, string | string[]>), host: url.host },
      },
      (incoming) => {
        readAll(incoming).then((body) => {
          const headers: Record<string, string | string[]> = {}
          for (const [name, value] of Object.entries(incoming.headers)) if (value !== undefined) headers[name] = value
          const common = {
            status: incoming.statusCode ?? 0,
            statusText: incoming.statusMessage ?? '',
            headers,
            url: url.href,
          }
          resolve(
            request.response === 'stream'
              ? { ...common, body: new Uint8Array(), stream: once(body) }
              : { ...common, body, stream: undefined },
          )
        }, reject)
      },
    )
    const stop = request.cancellation?.onCancel((reason) =>
      outgoing.destroy(reason instanceof Error ? reason : new Error('cancelled')),
    )
    outgoing.once('close', () => stop?.())
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        request.cancellation?.cancelReason ??
          new Fault({
            kind: 'unavailable',
            code: 'connect',
            sent: 'maybe',
            message: `the simulator's server did not answer (${error.code ?? 'error'})`,
          }),
      )
    })
    if (request.progress !== undefined) request.progress.sent = 'all'
    write(outgoing, request.body).catch(reject)
  })
}

async function write(outgoing: ReturnType<typeof httpRequest>, body: HttpRequest['body']): Promise<void> {
  if (body === undefined) outgoing.end()
  else if (typeof body === 'string' || body instanceof Uint8Array) outgoing.end(body)
  else {
    for await (const part of body) outgoing.write(part)
    outgoing.end()
  }
}

async function readAll(incoming: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body
}
