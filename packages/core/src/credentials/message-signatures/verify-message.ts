import type { KeyObject } from 'node:crypto'
import { fitsKey, type SignatureAlgorithm, signatureAlgorithms, verifyBase } from './algorithms.ts'
import { verifyContentDigest } from './content-digest.ts'
import { BaseProblem, type SignedMessage, signatureBase } from './signature-base.ts'
import { type InnerList, isInnerList, parseDictionary, serializeItem } from './structured-fields.ts'

/** A key that may have made a signature, with the one algorithm that it is used with. */
export interface VerificationKey {
  /** Public, or secret for HMAC. */
  readonly key: KeyObject
  readonly algorithm: SignatureAlgorithm
}

export interface VerifyMessageOptions {
  /** The key of a `keyid`; undefined when it is not known. */
  readonly keyOf: (keyId: string) => VerificationKey | undefined | Promise<VerificationKey | undefined>
  /** Components that a signature must cover to count, as they stand in Signature-Input without quotes: `@method`, `content-digest`. */
  readonly required: readonly string[]
  /** Wall-clock milliseconds. */
  readonly now: number
  /** Most seconds since `created`, which must be there. Default 300. */
  readonly maxAgeSeconds?: number | undefined
  /** Only the signature of this label. Default: the first that holds. */
  readonly label?: string | undefined
  /** Only signatures with this `tag`. */
  readonly tag?: string | undefined
  /** The body, needed when `content-digest` is covered: the signature covers the digest, and the digest the body. */
  readonly body?: string | Uint8Array | undefined
}

export type MessageVerdict =
  | {
      readonly valid: true
      readonly label: string
      readonly keyId: string
      readonly covered: readonly string[]
      readonly nonce: string | undefined
    }
  /** `reason` is for logs: do not tell it to the sender. */
  | { readonly valid: false; readonly reason: string }

/** Seconds that a sender's clock may be ahead. */
const leadSeconds = 30

/**
 * Verifies a signed message. Fails closed: what cannot be judged is not valid.
 * @see https://www.rfc-editor.org/rfc/rfc9421#section-3.2
 */
export async function verifyMessage(message: SignedMessage, options: VerifyMessageOptions): Promise<MessageVerdict> {
  const inputs = parseDictionary(fieldText(message, 'signature-input'))
  const signatures = parseDictionary(fieldText(message, 'signature'))
  if (inputs === undefined || signatures === undefined)
    return { valid: false, reason: 'the signature fields are malformed' }
  let reason = 'the message has no signature'
  for (const [label, input] of inputs) {
    if (options.label !== undefined && label !== options.label) continue
    const signature = signatures.get(label)
    if (!isInnerList(input) || signature === undefined || isInnerList(signature) || signature.bare.kind !== 'bytes')
      reason = `the signature "${label}" is incomplete`
    else {
      const verdict = await verifyOne(message, label, input, signature.bare.bytes, options)
      if (verdict.valid) return verdict
      reason = verdict.reason
    }
  }
  return { valid: false, reason }
}

async function verifyOne(
  message: SignedMessage,
  label: string,
  input: InnerList,
  signature: Buffer,
  options: VerifyMessageOptions,
): Promise<MessageVerdict> {
  const no = (reason: string): MessageVerdict => ({ valid: false, reason: `the signature "${label}" ${reason}` })
  const text = (name: string): string | undefined => {
    const bare = input.parameters.get(name)
    return bare?.kind === 'string' ? bare.text : undefined
  }
  const covered = input.items.map((item) => serializeItem(item).replace(/^"([^"]*)"/, '$1'))
  const missing = options.required.find((name) => !covered.includes(name))
  if (missing !== undefined) return no(`does not cover ${missing}`)
  if (options.tag !== undefined && text('tag') !== options.tag) return no('has another tag')
  const untimely = timeProblem(input, options)
  if (untimely !== undefined) return no(untimely)
  const keyId = text('keyid')
  const known = keyId === undefined ? undefined : await options.keyOf(keyId)
  if (keyId === undefined || known === undefined) return no('has an unknown keyid')
  const named = text('alg')
  // The key decides the algorithm; a signature that names another one is not asked why.
  if (!signatureAlgorithms.includes(known.algorithm) || (named !== undefined && named !== known.algorithm))
    return no('names another algorithm than its key has')
  if (!fitsKey(known.algorithm, known.key)) return no('has a key that does not fit its algorithm')
  try {
    if (!verifyBase(known.algorithm, known.key, signatureBase(message, input), signature)) return no('does not hold')
  } catch (error) {
    return no(error instanceof BaseProblem ? `cannot be checked: ${error.message}` : 'does not hold')
  }
  // Also one member of the field, or the field in another form, speaks for the body.
  const coversDigest = input.items.some(
    ({ bare, parameters }) => bare.kind === 'string' && bare.text === 'content-digest' && !parameters.has('req'),
  )
  if (coversDigest && !verifyContentDigest(fieldText(message, 'content-digest'), options.body ?? ''))
    return no('covers a digest that does not fit the body')
  return { valid: true, label, keyId, covered, nonce: text('nonce') }
}

function timeProblem(input: InnerList, { now, maxAgeSeconds = 300 }: VerifyMessageOptions): string | undefined {
  const seconds = (name: string): number | undefined => {
    const bare = input.parameters.get(name)
    return bare?.kind === 'integer' ? bare.number : undefined
  }
  const created = seconds('created')
  const present = now / 1000
  if (created === undefined) return 'does not say when it was made'
  if (created > present + leadSeconds) return 'comes from the future'
  if (created < present - maxAgeSeconds) return 'is too old'
  const expires = seconds('expires')
  if (input.parameters.has('expires') && (expires === undefined || expires <= present)) return 'has expired'
  return undefined
}

function fieldText(message: SignedMessage, name: string): string {
  const entry = Object.entries(message.headers).find(([key]) => key.toLowerCase() === name)
  return [entry?.[1] ?? []].flat().join(', ')
}
