import { createHmac, createPrivateKey, createPublicKey, createSecretKey, type KeyObject, sign } from 'node:crypto'
import { type Random, systemRandom } from '../clock.ts'
import { patchbayError } from '../errors.ts'
import { type MaybeSecret, Secret, secret as wrap } from '../secret.ts'
import { isMessageId } from './verification/fields.ts'
import { standardWebhooksPublicPrefix } from './verification/public-keys.ts'
import { decodeSecret, standardWebhooksSecretPrefix } from './verification/secrets.ts'

const privatePrefix = 'whsk_'
const ed25519Pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

/** What a Standard Webhooks message needs to be signed. */
export interface SignableMessage {
  readonly id: string
  /** Time of this try, milliseconds since 1970. Sent as whole seconds. */
  readonly sentAt: number
  readonly body: Uint8Array | string
}

/** The three headers of Standard Webhooks. */
export interface SignedHeaders {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

type SignOne = (content: Uint8Array | string, body: Uint8Array | string) => string

/**
 * Signs with every given secret, newest first, so that receivers can rotate: `whsec_` (24 to 64 bytes, base64) makes `v1` (HMAC-SHA256),
 * `whsk_` (an Ed25519 seed of 32 bytes, or seed and public key of 64) makes `v1a`.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function compileSigner(secrets: readonly MaybeSecret<string>[]): (message: SignableMessage) => SignedHeaders {
  if (secrets.length === 0)
    throw patchbayError({
      kind: 'config',
      message: 'webhook signer: secrets is empty; generate one with newWebhookSecret',
    })
  const signers = secrets.map((one, index) => signerOf(wrap(one).reveal(), `secrets[${index}]`))
  return ({ id, sentAt, body }) => {
    if (!isMessageId(id))
      throw patchbayError({
        kind: 'invalid-input',
        message: 'webhook message: id must be 1 to 256 visible ASCII characters',
      })
    const timestamp = String(Math.floor(sentAt / 1000))
    const head = `${id}.${timestamp}.`
    const signatures = signers.map((signOne) => signOne(head, body))
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
  }
}

function signerOf(text: string, name: string): SignOne {
  if (text.startsWith(privatePrefix)) {
    const key = privateKeyOf(text, name)
    return (head, body) =>
      `v1a,${sign(null, Buffer.concat([Buffer.from(head), Buffer.from(body)]), key).toString('base64')}`
  }
  const bytes = decodeSecret(text, 'standard-webhooks', name)
  if (bytes.length < 24 || bytes.length > 64)
    throw patchbayError({
      kind: 'config',
      message: `webhook signer: ${name} has ${bytes.length} bytes; the standard wants 24 to 64`,
    })
  const key = createSecretKey(bytes)
  return (head, body) => `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`
}

function privateKeyOf(text: string, name: string): KeyObject {
  const bytes = decodeSecret(text.slice(privatePrefix.length), 'base64', name)
  if (bytes.length !== 32 && bytes.length !== 64)
    throw patchbayError({ kind: 'config', message: `webhook signer: ${name} is no Ed25519 key of 32 or 64 bytes` })
  return createPrivateKey({
    key: Buffer.concat([ed25519Pkcs8Head, bytes.subarray(0, 32)]),
    format: 'der',
    type: 'pkcs8',
  })
}

/** A new symmetric secret of 32 random bytes: `whsec_…`. */
export function newWebhookSecret(random: Random = systemRandom): Secret<string> {
  return new Secret(standardWebhooksSecretPrefix + Buffer.from(random.bytes(32)).toString('base64'))
}

/** A new Ed25519 pair: `whsk_…` signs and stays here, `whpk_…` goes to the receivers. */
export function newWebhookKeyPair(random: Random = systemRandom): {
  readonly signing: Secret<string>
  readonly publicKey: string
} {
  const signing = new Secret(privatePrefix + Buffer.from(random.bytes(32)).toString('base64'))
  return { signing, publicKey: webhookPublicKey(signing) }
}

/** The `whpk_` key that belongs to a `whsk_` secret. */
export function webhookPublicKey(signing: MaybeSecret<string>): string {
  const key = createPublicKey(privateKeyOf(wrap(signing).reveal(), 'signing'))
  return standardWebhooksPublicPrefix + key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
}
