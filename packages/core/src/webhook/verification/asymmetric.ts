import { constants, type KeyObject, verify as verifySignature } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import type { AsymmetricScheme, SignatureEncoding } from '../scheme.ts'
import { compileFieldList, compileMessageId } from './fields.ts'
import { compileBodyHash, mostSignatures } from './hmac.ts'
import { type InboundMessage, refused, type Verdict, type Verifier } from './message.ts'
import { type KeyDemand, keyFits, type PublicKeyInput, readPublicKey } from './public-keys.ts'
import { type ByteSink, compileSignedContent } from './signed-content.ts'
import { compileTimestamp } from './timestamp.ts'

const demands: Readonly<Record<AsymmetricScheme['algorithm'], KeyDemand>> = {
  'rsa-sha256': 'rsa',
  'rsa-pss-sha256': 'rsa',
  'ecdsa-p256-sha256': 'ec-p256',
  ed25519: 'ed25519',
}

/** Bytes of a signature text; undefined unless it is written exactly as the encoding demands. */
export function decodeSignature(text: string, encoding: SignatureEncoding): Buffer | undefined {
  const bytes = Buffer.from(text, encoding)
  if (bytes.length === 0) return undefined
  return bytes.toString(encoding) === (encoding === 'hex' ? text.toLowerCase() : text) ? bytes : undefined
}

class Collected implements ByteSink {
  readonly #pieces: Uint8Array[] = []

  update(data: Uint8Array | string, encoding?: 'latin1' | 'utf8'): void {
    this.#pieces.push(typeof data === 'string' ? Buffer.from(data, encoding) : data)
  }

  bytes(): Uint8Array {
    return this.#pieces.length === 1 ? (this.#pieces[0] as Uint8Array) : Buffer.concat(this.#pieces)
  }
}

/** Compiles a scheme with public keys. */
export function compileAsymmetric(
  scheme: AsymmetricScheme,
  options: { readonly keys: readonly PublicKeyInput[] | undefined; readonly clock: Clock },
): Verifier<Verdict> {
  const keys = readKeys(options.keys, demands[scheme.algorithm])
  const digest = scheme.algorithm === 'ed25519' ? null : 'sha256'
  const settings = {
    dsaEncoding: scheme.form ?? 'der',
    ...(scheme.algorithm === 'rsa-pss-sha256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {}),
  } as const
  const holds = (key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean =>
    verifySignature(digest, data, { key, ...settings }, signature)

  const prefix = scheme.prefix ?? ''
  const readSignatures = compileFieldList(scheme.signature, 'missing-signature')
  const checkTimestamp = compileTimestamp(scheme.timestamp, options.clock)
  const readMessageId = compileMessageId(scheme.messageId)
  const content = compileSignedContent(scheme.signed)
  const bodyHash = compileBodyHash(scheme.bodyHash)

  return {
    verify(message: InboundMessage): Verdict {
      const fields = readSignatures(message)
      if ('accepted' in fields) return fields
      const signatures = candidates(fields, prefix, scheme)
      if (signatures.length === 0) return refused('malformed-signature')
      const sentAt = checkTimestamp(message)
      if (typeof sentAt === 'object') return sentAt
      const data = new Collected()
      const lacking = content.write(message, data)
      if (lacking !== undefined) return lacking
      const bytes = data.bytes()
      for (const [index, key] of keys.entries()) {
        if (!signatures.some((signature) => holds(key, bytes, signature))) continue
        const mismatch = bodyHash(message)
        if (mismatch !== undefined) return mismatch
        const messageId = readMessageId(message)
        if (typeof messageId === 'object') return messageId
        return { accepted: true, messageId, sentAt, key: index }
      }
      return refused('bad-signature')
    },
  }
}

function readKeys(inputs: readonly PublicKeyInput[] | undefined, demand: KeyDemand): readonly KeyObject[] {
  if (inputs === undefined || inputs.length === 0)
    throw patchbayError({
      kind: 'config',
      message: 'webhook verifier: keys is empty; give at least one public key of this source',
    })
  return inputs.map((input, index) => {
    const key = readPublicKey(input, `keys[${index}]`)
    if (!keyFits(key, demand))
      throw patchbayError({
        kind: 'config',
        message: `webhook verifier: keys[${index}] is no ${demand} key, which the scheme demands`,
      })
    return key
  })
}

function candidates(fields: readonly string[], prefix: string, scheme: AsymmetricScheme): readonly Buffer[] {
  const signatures: Buffer[] = []
  let seen = 0
  for (const field of fields)
    for (const text of scheme.separator === undefined ? [field] : field.split(scheme.separator, mostSignatures + 1)) {
      if (++seen > mostSignatures) return []
      const signature = text.startsWith(prefix)
        ? decodeSignature(text.slice(prefix.length), scheme.encoding)
        : undefined
      if (signature !== undefined) signatures.push(signature)
    }
  return signatures
}
