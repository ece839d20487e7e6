import { createHash, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import type { JwtAlgorithm, JwtScheme } from '../scheme.ts'
import { decodeSignature } from './asymmetric.ts'
import { compileField, compileMessageId, isMessageId } from './fields.ts'
import { type JwksOptions, RemoteKeys } from './jwks.ts'
import { jwtAlgorithms, jwtSignatureHolds } from './jwt-algorithms.ts'
import { type InboundMessage, type Refused, refused, type Verdict, type Verifier } from './message.ts'
import { type PublicKeyInput, readPublicKey } from './public-keys.ts'
import { activeKeys, timedKeys, type WebhookSecret } from './secrets.ts'
import { defaultToleranceMs } from './timestamp.ts'

export interface JwtKeys {
  readonly secrets: readonly WebhookSecret[] | undefined
  readonly keys: readonly PublicKeyInput[] | undefined
  readonly jwks: JwksOptions | undefined
  readonly clock: Clock
}

interface Token {
  readonly algorithm: JwtAlgorithm
  readonly kid: string | undefined
  readonly claims: Readonly<Record<string, unknown>>
  readonly input: string
  readonly signature: Buffer
}

interface Candidate {
  readonly key: KeyObject
  readonly index: number
}

type FindKeys = (token: Token) => readonly Candidate[] | Refused | Promise<readonly Candidate[] | Refused>

/** Compiles a scheme of signed tokens. Which algorithms count is the scheme's word alone, and each is bound to its kind of key. */
export function compileJwt(scheme: JwtScheme, options: JwtKeys): Verifier {
  const algorithms = checkedAlgorithms(scheme.algorithms)
  const find = keyFinder(algorithms, options)
  const readToken = compileField(scheme.token, 'missing-signature')
  const readMessageId = compileMessageId(scheme.messageId)
  const prefix = scheme.prefix ?? ''

  const conclude = (message: InboundMessage, token: Token, keys: readonly Candidate[] | Refused): Verdict => {
    if ('accepted' in keys) return keys
    if (keys.length === 0) return refused('unknown-key')
    const match = keys.find(({ key }) => jwtSignatureHolds(token.algorithm, key, token.input, token.signature))
    if (match === undefined) return refused('bad-signature')
    const fault =
      checkClaims(scheme, token.claims, options.clock.now()) ?? checkBody(scheme, token.claims, message.body)
    if (fault !== undefined) return fault
    const messageId = scheme.messageId === undefined ? idClaim(scheme, token.claims) : readMessageId(message)
    if (typeof messageId === 'object') return messageId
    const { iat } = token.claims
    return { accepted: true, messageId, sentAt: typeof iat === 'number' ? iat * 1000 : undefined, key: match.index }
  }

  return {
    verify(message) {
      const text = readToken(message)
      if (typeof text !== 'string') return text
      if (!text.startsWith(prefix)) return refused('malformed-signature')
      const token = parseToken(text.slice(prefix.length), algorithms)
      if ('accepted' in token) return token
      const keys = find(token)
      return keys instanceof Promise
        ? keys.then((found) => conclude(message, token, found))
        : conclude(message, token, keys)
    },
  }
}

function checkedAlgorithms(names: readonly JwtAlgorithm[]): readonly JwtAlgorithm[] {
  const known = names.every((name) => Object.hasOwn(jwtAlgorithms, name))
  const secret = names.filter((name) => jwtAlgorithms[name]?.demand === 'secret').length
  if (names.length === 0 || !known || (secret !== 0 && secret !== names.length))
    throw patchbayError({
      kind: 'config',
      message: 'webhook scheme: algorithms must name algorithms of RFC 7518, either all HS or none of them',
    })
  return names
}

function keyFinder(algorithms: readonly JwtAlgorithm[], options: JwtKeys): FindKeys {
  if (jwtAlgorithms[algorithms[0] as JwtAlgorithm].demand === 'secret') {
    const keys = timedKeys(options.secrets, (text) => createSecretKey(text, 'utf8'))
    const active = activeKeys(keys, options.clock)
    return () => {
      const now = active()
      return now.length === 0 ? refused('no-active-secret') : now
    }
  }
  if (options.jwks !== undefined) {
    const remote = new RemoteKeys(options.jwks, options.clock)
    return async ({ kid, algorithm }) => {
      const found = await remote.find(
        (key) => (kid === undefined || key.kid === kid) && (key.alg === undefined || key.alg === algorithm),
      )
      return found?.map(({ key }) => ({ key, index: -1 })) ?? refused('keys-unavailable')
    }
  }
  if (options.keys === undefined || options.keys.length === 0)
    throw patchbayError({ kind: 'config', message: 'webhook verifier: give keys or jwks to verify tokens with' })
  const keys = options.keys.map((input, index) => ({ key: readPublicKey(input, `keys[${index}]`), index }))
  return () => keys
}

/** Longest token accepted, in characters; more would only be hashed in vain. */
const longestToken = 16_384

function parseToken(text: string, algorithms: readonly JwtAlgorithm[]): Token | Refused {
  const malformed = refused('malformed-signature')
  if (text.length > longestToken) return malformed
  const [head, body, tail, more] = text.split('.', 4)
  if (head === undefined || body === undefined || tail === undefined || more !== undefined) return malformed
  const header = objectPart(head)
  const claims = objectPart(body)
  const signature = decodeSignature(tail, 'base64url')
  if (header === undefined || claims === undefined || signature === undefined) return malformed
  // Critical extensions and detached or nested content would change what the signature means (RFC 7515 section 4.1.11).
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return malformed
  const algorithm = algorithms.find((name) => Object.hasOwn(header, 'alg') && header.alg === name)
  if (algorithm === undefined) return refused('refused-algorithm')
  const kid = Object.hasOwn(header, 'kid') && typeof header.kid === 'string' ? header.kid : undefined
  return { algorithm, kid, claims, input: `${head}.${body}`, signature }
}

/** Own properties only: the copy has no prototype, so that no polluted claim can appear. */
function objectPart(text: string): Record<string, unknown> | undefined {
  const bytes = decodeSignature(text, 'base64url')
  if (bytes === undefined) return undefined
  try {
    const value = JSON.parse(bytes.toString('utf8')) as unknown
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return Object.assign(Object.create(null) as Record<string, unknown>, value)
  } catch {
    return undefined
  }
}

/** RFC 7519 section 4.1, with times in seconds. */
function checkClaims(scheme: JwtScheme, claims: Token['claims'], now: number): Refused | undefined {
  const tolerance = scheme.toleranceMs ?? 60_000
  const { exp, nbf, iat, iss, aud } = claims
  for (const time of [exp, nbf, iat])
    if (time !== undefined && (typeof time !== 'number' || !Number.isFinite(time))) return refused('refused-claims')
  if (scheme.issuer !== undefined && iss !== scheme.issuer) return refused('refused-claims')
  if (scheme.audience !== undefined && ![aud].flat().includes(scheme.audience)) return refused('refused-claims')
  for (const [name, value] of Object.entries(scheme.claims ?? {}))
    if (claims[name] !== value) return refused('refused-claims')
  if (typeof exp === 'number' && now >= exp * 1000 + tolerance) return refused('stale-timestamp')
  if (typeof nbf === 'number' && now < nbf * 1000 - tolerance) return refused('early-timestamp')
  const maxAge = scheme.maxAgeMs ?? (exp === undefined ? defaultToleranceMs : undefined)
  if (typeof iat === 'number' && iat * 1000 > now + tolerance) return refused('early-timestamp')
  if (maxAge === undefined) return undefined
  if (typeof iat !== 'number') return refused('missing-timestamp')
  return now - iat * 1000 > maxAge + tolerance ? refused('stale-timestamp') : undefined
}

function checkBody(scheme: JwtScheme, claims: Token['claims'], body: Uint8Array): Refused | undefined {
  if (scheme.bodyHashClaim === undefined) return undefined
  const told = claims[scheme.bodyHashClaim]
  const ours = Buffer.from(
    createHash('sha256')
      .update(body)
      .digest(scheme.bodyHashEncoding ?? 'hex'),
  )
  const theirs = Buffer.from(typeof told === 'string' ? told : '')
  return ours.length === theirs.length && timingSafeEqual(ours, theirs) ? undefined : refused('body-mismatch')
}

function idClaim(scheme: JwtScheme, claims: Token['claims']): string | undefined | Refused {
  const id = claims[scheme.messageIdClaim ?? 'jti']
  if (typeof id !== 'string') return undefined
  return isMessageId(id) ? id : refused('malformed-message-id')
}
