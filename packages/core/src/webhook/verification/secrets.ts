import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import { type MaybeSecret, secret as wrap } from '../../secret.ts'

/** A secret and when it counts, for rotations. Times are milliseconds since 1970. */
export interface RotatedSecret {
  readonly secret: MaybeSecret<string>
  readonly notBefore?: number | undefined
  readonly notAfter?: number | undefined
}

export type WebhookSecret = MaybeSecret<string> | RotatedSecret

export interface TimedKey<K> {
  readonly key: K
  readonly notBefore: number
  readonly notAfter: number
  /** Position in the configuration. */
  readonly index: number
}

function isRotated(value: WebhookSecret): value is RotatedSecret {
  return typeof value === 'object' && 'secret' in value
}

/** Reads the configured secrets with `decode`. Fails when there is none: nothing would ever be accepted, or everything. */
export function timedKeys<K>(
  secrets: readonly WebhookSecret[] | undefined,
  decode: (text: string, name: string) => K,
): readonly TimedKey<K>[] {
  if (secrets === undefined || secrets.length === 0)
    throw patchbayError({
      kind: 'config',
      message: 'webhook verifier: secrets is empty; give at least one secret of this source',
    })
  return secrets.map((entry, index) => {
    const { secret, notBefore, notAfter } = isRotated(entry) ? entry : { secret: entry }
    const text = wrap(secret).reveal()
    const name = `secrets[${index}]`
    if (typeof text !== 'string' || text === '')
      throw patchbayError({
        kind: 'config',
        message: `webhook verifier: ${name} is empty; give the secret of this source`,
      })
    const from = notBefore ?? Number.NEGATIVE_INFINITY
    const until = notAfter ?? Number.POSITIVE_INFINITY
    if (!(from < until))
      throw patchbayError({
        kind: 'config',
        message: `webhook verifier: ${name} has a notAfter that is not after its notBefore`,
      })
    return { key: decode(text, name), notBefore: from, notAfter: until, index }
  })
}

/** The keys that count now. One without limits, the common case, is given back without a look at the clock. */
export function activeKeys<K>(keys: readonly TimedKey<K>[], clock: Clock): () => readonly TimedKey<K>[] {
  if (keys.every(({ notBefore, notAfter }) => notBefore === -Infinity && notAfter === Infinity)) return () => keys
  return () => {
    const now = clock.now()
    return keys.filter(({ notBefore, notAfter }) => notBefore <= now && now < notAfter)
  }
}

export type KeyEncoding = 'utf8' | 'base64' | 'hex' | 'standard-webhooks'

export const standardWebhooksSecretPrefix = 'whsec_'

/** Key bytes of a secret text. Strict: bytes that would be dropped silently make another key. */
export function decodeSecret(text: string, encoding: KeyEncoding, name: string): Buffer {
  const body =
    encoding === 'standard-webhooks' && text.startsWith(standardWebhooksSecretPrefix)
      ? text.slice(standardWebhooksSecretPrefix.length)
      : text
  if (encoding === 'utf8') return Buffer.from(body, 'utf8')
  const format = encoding === 'hex' ? 'hex' : 'base64'
  const bytes = Buffer.from(body, format)
  const back = bytes.toString(format)
  const same = format === 'hex' ? back === body.toLowerCase() : back.replace(/=+$/, '') === body.replace(/=+$/, '')
  if (bytes.length === 0 || !same)
    throw patchbayError({
      kind: 'config',
      message: `webhook verifier: ${name} is not valid ${format}; copy it again from the sender`,
    })
  return bytes
}

export function hmacKey(text: string, encoding: KeyEncoding, name: string): KeyObject {
  return createSecretKey(decodeSecret(text, encoding, name))
}
