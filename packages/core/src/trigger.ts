import type { Schema } from './schema.ts'
import type { WebhookScheme } from './webhook/scheme.ts'

/** An inbound event that a vendor pushes; accepted only after verification by its declared scheme. */
export interface WebhookTrigger<Event = unknown> {
  readonly kind: 'webhook'
  readonly scheme: WebhookScheme
  readonly event: Schema<Event>
  /** Id of the delivery for the exact dedupe, out of headers (lower-case) or the parsed body. Default: what the scheme names. */
  messageId?(headers: Readonly<Record<string, string>>, body: unknown): string | undefined
  /** Messages of one key are handled in order. Undefined: no order needed. */
  entityKey?(event: Event, headers: Readonly<Record<string, string>>): string | undefined
}

/** An inbound event found by reading a stream of the connector again and again. */
export interface PolledTrigger {
  readonly kind: 'poll'
  /** Name of the stream. */
  readonly stream: string
  /** Milliseconds between reads. */
  readonly everyMs: number
}

export type Trigger = WebhookTrigger | PolledTrigger
