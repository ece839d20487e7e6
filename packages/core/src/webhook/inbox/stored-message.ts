import { isUtf8 } from 'node:buffer'
import type { InboundMessage } from '../verification/message.ts'

/** A message as the inbox keeps it. Short names: this is written once per message. */
interface StoredForm {
  /** Received at, milliseconds since 1970. */
  readonly at: number
  /** Signed time of sending. */
  readonly sent?: number
  readonly h: Readonly<Record<string, string>>
  /** The body as text when it is UTF-8, else as base64 in `x`. */
  readonly b?: string
  readonly x?: string
}

/** A verified message on its way to its handler. */
export interface InboxMessage {
  readonly source: string
  /** The sender's id, or a digest of the content when it sends none: equal on every delivery, so it makes effects idempotent. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly receivedAt: number
  /** Signed time of sending, milliseconds since 1970. */
  readonly sentAt: number | undefined
  /** The headers that the source keeps, with lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The bytes as received. */
  readonly body: Uint8Array
  text(): string
  /** Parsed at each call. @throws SyntaxError when the body is no JSON. */
  json(): unknown
}

export function keptHeaders(message: InboundMessage, keep: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of keep) {
    const value = Object.hasOwn(message.headers, name) ? message.headers[name] : undefined
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return headers
}

export function encodeMessage(
  message: InboundMessage,
  keep: readonly string[],
  receivedAt: number,
  sentAt: number | undefined,
): string {
  const { body } = message
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const stored: StoredForm = {
    at: receivedAt,
    ...(sentAt === undefined ? {} : { sent: sentAt }),
    h: keptHeaders(message, keep),
    ...(isUtf8(body) ? { b: bytes.toString('utf8') } : { x: bytes.toString('base64') }),
  }
  return JSON.stringify(stored)
}

class StoredMessage implements InboxMessage {
  readonly source: string
  readonly id: string
  readonly receivedAt: number
  readonly sentAt: number | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly #text: string | undefined
  #bytes: Uint8Array | undefined

  constructor(source: string, id: string, stored: StoredForm) {
    this.source = source
    this.id = id
    this.receivedAt = stored.at
    this.sentAt = stored.sent
    this.headers = stored.h
    this.#text = stored.b
    if (stored.x !== undefined) this.#bytes = Buffer.from(stored.x, 'base64')
  }

  get body(): Uint8Array {
    this.#bytes ??= Buffer.from(this.#text ?? '', 'utf8')
    return this.#bytes
  }

  text(): string {
    return this.#text ?? Buffer.from(this.body).toString('utf8')
  }

  json(): unknown {
    return JSON.parse(this.text())
  }
}

export function decodeMessage(source: string, id: string, data: string): InboxMessage {
  return new StoredMessage(source, id, JSON.parse(data) as StoredForm)
}
