import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../../../clock.ts'
import type { SeededRandom } from '../../time/seeded-random.ts'
import type { Reply } from './good-answer.ts'
import type { WireRequest } from './request-reader.ts'

/** Thrown inside a fault's `serve` when the client has gone: there is nobody left to serve. */
export const gone: unique symbol = Symbol('the client has gone')

/** What a fault has to play with: the request, and the bare socket. */
export interface ExchangeParts {
  readonly request: WireRequest
  readonly good: Reply
  /** The stream to write to: TCP, or TLS over it. */
  readonly socket: Socket
  /** The TCP socket below. */
  readonly tcp: Socket
  readonly clock: Clock
  readonly random: SeededRandom
  readonly stepMs: number
  /** Requests of this target before this one. */
  readonly earlier: number
  /** Requests on this connection before this one. */
  readonly earlierOnConnection: number
  /** Notes of the target, for faults that remember. */
  readonly memory: Map<string, unknown>
  readonly origin: string
  /** URL prefix of the second origin, and that of its address in another spelling. */
  readonly otherOrigin: string
  readonly otherPort: number
  readonly count: (bytes: number) => void
}

export class Exchange {
  readonly request: WireRequest
  /** The sound answer to this request. */
  readonly good: Reply
  readonly random: SeededRandom
  /** Milliseconds between the parts of paced answers. */
  readonly stepMs: number
  readonly earlier: number
  readonly earlierOnConnection: number
  readonly memory: Map<string, unknown>
  readonly origin: string
  readonly otherOrigin: string
  readonly otherPort: number
  /** Wall clock of the server, for dates in headers. */
  readonly now: () => number
  readonly #parts: ExchangeParts

  constructor(parts: ExchangeParts) {
    this.request = parts.request
    this.good = parts.good
    this.random = parts.random
    this.stepMs = parts.stepMs
    this.earlier = parts.earlier
    this.earlierOnConnection = parts.earlierOnConnection
    this.memory = parts.memory
    this.origin = parts.origin
    this.otherOrigin = parts.otherOrigin
    this.otherPort = parts.otherPort
    this.now = parts.clock.now
    this.#parts = parts
  }

  /** Path of the request without its query. */
  get path(): string {
    return this.request.target.split('?', 1)[0] as string
  }

  get query(): URLSearchParams {
    return new URL(this.request.target, this.origin).searchParams
  }

  /** Writes bytes as they are; resolves when they are handed to the system. */
  send(bytes: string | Uint8Array): Promise<void> {
    const { socket, count } = this.#parts
    if (socket.destroyed || !socket.writable) return Promise.reject(gone)
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    return new Promise((resolve, reject) => {
      socket.write(data, (error) => {
        if (error) return reject(gone)
        count(data.length)
        resolve()
      })
    })
  }

  /** Status line and header fields, the empty line included. */
  head(status: number, headers: Readonly<Record<string, string | number>>): Promise<void> {
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    return this.send(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${fields.join('')}\r\n`)
  }

  /** A whole, correct answer; the connection stays. */
  async respond(reply: Reply): Promise<void> {
    await this.head(reply.status, { ...reply.headers, 'content-length': reply.body.length })
    if (this.request.method !== 'HEAD') await this.send(reply.body)
  }

  async chunk(bytes: Uint8Array): Promise<void> {
    await this.send(`${bytes.length.toString(16)}\r\n`)
    await this.send(bytes)
    await this.send('\r\n')
  }

  /** Waits; ends early, by throwing {@link gone}, when the client closes. */
  wait(ms: number): Promise<void> {
    const { socket, clock } = this.#parts
    return new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(gone)
      const close = (): void => {
        stop()
        reject(gone)
      }
      const stop = clock.timer(ms, () => {
        socket.off('close', close)
        resolve()
      })
      socket.once('close', close)
    })
  }

  /** Says nothing more; ends when the client closes. */
  silence(): Promise<never> {
    const { socket } = this.#parts
    return new Promise((_, reject) => {
      if (socket.destroyed) reject(gone)
      else socket.once('close', () => reject(gone))
    })
  }

  /** Closes in order, after what was written. */
  finish(): void {
    this.#parts.socket.end()
  }

  /** Closes with a TCP reset. What the client has not read by then, it may never see. */
  reset(): void {
    this.#parts.tcp.resetAndDestroy()
    this.#parts.socket.destroy()
  }
}
