import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, systemClock } from '../../clock.ts'
import { type GrantCounts, Grants, type IssuedTokens } from './grants.ts'
import { type RegisteredClient, TokenRequests, type TrustedIssuer } from './token-requests.ts'

/** What may go wrong with a token request. `before` and `after` are seen from the moment at which the server consumes the refresh token. */
export type TokenFault =
  | { readonly kind: 'drop-before' | 'drop-after' | 'cut-answer' }
  | {
      readonly kind: 'status-before' | 'status-after'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'delay-before' | 'delay-after'; readonly ms: number }
  /** Answers with this body instead of tokens, after consuming. */
  | { readonly kind: 'body'; readonly body: string; readonly status?: number }

export interface AuthorizationServerOptions {
  readonly clock?: Clock
  readonly clients?: readonly RegisteredClient[]
  readonly issuers?: readonly TrustedIssuer[]
  /** Lifetime of access tokens. Default 300 000. */
  readonly accessTokenMs?: number
  /** See {@link Grants}. Default 0. */
  readonly graceMs?: number
  /** Default true. */
  readonly rotate?: boolean
  /** How far the server's clock is ahead of `clock`. */
  readonly clockOffsetMs?: number
  readonly port?: number
}

/** What really happened, for tests to hold their client against. */
export interface AuthorizationTruth extends GrantCounts {
  readonly tokenRequests: number
  readonly resourceRequests: number
}

/**
 * A strict OAuth 2 server on loopback, for tests, drills and the demo: authorization code with PKCE, client credentials, rotating
 * single-use refresh tokens with reuse detection, JWT bearer, token exchange, introspection, and a resource at `/resource`. Other
 * processes steer it through `/control/fault`, `/control/grant` and `/control/truth`.
 */
export interface AuthorizationServer extends AsyncDisposable {
  /** Issuer, without a slash at its end. */
  readonly url: string
  /** The next token requests meet these, one each, in order. */
  fault(...faults: readonly TokenFault[]): void
  /** A person's consent without a browser. */
  grant(clientId: string, scope?: string): IssuedTokens & { readonly refresh_token: string }
  /** Whether a refresh token is unused or an access token still good. */
  isGood(token: string): boolean
  /** Ends an access token early, as an administrator may. */
  revoke(token: string): void
  /** Ends the whole grant that a token belongs to. */
  revokeGrant(token: string): void
  readonly truth: AuthorizationTruth
  close(): Promise<void>
}

export async function startAuthorizationServer(options: AuthorizationServerOptions = {}): Promise<AuthorizationServer> {
  const base = options.clock ?? systemClock
  const clock = { ...timeOf(base), now: () => base.now() + (options.clockOffsetMs ?? 0) }
  const { accessTokenMs = 300_000, graceMs = 0, rotate = true, clients = [], issuers = [] } = options
  const grants = new Grants({ clock, accessTokenMs, graceMs, rotate })
  const requests = new TokenRequests({ clock, issuer: () => url, clients, issuers }, grants)
  const faults: TokenFault[] = []
  const counts = { tokenRequests: 0, resourceRequests: 0 }
  const truth = (): AuthorizationTruth => ({ ...counts, ...grants.counts })
  const grantOf = (clientId: string, scope?: string) =>
    grants.issue(grants.create(clientId, scope), true) as IssuedTokens & { readonly refresh_token: string }

  const server = createServer((request, response) => {
    route(request, response).catch(() => response.destroy())
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    const body = await textOf(request)
    switch (`${request.method} ${pathname}`) {
      case 'GET /authorize':
        return authorize(searchParams, response)
      case 'POST /token':
        return token(request, body, response)
      case 'POST /introspect': {
        const form = new URLSearchParams(body)
        if (requests.authenticate(form, request.headers.authorization) === undefined)
          return send(response, 401, { error: 'invalid_client' })
        return send(response, 200, { active: grants.isGood(form.get('token') ?? '') })
      }
      case 'GET /resource': {
        counts.resourceRequests++
        const [, bearer = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
        if (grants.isGood(bearer)) return send(response, 200, { ok: true })
        return send(response, 401, {}, { 'www-authenticate': 'Bearer error="invalid_token"' })
      }
      case 'POST /control/fault':
        faults.push(...(JSON.parse(body) as TokenFault[]))
        return send(response, 200, {})
      case 'POST /control/grant': {
        const { clientId, scope } = JSON.parse(body) as { clientId: string; scope?: string }
        return send(response, 200, grantOf(clientId, scope))
      }
      case 'GET /control/truth':
        return send(response, 200, truth())
      default:
        return send(response, 404, {})
    }
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    const client = requests.client(query.get('client_id'))
    const redirectUri = query.get('redirect_uri') ?? ''
    // RFC 6749 section 4.1.2.1: never redirect to an address that is not registered.
    if (client?.redirectUris?.includes(redirectUri) !== true) {
      send(response, 400, { error: 'invalid_request' })
      return
    }
    const target = new URL(redirectUri)
    target.searchParams.set('iss', url)
    target.searchParams.set('state', query.get('state') ?? '')
    const challenge = query.get('code_challenge') ?? ''
    const wrong =
      query.get('response_type') !== 'code'
        ? 'unsupported_response_type'
        : query.get('code_challenge_method') !== 'S256' || challenge.length !== 43
          ? 'invalid_request'
          : undefined
    if (wrong === undefined) {
      const grant = grants.create(client.clientId, query.get('scope') ?? '')
      target.searchParams.set('code', requests.newCode(grant, redirectUri, challenge))
    } else target.searchParams.set('error', wrong)
    send(response, 302, {}, { location: target.href })
  }

  async function token(request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    counts.tokenRequests++
    const fault = faults.shift()
    if (fault?.kind === 'drop-before') return void response.destroy()
    if (fault?.kind === 'status-before') return send(response, fault.status, {}, fault.headers)
    if (fault?.kind === 'delay-before') await wait(base, fault.ms)
    if (request.headers['content-type'] !== 'application/x-www-form-urlencoded')
      return send(response, 400, { error: 'invalid_request' })
    const answer = requests.answer(new URLSearchParams(body), request.headers.authorization)
    if (fault?.kind === 'drop-after') return void response.destroy()
    if (fault?.kind === 'status-after') return send(response, fault.status, {}, fault.headers)
    if (fault?.kind === 'delay-after') await wait(base, fault.ms)
    if (fault?.kind === 'body') return sendText(response, fault.status ?? 200, fault.body)
    if (fault?.kind === 'cut-answer') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"access_token":"', () => response.destroy())
      return
    }
    const challenge = answer.status === 401 ? { 'www-authenticate': 'Basic realm="token"' } : {}
    send(response, answer.status, answer.body, challenge)
  }

  function send(
    response: ServerResponse,
    status: number,
    body: object,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    sendText(response, status, JSON.stringify(body), headers)
  }

  function sendText(
    response: ServerResponse,
    status: number,
    body: string,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    const date = new Date(clock.now()).toUTCString()
    response.writeHead(status, { date, 'content-type': 'application/json', 'cache-control': 'no-store', ...headers })
    response.end(body)
  }

  const close = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return {
    url,
    fault: (...more) => void faults.push(...more),
    grant: grantOf,
    isGood: (text) => grants.isGood(text),
    revoke(text) {
      const access = grants.find(text)?.accessTokens.get(text)
      if (access !== undefined) access.revoked = true
    },
    revokeGrant(text) {
      const grant = grants.find(text)
      if (grant !== undefined) grants.revoke(grant)
    },
    get truth() {
      return truth()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function timeOf(clock: Clock): Clock {
  const { monotonic, timer, interval, afterInput, now } = clock
  return { monotonic, timer, interval, afterInput, now }
}

const wait = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.timer(ms, resolve)
  })

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
