import { createHash, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import type { Random } from '@patchbay/core'
import { type JwtAlgorithm, signJwt, signSharedJwt } from '@patchbay/core/credentials'
import { compileSigner, newWebhookSecret, type SignedPart, type WebhookScheme } from '@patchbay/core/webhooks'
import type { DraftMessage } from './draft-message.ts'

/** What the vendor signs with, and what its customer verifies with. */
export interface WebhookKeys {
  readonly signing: string
  /** For the inbox: secrets, or public keys. */
  readonly verifying:
    | { readonly secrets: readonly string[] }
    | { readonly secrets: readonly []; readonly keys: readonly string[] }
}

/** A secret or key pair that fits a scheme. */
export function webhookKeys(scheme: WebhookScheme, random: Random): WebhookKeys {
  const shared = (secret: string): WebhookKeys => ({ signing: secret, verifying: { secrets: [secret] } })
  const hex = Buffer.from(random.bytes(24)).toString('hex')
  switch (scheme.kind) {
    case 'standard-webhooks':
      return shared(newWebhookSecret(random).reveal())
    case 'hmac':
      if (scheme.key === 'standard-webhooks') return shared(newWebhookSecret(random).reveal())
      return shared(
        scheme.key === 'base64'
          ? Buffer.from(hex, 'hex').toString('base64')
          : scheme.key === 'hex'
            ? hex
            : `simulated-${hex}`,
      )
    case 'asymmetric':
      return pair(scheme.algorithm)
    case 'jwt':
      return scheme.algorithms[0]?.startsWith('HS') === true
        ? shared(`simulated-${hex}${hex}`)
        : pair(scheme.algorithms[0] ?? 'RS256')
    case 'sns':
      throw new TypeError('messages of SNS are signed with a certificate of the vendor, which the simulator has not')
    default:
      return shared(`simulated-${hex}`)
  }
}

function pair(algorithm: string): WebhookKeys {
  const made = /^(ecdsa|ES256)/i.test(algorithm)
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : /^ed/i.test(algorithm)
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signing = made.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const key = createPublicKey(signing).export({ format: 'pem', type: 'spki' }).toString()
  return { signing, verifying: { secrets: [], keys: [key] } }
}

export interface SigningContext {
  readonly scheme: WebhookScheme
  readonly signing: string
  /** Of the delivery. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Writes everything that the scheme asks for: time, id, token or signature. */
export function signMessage(message: DraftMessage, { scheme, signing, id, at }: SigningContext): void {
  const name = 'messageId' in scheme ? [scheme.messageId ?? []].flat() : []
  for (const field of name) if (message.read(field) === undefined) message.write(field, id)
  switch (scheme.kind) {
    case 'standard-webhooks': {
      const headers = compileSigner([signing])({ id, sentAt: at, body: message.bytes })
      const prefix = scheme.headers ?? 'webhook-'
      for (const [key, value] of Object.entries(headers)) message.headers.set(key.replace('webhook-', prefix), value)
      return
    }
    case 'shared-token':
      message.write(scheme.token, (scheme.prefix ?? '') + signing)
      return
    case 'jwt':
      message.write(scheme.token, (scheme.prefix ?? '') + token(message, scheme, signing, id, at))
      return
    case 'sns':
      return
    default: {
      const { timestamp, bodyHash } = scheme
      if (timestamp !== undefined) {
        const texts = { s: String(Math.floor(at / 1000)), ms: String(at), iso: new Date(at).toISOString() }
        message.write(timestamp.field, texts[timestamp.unit])
      }
      if (bodyHash !== undefined) message.write(bodyHash, createHash('sha256').update(message.bytes).digest('hex'))
      const content = Buffer.concat(scheme.signed.map((part) => partBytes(part, message)))
      message.write(
        scheme.signature,
        (scheme.prefix ?? '') + signatureOf(scheme, content, signing).toString(scheme.encoding),
      )
    }
  }
}

function partBytes(part: SignedPart, message: DraftMessage): Buffer {
  if ('literal' in part) return Buffer.from(part.literal)
  if ('body' in part) return message.bytes
  if ('url' in part) return Buffer.from(message.url.href)
  if ('method' in part) return Buffer.from('POST')
  if ('form' in part) {
    const pairs = message.form ? message.pairs.sort(([a], [b]) => (a < b ? -1 : 1)) : []
    return Buffer.from(pairs.map(([key, value]) => key + value).join(''))
  }
  return Buffer.from(message.read(part) ?? '')
}

type Signed = Extract<WebhookScheme, { kind: 'hmac' | 'asymmetric' }>

function signatureOf(scheme: Signed, content: Buffer, signing: string): Buffer {
  if (scheme.kind === 'hmac')
    return createHmac(scheme.algorithm, keyBytes(scheme.key, signing)).update(content).digest()
  const key = createPrivateKey(signing)
  switch (scheme.algorithm) {
    case 'ed25519':
      return sign(null, content, key)
    case 'ecdsa-p256-sha256':
      return sign('sha256', content, { key, dsaEncoding: scheme.form ?? 'der' })
    case 'rsa-pss-sha256':
      return sign('sha256', content, { key, padding: 6, saltLength: 32 })
    default:
      return sign('sha256', content, key)
  }
}

function keyBytes(form: Extract<Signed, { kind: 'hmac' }>['key'], text: string): Buffer {
  if (form === 'hex' || form === 'base64') return Buffer.from(text, form)
  return form === 'standard-webhooks' ? Buffer.from(text.replace(/^whsec_/, ''), 'base64') : Buffer.from(text)
}

function token(
  message: DraftMessage,
  scheme: Extract<WebhookScheme, { kind: 'jwt' }>,
  signing: string,
  id: string,
  at: number,
): string {
  const seconds = Math.floor(at / 1000)
  const hash = scheme.bodyHashClaim
  const claims: Record<string, unknown> = {
    ...scheme.claims,
    iat: seconds,
    exp: seconds + 300,
    [scheme.messageIdClaim ?? 'jti']: id,
    ...(scheme.issuer === undefined ? {} : { iss: scheme.issuer }),
    ...(scheme.audience === undefined ? {} : { aud: scheme.audience }),
    ...(hash === undefined
      ? {}
      : {
          [hash]: createHash('sha256')
            .update(message.bytes)
            .digest(scheme.bodyHashEncoding ?? 'hex'),
        }),
  }
  const algorithm = scheme.algorithms[0] ?? 'RS256'
  if (algorithm === 'HS256') return signSharedJwt(Buffer.from(signing), {}, claims)
  return signJwt(createPrivateKey(signing), algorithm as JwtAlgorithm, {}, claims)
}
