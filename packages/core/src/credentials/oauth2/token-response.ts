import { type ErrorKind, Fault } from '../../errors.ts'
import { parseWait } from '../../http/retry-after.ts'
import type { HttpResponse } from '../../http/transport.ts'
import { repeatsSecret } from '../../http/vendor-text.ts'
import { redactText } from '../redact.ts'

/** The fields of a token response that we read. */
export interface TokenResponse {
  readonly accessToken: string
  readonly lifetimeMs: number | undefined
  readonly refreshToken: string | undefined
  readonly scope: string | undefined
}

/** What the caller knows about a request, for reading its answer. */
export interface TokenQuestion {
  readonly scheme: string
  /** Host of the endpoint, for messages. */
  readonly host: string
  /** What was sent and must not come back in an error. */
  readonly secrets: readonly string[]
  /** Accepted `token_type`s, lower-case. */
  readonly tokenTypes: readonly string[]
  now(): number
}

const sent = 'all' as const
const errorCode = /^[A-Za-z0-9_.:-]{1,64}$/

interface Remedy {
  readonly kind: ErrorKind
  readonly remedy: string
}

const remedies: Readonly<Record<string, Remedy>> = {
  invalid_grant: {
    kind: 'credential',
    remedy: 'the grant is no longer accepted; authorize again or check the assertion',
  },
  invalid_client: { kind: 'credential', remedy: 'check clientId, clientSecret and authentication' },
  unauthorized_client: { kind: 'credential', remedy: 'allow this grant type for the client at the vendor' },
  access_denied: { kind: 'credential', remedy: 'the person or a policy of the vendor refused; authorize again' },
  invalid_scope: { kind: 'config', remedy: 'check "scope" against what the client may ask for' },
  invalid_target: { kind: 'config', remedy: 'check the audience or resource' },
  invalid_request: { kind: 'config', remedy: 'the vendor misses or dislikes a parameter; check "parameters"' },
  unsupported_grant_type: { kind: 'config', remedy: 'the token endpoint does not know this grant type' },
}

/** @throws Fault for everything but a usable token. */
export function readTokenResponse(response: HttpResponse, question: TokenQuestion): TokenResponse {
  const body = jsonObject(response.body)
  if (response.status >= 200 && response.status < 300) {
    // Some vendors answer errors with 200.
    if (body !== undefined && typeof body.error === 'string' && body.access_token === undefined)
      throw refused(response, body, question)
    return usable(body, response, question)
  }
  throw refused(response, body ?? {}, question)
}

function usable(body: Fields | undefined, response: HttpResponse, question: TokenQuestion): TokenResponse {
  const bad = (message: string): Fault =>
    new Fault({
      kind: 'protocol',
      code: 'token-response',
      status: response.status,
      sent,
      message: `${question.scheme}: the answer of ${question.host} ${message}`,
    })
  if (body === undefined) throw bad('is no JSON object; is tokenEndpoint the right URL?')
  const { access_token: accessToken, token_type: type, expires_in: expiresIn, refresh_token: refresh, scope } = body
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken)) throw bad('has no usable access_token')
  // Required by RFC 6749, left out by some vendors, who then mean Bearer.
  if (type !== undefined && (typeof type !== 'string' || !question.tokenTypes.includes(type.toLowerCase())))
    throw bad(`has a token_type other than ${question.tokenTypes.join(', ')}`)
  if (refresh !== undefined && refresh !== null && typeof refresh !== 'string')
    throw bad('has an unusable refresh_token')
  const lifetimeMs = lifetime(expiresIn)
  if (lifetimeMs === null) throw bad('has an expires_in that is no number of seconds')
  return {
    accessToken,
    lifetimeMs,
    refreshToken: typeof refresh === 'string' && refresh !== '' ? refresh : undefined,
    scope: typeof scope === 'string' ? scope : undefined,
  }
}

/** Milliseconds; undefined when the vendor does not say (absent, null or 0: a token that is over at once is never meant); null for garbage. */
function lifetime(value: unknown): number | undefined | null {
  if (value === undefined || value === null) return undefined
  const seconds = typeof value === 'string' && /^\d{1,15}(\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0 || seconds > 1e12) return null
  return seconds === 0 ? undefined : seconds * 1000
}

function refused(response: HttpResponse, body: Fields, question: TokenQuestion): Fault {
  const { status } = response
  const { secrets } = question
  const told = typeof body.error === 'string' && errorCode.test(body.error) ? body.error : undefined
  const code = told === undefined || repeatsSecret(told, secrets) ? undefined : told
  const known = code === undefined ? undefined : remedies[code]
  const { kind, remedy } = known ?? byStatus(status)
  const described = redactText(body.error_description, secrets)
  const words = described === '' ? '' : ` ("${described}")`
  const retryAfter = response.headers['retry-after']
  const first = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter
  return new Fault({
    kind,
    code: code ?? `token-endpoint-${status}`,
    status,
    sent,
    retryAfterMs: first === undefined ? undefined : parseWait(first, 'auto', question.now),
    message: `${question.scheme}: ${question.host} refused a token${words}: ${remedy}`,
  })
}

function byStatus(status: number): Remedy {
  if (status === 429) return { kind: 'rate-limited', remedy: 'too many token requests' }
  if (status >= 500) return { kind: 'unavailable', remedy: 'its token endpoint is out of order' }
  if (status === 404 || status === 405) return { kind: 'config', remedy: 'check tokenEndpoint' }
  if (status >= 300 && status < 400)
    return {
      kind: 'protocol',
      remedy: 'it redirects, and credentials are not sent on; configure the final tokenEndpoint',
    }
  return { kind: 'credential', remedy: 'check clientId, clientSecret and authentication' }
}

type Fields = Readonly<Record<string, unknown>>

function jsonObject(bytes: Uint8Array): Fields | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
  } catch {
    return undefined
  }
}
