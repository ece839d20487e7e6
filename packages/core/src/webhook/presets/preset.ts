import type { Handshake } from '../handshake.ts'
import type { Field, HmacScheme, WebhookScheme } from '../scheme.ts'

/** All that is known about how a vendor sends its webhooks. Data only. */
export interface WebhookPreset<S extends WebhookScheme = WebhookScheme> {
  readonly scheme: S
  readonly handshakes?: readonly Handshake[]
  /** Headers kept with each message, besides `content-type`. */
  readonly keep?: readonly string[]
  /** The vendor's own limit, where it is above the default of 1 MiB. */
  readonly maxBodyBytes?: number
  /** The vendor's page about it. */
  readonly documentation: string
}

export const mebibyte = 1_048_576
export const raw = [{ body: 'raw' }] as const

export const header = (name: string): Field => ({ from: 'header', name })
export const query = (name: string): Field => ({ from: 'query', name })
export const body = (path: string): Field => ({ from: 'body', path })
export const pair = (name: string, pair: string, separator: ',' | ';' = ','): Field => ({
  from: 'header-pair',
  name,
  pair,
  separator,
})

/** HMAC-SHA256 over the raw body; the commonest scheme of all. */
export function bodyHmac(
  signature: string,
  encoding: 'hex' | 'base64',
  rest: Partial<Pick<HmacScheme, 'prefix' | 'messageId' | 'algorithm' | 'separator'>> = {},
): HmacScheme {
  return { kind: 'hmac', algorithm: 'sha256', signed: raw, signature: header(signature), encoding, ...rest }
}

export const preset = <S extends WebhookScheme>(value: WebhookPreset<S>): WebhookPreset<S> => value

/** Header-pair form shared by Stripe and those who took it over: `t=<seconds>,v1=<hex>` over `<seconds>.<body>`. */
export function pairedTimestamp(name: string, messageId?: Field): HmacScheme {
  const timestamp = pair(name, 't')
  return {
    kind: 'hmac',
    algorithm: 'sha256',
    signed: [timestamp, { literal: '.' }, ...raw],
    signature: pair(name, 'v1'),
    encoding: 'hex',
    timestamp: { field: timestamp, unit: 's' },
    ...(messageId === undefined ? {} : { messageId }),
  }
}

/** `v0=<hex>` over `v0:<seconds>:<body>`: Slack, and Zoom after it. */
export function versionedTimestamp(signature: string, timestamp: string, messageId?: Field): HmacScheme {
  return {
    kind: 'hmac',
    algorithm: 'sha256',
    signed: [{ literal: 'v0:' }, header(timestamp), { literal: ':' }, ...raw],
    signature: header(signature),
    prefix: 'v0=',
    encoding: 'hex',
    timestamp: { field: header(timestamp), unit: 's' },
    ...(messageId === undefined ? {} : { messageId }),
  }
}
