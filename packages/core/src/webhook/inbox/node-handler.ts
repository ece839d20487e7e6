import type { IncomingMessage, ServerResponse } from 'node:http'
import { DeadlineWheel, type WheelEntry } from '../../deadline-wheel.ts'
import type { HeaderFields } from '../verification/message.ts'
import { BodyChunks } from './body-chunks.ts'
import { type HandlerLimits, isEncoded, receiptHeaders } from './fetch-handler.ts'
import type { Receipt, ReceiveRefusal, Receiver } from './receive.ts'

/** Handles a request of node:http (and so of Express, Connect, Fastify's raw side) without building WHATWG objects. */
export function nodeHandler(
  receiver: Receiver,
  limits: HandlerLimits,
): (request: IncomingMessage, response: ServerResponse) => void {
  const wheel = new DeadlineWheel(limits.clock)
  const { maxBodyBytes } = receiver.source
  return (request, response) => {
    const { method } = request
    if (method !== 'POST' && method !== 'GET' && method !== 'HEAD')
      return end(response, receiver.refuse('method-not-allowed'))
    if (isEncoded(request.headers['content-encoding'])) return cutOff(request, response, receiver, 'encoded-body')
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes)
      return cutOff(request, response, receiver, 'body-too-large')
    new BodyReading(request, response, receiver, wheel, limits)
  }
}

/** One body being read. It is its own entry in the deadline wheel, so that the guard against slow senders costs no timer each. */
class BodyReading implements WheelEntry {
  expiresAt: number
  wheelNext: WheelEntry | undefined = undefined
  wheelPrevious: WheelEntry | undefined = undefined
  wheelSlot = -1
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #receiver: Receiver
  readonly #wheel: DeadlineWheel
  readonly #chunks = new BodyChunks()
  #over = false

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    receiver: Receiver,
    wheel: DeadlineWheel,
    { clock, bodyTimeoutMs }: HandlerLimits,
  ) {
    this.#request = request
    this.#response = response
    this.#receiver = receiver
    this.#wheel = wheel
    const now = clock.monotonic()
    this.expiresAt = now + bodyTimeoutMs
    wheel.arm(this, now)
    request.on('data', (chunk: Buffer) => this.#take(chunk))
    request.on('end', () => this.#finish())
    // 'close' follows 'end' as well; before it, the sender went away and there is nobody to answer.
    request.on('close', () => this.#leave())
    request.on('error', () => this.#leave())
  }

  expire(): void {
    this.#cutOff('slow-body')
  }

  #take(chunk: Buffer): void {
    if (this.#over) return
    if (this.#chunks.size + chunk.length > this.#receiver.source.maxBodyBytes) this.#cutOff('body-too-large')
    else this.#chunks.push(chunk)
  }

  #finish(): void {
    if (this.#over) return
    this.#leave()
    const body = this.#chunks.take()
    const { source } = this.#receiver
    const { method = 'POST', url = '/', headers } = this.#request
    const origin = source.publicOrigin ?? `https://${headers.host ?? 'localhost'}`
    const message = { method, url: origin + url, headers: distinct(this.#request, source.decisiveHeaders), body }
    this.#receiver.receive(message).then(
      (receipt) => end(this.#response, receipt),
      () => end(this.#response, this.#receiver.refuse('not-durable')),
    )
  }

  #cutOff(reason: ReceiveRefusal): void {
    if (this.#over) return
    this.#leave()
    this.#chunks.forget()
    cutOff(this.#request, this.#response, this.#receiver, reason)
  }

  #leave(): void {
    this.#over = true
    this.#wheel.disarm(this)
  }
}

/** Headers of which node:http keeps the first and drops the others, so that a second one would go unnoticed. */
const droppedRepetitions = new Set(['authorization', 'proxy-authorization', 'from', 'referer', 'user-agent', 'host'])

function distinct(request: IncomingMessage, names: readonly string[]): HeaderFields {
  let headers: Record<string, string | string[] | undefined> = request.headers
  for (const name of names) {
    if (!droppedRepetitions.has(name)) continue
    headers = { ...headers, [name]: request.headersDistinct[name] }
  }
  return headers
}

/** Answers before the whole body came, and closes: the rest is not worth reading. */
function cutOff(request: IncomingMessage, response: ServerResponse, receiver: Receiver, reason: ReceiveRefusal): void {
  const receipt = receiver.refuse(reason)
  request.pause()
  response.once('finish', () => request.destroy())
  response.writeHead(receipt.status, { ...receiptHeaders(receipt), 'content-length': 0, connection: 'close' }).end()
}

const emptyOk = ['content-length', '0']

function end(response: ServerResponse, receipt: Receipt): void {
  if (response.headersSent || response.destroyed) return
  const { status, body = '' } = receipt
  if (status === 200 && body === '') response.writeHead(200, emptyOk).end()
  else
    response
      .writeHead(status, { ...receiptHeaders(receipt), 'content-length': String(Buffer.byteLength(body)) })
      .end(body)
}
