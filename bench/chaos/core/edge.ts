import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { SeededRandom } from '@patchbay/core/testing'
import { delayMs, type KillPoint } from './kill-point.ts'

export interface EdgeRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface EdgeAnswer {
  readonly status: number
  readonly body: string
}

export interface EdgeOptions {
  /** The other side's work. */
  answer(request: EdgeRequest): EdgeAnswer | Promise<EdgeAnswer>
  /** Which requests count for kill points and meet faults. Default all. */
  readonly counts?: (request: EdgeRequest) => boolean
  /** Share of the requests that meet a fault of the other side or of the network. */
  readonly faults: number
  readonly random: SeededRandom
}

/** `reset` and `refused`: nothing was done. The others: the work was done, and the answer is lost, cut, or says the opposite. */
const faultKinds = ['reset', 'refused', 'dropped', 'cut', 'contradicted'] as const
type EdgeFault = (typeof faultKinds)[number]

interface Armed {
  left: number
  readonly point: KillPoint
  readonly kill: () => unknown
  readonly when: (request: EdgeRequest) => boolean
}

/** Longest time between an answer and the kill after it. */
const longestMs = 12

/** The other side's front: serves its answers, breaks connections, and kills who calls at the point that was armed. It is never killed. */
export class Edge {
  readonly url: string
  /** Faults met by requests. */
  faults = 0
  requests = 0
  readonly #options: EdgeOptions
  readonly #close: () => Promise<void>
  #armed: Armed | undefined

  private constructor(url: string, options: EdgeOptions, close: () => Promise<void>) {
    this.url = url
    this.#options = options
    this.#close = close
  }

  static async start(options: EdgeOptions): Promise<Edge> {
    const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
      edge.#serve(request, response).catch(() => response.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const edge = new Edge(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, options, async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    })
    return edge
  }

  /** The n-th request from now on for which `when` holds is the end of a life. */
  arm(point: KillPoint, kill: () => unknown, when: (request: EdgeRequest) => boolean = () => true): void {
    this.#armed = point.at === 'request' ? { left: point.nth, point, kill, when } : undefined
  }

  disarm(): void {
    this.#armed = undefined
  }

  close(): Promise<void> {
    return this.#close()
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming)
    const { answer, counts = () => true, random, faults } = this.#options
    if (!counts(request)) return send(response, await answer(request))
    this.requests++
    const armed = this.#armed
    if (armed?.when(request) && --armed.left === 0) {
      this.#armed = undefined
      return this.#serveLast(request, response, armed)
    }
    const fault = random.next() < faults ? random.pick(faultKinds) : undefined
    if (fault === undefined) return send(response, await answer(request))
    this.faults++
    return this.#serveBadly(request, response, fault)
  }

  async #serveLast(request: EdgeRequest, response: ServerResponse, { point, kill }: Armed): Promise<void> {
    const { answer } = this.#options
    if (point.phase === 'before') {
      kill()
      // Half of the requests of the dead are on their way all the same.
      if (point.part < 0.5) await answer(request)
      response.destroy()
      return
    }
    const whole = await answer(request)
    if (point.phase === 'during') {
      await sendPart(response, whole, point.part)
      kill()
      response.destroy()
      return
    }
    await send(response, whole)
    await delay(delayMs(point, longestMs))
    kill()
  }

  async #serveBadly(request: EdgeRequest, response: ServerResponse, fault: EdgeFault): Promise<void> {
    const { answer, random } = this.#options
    const reset = (): void => void (response.socket as Socket | null)?.resetAndDestroy()
    if (fault === 'reset') return reset()
    if (fault === 'refused') return send(response, { status: 503, body: '{"error":"busy"}' })
    const whole = await answer(request)
    if (fault === 'dropped') return reset()
    if (fault === 'contradicted') return send(response, { status: 502, body: '{"error":"lost behind the proxy"}' })
    await sendPart(response, whole, random.next())
    response.destroy()
  }
}

async function read(incoming: IncomingMessage): Promise<EdgeRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const { method = 'GET', url = '/', headers } = incoming
  return { method, path: url, headers, body: Buffer.concat(chunks).toString() }
}

function headersOf(body: Buffer) {
  return { 'content-type': 'application/json', 'content-length': body.length }
}

async function send(response: ServerResponse, { status, body }: EdgeAnswer): Promise<void> {
  const bytes = Buffer.from(body)
  response.writeHead(status, headersOf(bytes))
  await new Promise<void>((resolve) => {
    response.on('close', resolve)
    response.end(bytes, resolve)
  })
}

/** The head and a share of the body, less than all of it. */
async function sendPart(response: ServerResponse, { status, body }: EdgeAnswer, share: number): Promise<void> {
  const bytes = Buffer.from(body)
  response.writeHead(status, headersOf(bytes))
  response.flushHeaders()
  const part = bytes.subarray(0, Math.floor(bytes.length * share))
  await new Promise<void>((resolve) => {
    response.on('close', resolve)
    response.write(part, () => resolve())
  })
}
