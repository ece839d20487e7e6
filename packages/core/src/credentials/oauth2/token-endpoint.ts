import type { CredentialEnv } from '../../credential.ts'
import { Fault } from '../../errors.ts'
import type { HttpResponse } from '../../http/transport.ts'
import { clockSkew } from '../clock-skew.ts'
import type { ConfigCheck } from '../config-check.ts'
import type { ObtainContext, ObtainEnv } from '../tokens/token-plan.ts'
import { type ClientConfig, type ClientProof, clientProof } from './client-authentication.ts'
import { readTokenResponse, type TokenResponse } from './token-response.ts'

/** The configuration that all OAuth 2 schemes share. */
export interface TokenEndpointConfig extends ClientConfig {
  readonly clientId: string
  readonly scope?: string | readonly string[] | undefined
  /** Further form fields, such as `audience` or `resource`. Not for secrets. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
  /** Most milliseconds for one token request. Default 10 000. */
  readonly timeoutMs?: number | undefined
  /** Lifetime of tokens whose answer names none, in milliseconds. Default: they are used until refused. */
  readonly assumedLifetimeMs?: number | undefined
  /** `builtin`: the endpoint's host is fixed by the connector. Default `tenant`: the address guard checks it. */
  readonly origin?: 'tenant' | 'builtin' | undefined
  /** The word before the token in `Authorization`. Default `Bearer`. */
  readonly authorizationWord?: string | undefined
  /** Accepted `token_type`s. Default `bearer`. */
  readonly tokenTypes?: readonly string[] | undefined
}

export type AnonymousEndpointConfig = Omit<TokenEndpointConfig, 'clientId'> &
  Partial<Pick<TokenEndpointConfig, 'clientId'>>

export const endpointFields = [
  'tokenEndpoint',
  'clientId',
  'clientSecret',
  'authentication',
  'scope',
  'parameters',
  'timeoutMs',
  'assumedLifetimeMs',
  'origin',
  'authorizationWord',
  'tokenTypes',
] as const

/** One way of asking: the grant's form fields, made anew for each try, with the secrets among them. */
export interface TokenAsk {
  readonly form: Readonly<Record<string, string | undefined>>
  readonly secrets: readonly string[]
}

/** A vendor's token endpoint, with this client's proof. */
export class TokenEndpoint {
  readonly proof: ClientProof
  readonly timeoutMs: number
  readonly word: string
  readonly scope: string | undefined
  readonly #scheme: string
  readonly #config: AnonymousEndpointConfig
  #skewMs = 0

  /** `anonymous`: the grant itself proves enough, so a client id is not required. */
  constructor(check: ConfigCheck, scheme: string, config: AnonymousEndpointConfig, anonymous = false) {
    this.#scheme = scheme
    this.#config = config
    check.endpoint('tokenEndpoint', config.tokenEndpoint)
    if (!anonymous || config.clientId !== undefined) check.text('clientId', config.clientId)
    this.proof = clientProof(check, config)
    this.timeoutMs = check.positive('timeoutMs', config.timeoutMs, 10_000)
    check.positive('assumedLifetimeMs', config.assumedLifetimeMs, 1)
    this.word =
      config.authorizationWord === undefined
        ? 'Bearer'
        : check.text('authorizationWord', config.authorizationWord, 'no-spaces')
    const scope = typeof config.scope === 'string' ? config.scope : config.scope?.join(' ')
    this.scope = scope === undefined || scope === '' ? undefined : scope
  }

  /** What tokens of this endpoint depend on, without secrets. */
  get identity(): readonly unknown[] {
    const { tokenEndpoint, clientId, parameters = {} } = this.#config
    return [tokenEndpoint, clientId ?? null, this.scope ?? null, Object.entries(parameters).sort()]
  }

  /**
   * Asks for a token. When the request holds a time (an assertion) and the vendor's Date header shows another, it is made once more with
   * the vendor's clock: assertions are not consumed by being refused.
   */
  async token(
    context: ObtainContext,
    ask: (skewMs: number) => TokenAsk | Promise<TokenAsk>,
    timed: boolean,
  ): Promise<TokenResponse> {
    const first = await ask(this.#skewMs)
    try {
      return await this.#ask(context, first)
    } catch (error) {
      if (!(error instanceof SkewedFault) || !(timed || this.proof.timed)) throw error
      this.#skewMs = error.skewMs
      // Nobody consumes a refresh token for a client that it does not know.
      if (context.refresh !== undefined && error.facts.code !== 'invalid_client') throw error
      return this.#ask(context, await ask(this.#skewMs))
    }
  }

  /** Posts a form with the client's proof and gives the answer, whatever its status. */
  async post(
    context: ObtainContext,
    url: string,
    ask: TokenAsk,
  ): Promise<{ response: HttpResponse; secrets: readonly string[] }> {
    const { env, cancellation, deadlineAt } = context
    const form = new URLSearchParams()
    for (const [name, value] of Object.entries(ask.form)) if (value !== undefined) form.set(name, value)
    const headers: Record<string, string> = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    }
    const { clock, random } = env
    const secrets = [...ask.secrets, ...this.proof.write(form, headers, { clock, random, skewMs: this.#skewMs })]
    const transport = await unsent(this.#scheme, env)
    if (cancellation.cancelReason !== undefined) {
      // The time went by while the transport was loaded: nothing has left.
      const { facts } = this.#failure(cancellation.cancelReason, 'none')
      throw new Fault({ ...facts, sent: 'none' })
    }
    const progress = { sent: 'none' as const }
    try {
      const response = await transport.send({
        method: 'POST',
        url,
        headers,
        body: form.toString(),
        cancellation,
        deadlineAt,
        progress,
        limits: { maxRedirects: 0, maxBodyBytes: 1_048_576 },
        origin: this.#config.origin ?? 'tenant',
        credentialMarks: { headers: ['authorization'], query: [] },
        // A stale pooled socket would leave open whether the vendor got a single-use token.
        freshSocket: context.refresh !== undefined,
      })
      return { response, secrets }
    } catch (error) {
      throw this.#failure(error, progress.sent)
    }
  }

  async #ask(context: ObtainContext, ask: TokenAsk): Promise<TokenResponse> {
    const { tokenEndpoint, parameters, tokenTypes = ['bearer'], assumedLifetimeMs } = this.#config
    const { response, secrets } = await this.post(context, tokenEndpoint, {
      ...ask,
      form: { ...parameters, ...ask.form },
    })
    const { clock } = context.env
    const host = new URL(tokenEndpoint).host
    try {
      const read = readTokenResponse(response, {
        scheme: this.#scheme,
        host,
        secrets,
        tokenTypes,
        now: () => clock.now(),
      })
      return { ...read, lifetimeMs: read.lifetimeMs ?? assumedLifetimeMs }
    } catch (error) {
      const skewMs = clockSkew(response.headers, clock.now())
      throw error instanceof Fault && skewMs !== undefined ? new SkewedFault(error.facts, skewMs) : error
    }
  }

  /** States a transport's failure without its cause: libraries keep the request, body and all, in their errors. */
  #failure(error: unknown, sent: 'none' | 'maybe' | 'all'): Fault {
    const host = new URL(this.#config.tokenEndpoint).host
    const facts = error instanceof Fault ? error.facts : undefined
    const { kind = 'network', code, retry, retryAfterMs } = facts ?? {}
    const reason = facts === undefined ? 'failed' : `failed (${code ?? kind})`
    const message = `${this.#scheme}: the request to the token endpoint ${host} ${reason}`
    return new Fault({
      kind,
      code,
      retry,
      retryAfterMs,
      sent: facts?.sent ?? (facts === undefined ? 'maybe' : sent),
      message,
    })
  }
}

/** A refusal by a vendor whose clock differs from ours. */
class SkewedFault extends Fault {
  readonly skewMs: number

  constructor(facts: Fault['facts'], skewMs: number) {
    const minutes = Math.round(Math.abs(skewMs) / 60_000)
    const note = minutes === 0 ? '' : ` (this machine's clock is ${minutes} min ${skewMs > 0 ? 'behind' : 'ahead'})`
    super({ ...facts, message: `${facts.message ?? ''}${note}` })
    this.skewMs = skewMs
  }
}

async function unsent(scheme: string, env: ObtainEnv): ReturnType<CredentialEnv['transport']> {
  try {
    return await env.transport()
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault({
      kind: 'unexpected',
      sent: 'none',
      message: `${scheme}: the transport could not be loaded`,
      cause: error,
    })
  }
}
