import { secretForms } from '../../replay/secret-forms.ts'
import type { Connection } from './listener.ts'
import type { WireRequest } from './request-reader.ts'

/** A request as the server got it. */
export interface ReceivedRequest extends WireRequest {
  /** From 1, in the order of arrival; never used twice. */
  readonly number: number
  /** Scheme, host and port that it came to. */
  readonly origin: string
  /** Number of the connection that carried it. */
  readonly connection: number
  /** Id of the fault that answered; undefined for a sound answer. */
  readonly fault: string | undefined
  /** What {@link import('../fault-case.ts').FaultTarget} it belongs to; undefined for other paths. */
  readonly run: string | undefined
}

export interface OpenSocket {
  readonly connection: number
  readonly origin: string
  readonly requests: number
}

/** A moment in the life of a ledger. */
export interface LedgerMark {
  readonly requests: number
  readonly bytesIn: ReadonlyMap<string, number>
}

/** What the server saw: every request, byte and connection. Bytes are those of HTTP, without TLS. */
export class Ledger {
  readonly requests: ReceivedRequest[] = []
  readonly #connections: Connection[] = []
  readonly #open = new Set<Connection>()
  readonly #bytesIn = new Map<string, number>()
  #requests = 0

  opened(connection: Connection): void {
    this.#connections.push(connection)
    this.#open.add(connection)
    connection.tcp.once('close', () => this.#open.delete(connection))
  }

  received(connection: Connection, bytes: number): void {
    connection.bytesIn += bytes
    this.#bytesIn.set(connection.origin, (this.#bytesIn.get(connection.origin) ?? 0) + bytes)
  }

  request(request: Omit<ReceivedRequest, 'number'>): void {
    this.requests.push({ ...request, number: ++this.#requests })
  }

  /** Remembers this moment for {@link since}; {@link clear} does not disturb it. */
  mark(): LedgerMark {
    return { requests: this.#requests, bytesIn: new Map(this.#bytesIn) }
  }

  /** What came to one origin since. */
  since(mark: LedgerMark, origin: string): { readonly requests: number; readonly bytesIn: number } {
    const requests = this.requests.filter((request) => request.origin === origin && request.number > mark.requests)
    const bytesIn = (this.#bytesIn.get(origin) ?? 0) - (mark.bytesIn.get(origin) ?? 0)
    return { requests: requests.length, bytesIn }
  }

  get open(): readonly OpenSocket[] {
    return [...this.#open].map(({ id, origin, requests }) => ({ connection: id, origin, requests }))
  }

  /** Connections accepted; from one origin when given. */
  connections(origin?: string): number {
    return this.#of(origin).length
  }

  bytes(origin?: string): { readonly in: number; readonly out: number } {
    let received = 0
    let sent = 0
    for (const { bytesIn, bytesOut } of this.#of(origin)) {
      received += bytesIn
      sent += bytesOut
    }
    return { in: received, out: sent }
  }

  /** The origins that received `value` in a request target, a header field or a body, plain, URL-encoded, in hexadecimal or inside Base64. */
  whoSaw(value: string): string[] {
    const forms = secretForms(value)
    const saw = (request: ReceivedRequest): boolean => {
      const text = `${request.target}\n${Object.values(request.headers).join('\n')}\n${Buffer.from(request.body).toString('latin1')}`
      return forms.some((form) => text.includes(form))
    }
    return [...new Set(this.requests.filter(saw).map(({ origin }) => origin))]
  }

  /** Counts from zero. Open connections stay open and are counted again. */
  clear(): void {
    this.requests.length = 0
    this.#connections.splice(0, this.#connections.length, ...this.#open)
    for (const connection of this.#open) {
      connection.bytesIn = 0
      connection.bytesOut = 0
    }
  }

  /** Destroys every open socket. */
  destroyAll(): void {
    for (const { socket, tcp } of this.#open) {
      socket.destroy()
      tcp.destroy()
    }
  }

  #of(origin: string | undefined): readonly Connection[] {
    return origin === undefined ? this.#connections : this.#connections.filter((entry) => entry.origin === origin)
  }
}
