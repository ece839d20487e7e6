import { createHash, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { HmacScheme, SignatureEncoding } from '../scheme.ts'
import { compileField, compileFieldList, compileMessageId } from './fields.ts'
import { type InboundMessage, type Refused, refused, type Verdict, type Verifier } from './message.ts'
import { activeKeys, hmacKey, type TimedKey, timedKeys, type WebhookSecret } from './secrets.ts'
import { compileSignedContent } from './signed-content.ts'
import { compileTimestamp } from './timestamp.ts'

const digestBytes = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const

/** More signatures than a rotation of a few secrets needs would only make us hash and compare. */
export const mostSignatures = 16

function encodedLength(bytes: number, encoding: SignatureEncoding): number {
  if (encoding === 'hex') return bytes * 2
  return encoding === 'base64' ? Math.ceil(bytes / 3) * 4 : Math.ceil((bytes * 4) / 3)
}

/**
 * Compares our encoded digest with the signatures of a message. Encoding ours is cheaper than decoding theirs, and a base64 text with
 * stray bits or characters cannot pass. The scratch buffers live as long as the verifier: a verification is synchronous.
 */
class SignatureMatcher {
  readonly #ours: Buffer
  readonly #theirs: Buffer
  readonly #prefix: string
  readonly #separator: string | undefined
  readonly #length: number

  constructor(length: number, prefix: string, separator: string | undefined) {
    this.#ours = Buffer.alloc(length)
    this.#theirs = Buffer.alloc(length)
    this.#prefix = prefix
    this.#separator = separator
    this.#length = length
  }

  /** Whether `field` holds at least one signature of the right form, and not too many: known before anything is hashed. */
  check(field: string): Refused | undefined {
    if (this.#separator === undefined) return this.#fits(field, 0, field.length) ? undefined : malformed
    let plausible = 0
    let seen = 0
    for (let from = 0; from <= field.length; ) {
      const to = this.#end(field, from)
      if (++seen > mostSignatures) return malformed
      if (this.#fits(field, from, to)) plausible++
      from = to + this.#separator.length
    }
    return plausible > 0 ? undefined : malformed
  }

  /** Whether one of the signatures in `field` is `digest`, in a time that does not depend on where they differ. */
  matches(field: string, digest: string): boolean {
    this.#ours.write(digest, 'latin1')
    if (this.#separator === undefined) return this.#equal(field, 0, field.length)
    let found = false
    for (let from = 0; from <= field.length; ) {
      const to = this.#end(field, from)
      if (this.#equal(field, from, to)) found = true
      from = to + this.#separator.length
    }
    return found
  }

  #end(field: string, from: number): number {
    const at = field.indexOf(this.#separator as string, from)
    return at === -1 ? field.length : at
  }

  #fits(field: string, from: number, to: number): boolean {
    return to - from === this.#prefix.length + this.#length && field.startsWith(this.#prefix, from)
  }

  #equal(field: string, from: number, to: number): boolean {
    if (!this.#fits(field, from, to)) return false
    // A header has latin-1 characters only, so one byte each is exact; were there others, the digest could not be hit but by itself.
    this.#theirs.write(field.slice(from + this.#prefix.length, to), 'latin1')
    return timingSafeEqual(this.#ours, this.#theirs)
  }
}

const malformed = refused('malformed-signature')

/** Compiles an HMAC scheme. Signature and timestamp are checked for form and age before anything is hashed. */
export function compileHmac(
  scheme: HmacScheme,
  options: { readonly secrets: readonly WebhookSecret[] | undefined; readonly clock: Clock },
): Verifier<Verdict> {
  const { algorithm, encoding } = scheme
  const keys = timedKeys(options.secrets, (text, name) => hmacKey(text, scheme.key ?? 'utf8', name))
  const active = activeKeys(keys, options.clock)
  const matcher = new SignatureMatcher(
    encodedLength(digestBytes[algorithm], encoding),
    scheme.prefix ?? '',
    scheme.separator,
  )
  const readSignature = compileField(scheme.signature, 'missing-signature')
  const readSignatures =
    scheme.signature.from === 'header-pair' ? compileFieldList(scheme.signature, 'missing-signature') : undefined
  const checkTimestamp = compileTimestamp(scheme.timestamp, options.clock)
  const readMessageId = compileMessageId(scheme.messageId)
  const content = compileSignedContent(scheme.signed)
  const bodyHash = compileBodyHash(scheme.bodyHash)

  const verify = (message: InboundMessage): Verdict => {
    const signatures = readSignatures === undefined ? readSignature(message) : readSignatures(message)
    if (typeof signatures === 'object' && 'accepted' in signatures) return signatures
    const form = typeof signatures === 'string' ? matcher.check(signatures) : checkAll(matcher, signatures)
    if (form !== undefined) return form
    const sentAt = checkTimestamp(message)
    if (typeof sentAt === 'object') return sentAt
    const candidates = active()
    if (candidates.length === 0) return refused('no-active-secret')
    for (const candidate of candidates) {
      const digest = digestOf(message, candidate)
      if (typeof digest !== 'string') return digest
      const found =
        typeof signatures === 'string' ? matcher.matches(signatures, digest) : matchesAny(matcher, signatures, digest)
      if (!found) continue
      const mismatch = bodyHash(message)
      if (mismatch !== undefined) return mismatch
      const messageId = readMessageId(message)
      if (typeof messageId === 'object') return messageId
      return { accepted: true, messageId, sentAt, key: candidate.index }
    }
    return refused('bad-signature')
  }

  const digestOf = (message: InboundMessage, candidate: TimedKey<KeyObject>): string | Refused => {
    const hmac = createHmac(algorithm, candidate.key)
    return content.write(message, hmac) ?? hmac.digest(encoding)
  }
  return { verify }
}

function checkAll(matcher: SignatureMatcher, signatures: readonly string[]): Refused | undefined {
  return signatures.some((one) => matcher.check(one) === undefined) ? undefined : malformed
}

function matchesAny(matcher: SignatureMatcher, signatures: readonly string[], digest: string): boolean {
  let found = false
  for (const one of signatures) if (matcher.matches(one, digest)) found = true
  return found
}

/** Some senders sign a URL that carries the body's hash instead of the body; then that hash must hold. */
export function compileBodyHash(field: HmacScheme['bodyHash']): (message: InboundMessage) => Refused | undefined {
  if (field === undefined) return () => undefined
  const absent = refused('missing-field')
  const read = compileField(field, 'missing-field')
  return (message) => {
    const told = read(message)
    if (told === absent) return undefined
    if (typeof told !== 'string') return told
    const hash = createHash('sha256').update(message.body).digest('hex')
    return told.toLowerCase() === hash ? undefined : refused('body-mismatch')
  }
}
