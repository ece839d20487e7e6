import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@patchbay/core'
import type { FakeReply } from '@patchbay/core/testing'

/** A request as the suite's vendor got it. */
export interface VendorRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A sound answer, or a way not to give one: silence, or a body that never comes to its end. */
export type VendorAnswer = FakeReply | 'silence' | 'drip'

/** A vendor on loopback whose answers a check decides. */
export class ScriptedServer implements AsyncDisposable {
  readonly #server: Server
  readonly requests: VendorRequest[] = []
  /** Requests whose client went away before the answer was complete. */
  abandoned = 0
  answer: (request: VendorRequest) => VendorAnswer = () => ({ status: 501 })
  /** Answers what belongs to opening a connection; such requests do not count. */
  aside: ((request: VendorRequest) => FakeReply | undefined) | undefined
  url = ''

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://vendor.example')
      this.#answer(
        {
          method: request.method ?? '',
          path: pathname,
          query: searchParams,
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        },
        response,
      )
    })
    // What is abandoned in the middle of its body is what checks do.
    this.#server.on('clientError', (_error, socket) => socket.destroy())
  }

  static async start(): Promise<ScriptedServer> {
    const scripted = new ScriptedServer()
    await new Promise<void>((resolve) => scripted.#server.listen(0, '127.0.0.1', resolve))
    scripted.url = `http://127.0.0.1:${(scripted.#server.address() as AddressInfo).port}`
    return scripted
  }

  #answer(request: VendorRequest, response: ServerResponse): void {
    const apart = this.aside?.(request)
    if (apart === undefined) this.requests.push(request)
    const answer = apart ?? this.answer(request)
    response.on('close', () => {
      if (!response.writableEnded) this.abandoned++
    })
    if (answer === 'silence') return
    if (answer === 'drip') drip(response)
    else reply(response, answer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

function reply(response: ServerResponse, { status = 200, headers = {}, json, text, bytes }: FakeReply): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string | string[])
  if (json !== undefined && !response.hasHeader('content-type')) response.setHeader('content-type', 'application/json')
  response.writeHead(status).end(json === undefined ? (bytes ?? text) : JSON.stringify(json))
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"drip":"')
  const stop = systemClock.interval(20, () => response.write('.'))
  response.on('close', stop)
}
