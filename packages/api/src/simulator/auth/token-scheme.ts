import { createPublicKey, verify } from 'node:crypto'
import type { Clock, Random } from '@patchbay/core'
import { jsonAnswer, type VendorAnswer } from '../vendor/answer.ts'
import type { VendorPlace } from '../vendor/place.ts'
import type { VendorRequest } from '../vendor/request.ts'
import type { CredentialValues, ManifestCredential } from './credential-values.ts'
import { bad, good, type VendorScheme } from './verdict.ts'

type TokenCredential = Extract<ManifestCredential, { settle: { tokenEndpoint: string } }>

export interface SchemeEnv {
  readonly place: VendorPlace
  readonly clock: Clock
  readonly random: Random
}

const grants: Readonly<Record<TokenCredential['scheme'], string>> = {
  'oauth2-code': 'refresh_token',
  'oauth2-refresh-token': 'refresh_token',
  'oauth2-client-credentials': 'client_credentials',
  'oauth2-password': 'password',
  'oauth2-jwt-bearer': 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'oauth2-token-exchange': 'urn:ietf:params:oauth:grant-type:token-exchange',
}

const lifetimeMs = 3_600_000

/** A token endpoint (RFC 6749, 7523, 8693): tokens end, and refresh tokens that rotate are good once. */
export function tokenScheme(credential: TokenCredential, values: CredentialValues, env: SchemeEnv): VendorScheme {
  const { settle } = credential
  const { place, clock, random } = env
  const endpoint = place.fill(settle.tokenEndpoint)
  const tokens = new Map<string, number>()
  const given: string[] = []
  const refreshTokens = new Map<string, 'good' | 'used'>()
  if (values.refreshToken !== undefined) refreshTokens.set(values.refreshToken, 'good')
  const rotates =
    'refreshTokens' in settle && (settle.refreshTokens === 'rotating' || settle.refreshTokens === 'single-use')
  const text = () => Buffer.from(random.bytes(18)).toString('base64url')

  const grant = (request: VendorRequest): VendorAnswer => {
    const form = Object.fromEntries(new URLSearchParams(Buffer.from(request.bytes).toString()))
    const body: Readonly<Record<string, string>> =
      typeof request.body === 'object' && request.body !== null ? (request.body as Record<string, string>) : form
    const refuse = (error: string, description: string, status = 400) =>
      jsonAnswer(
        { error, error_description: description },
        status,
        status === 401 ? { 'www-authenticate': 'Basic' } : {},
      )
    const wrong = clientProblem(request, body, credential, values, endpoint)
    if (wrong !== undefined) return refuse('invalid_client', wrong, 401)
    for (const [name, value] of Object.entries(settle.parameters ?? {}))
      if (body[name] !== place.fill(value)) return refuse('invalid_request', `${name} is missing`)
    const refreshing = body.grant_type === 'refresh_token'
    if (body.grant_type !== grants[credential.scheme] && !(refreshing && refreshTokens.size > 0))
      return refuse('unsupported_grant_type', `the grant ${body.grant_type} is not taken`)
    if (refreshing) {
      const state = refreshTokens.get(body.refresh_token ?? '')
      if (state !== 'good')
        return refuse('invalid_grant', state === 'used' ? 'the refresh token was used' : 'unknown refresh token')
    } else {
      const problem = grantProblem(body, credential, values, endpoint)
      if (problem !== undefined) return refuse('invalid_grant', problem)
    }
    const token = `at-${text()}`
    tokens.set(token, clock.now() + lifetimeMs)
    given.push(token)
    const answer: Record<string, unknown> = {
      access_token: token,
      token_type: settle.tokenTypes?.[0] ?? 'Bearer',
      expires_in: lifetimeMs / 1000,
    }
    if (refreshing && rotates) {
      refreshTokens.set(body.refresh_token as string, 'used')
      const next = `rt-${text()}`
      refreshTokens.set(next, 'good')
      given.push(next)
      answer.refresh_token = next
    }
    if (credential.scheme === 'oauth2-token-exchange')
      answer.issued_token_type = 'urn:ietf:params:oauth:token-type:access_token'
    return jsonAnswer(answer, 200, { 'cache-control': 'no-store' })
  }

  return {
    get issued() {
      return given.length
    },
    get secrets() {
      return given
    },
    handle(request) {
      return request.method === 'POST' && samePlace(request.url, endpoint) ? grant(request) : undefined
    },
    check({ headers }) {
      const [word = '', token = ''] = (headers.authorization ?? '').split(' ')
      if (headers.authorization === undefined) return bad('the header Authorization is missing')
      const expectedWord = settle.authorizationWord ?? 'Bearer'
      if (word.toLowerCase() !== expectedWord.toLowerCase()) return bad(`the scheme ${word} is not ${expectedWord}`)
      const until = tokens.get(token)
      if (until === undefined) return bad('the access token is unknown')
      return until > clock.now() ? good : bad('the access token has ended', true)
    },
    expire() {
      for (const token of tokens.keys()) tokens.set(token, 0)
    },
  }
}

function samePlace(url: URL, endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false
  const wanted = new URL(endpoint)
  return url.host === wanted.host && url.pathname === wanted.pathname
}

type Body = Readonly<Record<string, string>>

/** What is wrong with how the client proves itself; undefined: nothing. */
function clientProblem(
  { headers }: VendorRequest,
  body: Body,
  { settle, scheme }: TokenCredential,
  values: CredentialValues,
  endpoint: string,
): string | undefined {
  const { authentication } = settle
  const { clientId, clientSecret } = values
  if (clientId === undefined) return undefined
  if (authentication === 'private_key_jwt')
    return jwtProblem(body.client_assertion, values.privateKey, { iss: clientId, sub: clientId }, endpoint)
  const basic = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1]
  const pair = basic === undefined ? undefined : Buffer.from(basic, 'base64').toString()
  if (authentication === 'none' || authentication === 'tls_client_auth' || clientSecret === undefined)
    return body.client_id === clientId ? undefined : 'client_id is missing or unknown'
  const inHeader =
    pair === `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}` ||
    pair === `${clientId}:${clientSecret}`
  const inBody = body.client_id === clientId && body.client_secret === clientSecret
  if (authentication === 'client_secret_post')
    return inBody ? undefined : 'client_id and client_secret do not stand in the body'
  if (authentication === 'client_secret_basic')
    return inHeader ? undefined : 'the client does not stand in Authorization'
  // The assertion or password alone may prove enough.
  if (
    (scheme === 'oauth2-jwt-bearer' || scheme === 'oauth2-password') &&
    body.client_id === undefined &&
    pair === undefined
  )
    return undefined
  return inHeader || inBody ? undefined : 'client id or secret is wrong'
}

function grantProblem(
  body: Body,
  { scheme, settle }: TokenCredential,
  values: CredentialValues,
  endpoint: string,
): string | undefined {
  switch (scheme) {
    case 'oauth2-password':
      return body.username === values.username && body.password === values.password
        ? undefined
        : 'wrong user or password'
    case 'oauth2-jwt-bearer': {
      const audience = 'audience' in settle ? settle.audience : undefined
      return jwtProblem(body.assertion, values.key, { iss: values.issuer ?? '' }, audience ?? endpoint)
    }
    case 'oauth2-token-exchange':
      return body.subject_token === values.subjectToken ? undefined : 'the subject token is unknown'
    default:
      return undefined
  }
}

const hashes: Readonly<Record<string, string | undefined>> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' }

/** What is wrong with a signed token (RFC 7515, 7519); undefined: nothing. */
function jwtProblem(
  token: string | undefined,
  privateKey: string | undefined,
  claims: Readonly<Record<string, string>>,
  audience: string,
): string | undefined {
  const [head = '', body = '', signature = ''] = token?.split('.') ?? []
  if (signature === '' || privateKey === undefined) return 'the assertion is missing'
  const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { readonly alg: string }
  const key = createPublicKey(privateKey)
  const options = alg.startsWith('PS')
    ? { key, padding: 6, saltLength: 32 }
    : alg.startsWith('ES')
      ? { key, dsaEncoding: 'ieee-p1363' as const }
      : key
  const hash = alg === 'EdDSA' ? null : hashes[alg.slice(2)]
  if (hash === undefined) return `the algorithm ${alg} is not taken`
  if (!verify(hash, Buffer.from(`${head}.${body}`), options, Buffer.from(signature, 'base64url')))
    return 'the signature of the assertion is wrong'
  const told = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
  for (const [name, value] of Object.entries(claims))
    if (told[name] !== value) return `the claim ${name} is not ${value}`
  return [told.aud].flat().includes(audience) || audience.includes('{')
    ? undefined
    : `the assertion is not for ${audience}`
}
