import type { Handshake } from './handshake.ts'
import type { Field, HmacScheme, SignedPart, StandardWebhooksScheme, WebhookScheme } from './scheme.ts'

/** All that is known about how a sender sends its webhooks. Data only: a source is a preset and the secrets. */
export interface WebhookPreset<S extends WebhookScheme = WebhookScheme> {
  readonly scheme: S
  readonly handshakes?: readonly Handshake[]
  /** Headers kept with each message, besides `content-type`. Lower-case names. */
  readonly keep?: readonly string[]
  /**
   * What counts as a repetition when a message carries no id. `content` (default): the same bytes, with the same signed time. `arrival`:
   * nothing, every arrival is a message of its own; for senders whose messages are rightly equal, such as "something changed in account
   * 7", where the second one would be lost otherwise. Messages that are sent again, or replayed, are then handled again.
   */
  readonly unnamed?: 'content' | 'arrival'
  /** The sender's own limit in bytes, where it is above the default of 1 MiB. */
  readonly maxBodyBytes?: number
  /** The sender's page about it. */
  readonly documentation: string
}

/** Types a preset by its scheme, so that `compileVerifier` knows whether the verifier answers at once. Gives the same object back. */
export const preset = <S extends WebhookScheme>(value: WebhookPreset<S>): WebhookPreset<S> => value

/** The value of a header, by its lower-case name. */
export const header = (name: string): Field => ({ from: 'header', name })

/** The value of a parameter in the URL's query. */
export const query = (name: string): Field => ({ from: 'query', name })

/** The value at a dotted path of the JSON body, such as `event.id`; `*` stands for every item of an array. */
export const body = (path: string): Field => ({ from: 'body', path })

/** A pair inside a structured header, such as `t` of `t=1,v1=ab`. */
export const headerPair = (name: string, pair: string, separator: ',' | ';' = ','): Field => ({
  from: 'header-pair',
  name,
  pair,
  separator,
})

/** The body's bytes as received: what most senders sign. */
export const rawBody: SignedPart = { body: 'raw' }

/** HMAC-SHA256 over the raw body, in one header; the commonest scheme of all. */
export function bodyHmac(
  signature: string,
  encoding: 'hex' | 'base64',
  rest: Partial<Pick<HmacScheme, 'prefix' | 'messageId' | 'algorithm' | 'separator' | 'timestamp'>> = {},
): HmacScheme {
  return { kind: 'hmac', algorithm: 'sha256', signed: [rawBody], signature: header(signature), encoding, ...rest }
}

/** One header `t=<seconds>,v1=<hex>`; HMAC-SHA256 over `<seconds>.<body>`. */
export function pairedTimestampHmac(name: string, messageId?: Field): HmacScheme {
  const timestamp = headerPair(name, 't')
  return {
    kind: 'hmac',
    algorithm: 'sha256',
    signed: [timestamp, { literal: '.' }, rawBody],
    signature: headerPair(name, 'v1'),
    encoding: 'hex',
    timestamp: { field: timestamp, unit: 's' },
    ...(messageId === undefined ? {} : { messageId }),
  }
}

/** Two headers, `v0=<hex>` and the seconds; HMAC-SHA256 over `v0:<seconds>:<body>`. */
export function versionedTimestampHmac(signature: string, timestamp: string, messageId?: Field): HmacScheme {
  return {
    kind: 'hmac',
    algorithm: 'sha256',
    signed: [{ literal: 'v0:' }, header(timestamp), { literal: ':' }, rawBody],
    signature: header(signature),
    prefix: 'v0=',
    encoding: 'hex',
    timestamp: { field: header(timestamp), unit: 's' },
    ...(messageId === undefined ? {} : { messageId }),
  }
}

/** Standard Webhooks, as every sender that follows the specification sends them. */
export const standardWebhooks: WebhookPreset<StandardWebhooksScheme> = {
  scheme: { kind: 'standard-webhooks' },
  documentation: 'https://www.standardwebhooks.com/',
}
