import { type Call, type Clock, Fault, type HttpResponse } from '@patchbay/core'
import { type CleanText, type ClientRequest, type HttpClient, type Meaning, vendorText } from '@patchbay/core/http'
import { bodyIfAny, type GraphqlBody, resultOf } from './answer.ts'
import { withoutVariables } from './clean-variables.ts'
import type { GraphqlConfig } from './config.ts'
import type { CostReader } from './cost.ts'
import type { GraphqlVariables } from './document.ts'
import { requestWithFiles } from './files-among-variables.ts'
import { codeOf, issuesOf, usualExpired } from './graphql-facts.ts'
import type { ErrorPolicy, GraphqlResult, PreparedInput } from './input.ts'
import { withKey } from './keyed-variables.ts'
import {
  hashedBody,
  type PersistedMode,
  persistedAnswer,
  plainBody,
  type RequestBody,
  trustedBody,
  withoutText,
} from './persisted.ts'

/** Longer URLs are cut or refused on the way; such a query goes by POST. */
const longestUrl = 8000

export interface RequestsOptions {
  readonly http: HttpClient
  readonly config: GraphqlConfig
  readonly clock: Clock
  readonly cost: CostReader | undefined
}

interface Sent {
  readonly value: unknown
  readonly status: number | undefined
  readonly clean: CleanText
  readonly retryAfterMs: number | undefined
}

/** Sends queries and mutations and reads what comes back. One per connection. */
export class GraphqlRequests {
  readonly #options: RequestsOptions
  readonly #codes: Readonly<Record<string, Meaning>> | undefined
  readonly #expired: ReadonlySet<string>
  readonly #mode: PersistedMode
  /** The server said that it keeps no documents. */
  #keepsNone = false

  constructor(options: RequestsOptions) {
    const { persisted, errors } = options.config
    this.#options = options
    this.#codes = errors?.codes
    this.#expired = new Set(errors?.expired ?? usualExpired)
    this.#mode = persisted?.mode ?? 'off'
  }

  async run(given: PreparedInput, call: Call): Promise<GraphqlResult> {
    const input = this.#keyed(given, call)
    const policy = input.errorPolicy ?? this.#options.config.errorPolicy
    const { value, status, clean, retryAfterMs } = await this.#send(input, policy, call)
    const { variables } = input
    return resultOf(value, { policy, status, clean, retryAfterMs, codes: this.#codes, variables })
  }

  /** In the form in which the server knows the document; once more with the text when it does not know it yet. */
  async #send(input: PreparedInput, policy: ErrorPolicy, call: Call): Promise<Sent> {
    const mode = this.#keepsNone && this.#mode === 'automatic' ? 'off' : this.#mode
    if (mode === 'trusted') {
      const field = this.#options.config.persisted?.field ?? 'documentId'
      return this.#post(trustedBody(input, field), input, policy, call, true)
    }
    if (input.document.text === undefined) throw withoutText()
    if (mode === 'off') return this.#post(plainBody(input), input, policy, call, false)
    const answer = await this.#hashed(input, policy, call)
    if (answer !== 'unknown' && answer !== 'unsupported') return answer
    this.#keepsNone = answer === 'unsupported'
    // Nothing was executed, so also a mutation goes out again. This is one call: the policies counted it when it began.
    const body = this.#keepsNone ? plainBody(input) : hashedBody(input, true)
    return this.#post(body, input, policy, call, false)
  }

  async #hashed(input: PreparedInput, policy: ErrorPolicy, call: Call): Promise<Sent | 'unknown' | 'unsupported'> {
    try {
      const sent = await this.#post(hashedBody(input, false), input, policy, call, true)
      return persistedAnswer((sent.value as GraphqlBody | undefined)?.errors) ?? sent
    } catch (error) {
      const { code, message } = error instanceof Fault ? error.facts : ({} as Fault['facts'])
      const answer = persistedAnswer([{ message, extensions: { code } }])
      if (answer === undefined) throw error
      return answer
    }
  }

  async #post(
    body: RequestBody,
    input: PreparedInput,
    policy: ErrorPolicy,
    call: Call,
    mayGet: boolean,
  ): Promise<Sent> {
    const { http, config, clock, cost } = this.#options
    let raw: HttpResponse | undefined
    let clean: CleanText = (text) => vendorText(text)
    const { idempotency } = config
    const form = this.#form(body, mayGet, call)
    const request: ClientRequest = {
      ...form,
      headers: { ...input.headers, ...form.headers },
      idempotencyHeader: idempotency !== undefined && 'header' in idempotency ? idempotency.header : undefined,
      accept: () => raw !== undefined && this.#accepts(raw, policy, call),
      seen(response, cleanText) {
        raw = response
        clean = cleanText
      },
    }
    try {
      const { value, status } = await http.send(request, call)
      const feedback = cost?.(value, clock.now())
      // How long a refused request has to wait is no news about the others.
      if (feedback !== undefined) call.feedback({ ...feedback, retryAfterMs: undefined })
      return { value, status, clean, retryAfterMs: feedback?.retryAfterMs }
    } catch (error) {
      throw explained(error, raw, clean, input.variables)
    }
  }

  /** GET where it is allowed and short enough, POST, or a form of several parts for files. */
  #form(body: RequestBody, mayGet: boolean, call: Call): ClientRequest {
    const { url, persisted } = this.#options.config
    if (mayGet && persisted?.get === true && call.spec.effect === 'read') {
      const link = urlWith(url, body)
      if (link.length <= longestUrl) return { link }
    }
    const parts = requestWithFiles(body, call.scope.random)
    if (parts !== undefined) return { method: 'POST', link: url, ...parts }
    return { method: 'POST', link: url, json: body }
  }

  /**
   * Whether an answer is GraphQL's to judge. Others are HTTP's: its statuses, the waiting times of its headers, the renewal of a credential.
   * What they say in GraphQL is added to the error afterwards.
   */
  #accepts(response: HttpResponse, policy: ErrorPolicy, call: Call): boolean {
    const { status } = response
    const good = status >= 200 && status <= 299 && status !== 207
    const body = good && !this.#mayBeExpired(response) ? undefined : bodyIfAny(response)
    if (body === undefined) return good
    if (!good) return policy === 'partial' && body.data !== undefined && body.data !== null
    const expired = this.#expired.has(codeOf(body.errors?.[0]) ?? '')
    // A mutation with data has been executed in part, and must not be sent again with a new credential.
    return !expired || (call.spec.effect === 'write' && body.data !== undefined)
  }

  /** Looked at before the body is parsed a second time: nearly every answer is none of these. */
  #mayBeExpired({ body }: HttpResponse): boolean {
    const start = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 16 * 1024))
    if (!start.includes('"errors"')) return false
    for (const code of this.#expired) if (start.includes(code)) return true
    return false
  }

  #keyed(input: PreparedInput, call: Call): PreparedInput {
    const { idempotency } = this.#options.config
    const { idempotencyKey, spec } = call
    if (idempotency === undefined && spec.idempotency === 'vendor-key') {
      const message = 'is needed for mutation.runOnce: say how the server takes the key, or use mutation.run'
      throw new Fault({ kind: 'config', sent: 'none', issues: [{ path: 'idempotency', message }] })
    }
    if (idempotency === undefined || !('variable' in idempotency) || idempotencyKey === undefined) return input
    return { ...input, variables: withKey(input.variables, idempotency.variable, idempotencyKey) }
  }
}

function urlWith(url: string, body: RequestBody): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(body)) {
    if (value !== undefined) query.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}

/** An error of HTTP whose body is GraphQL's says where and what as well. */
function explained(
  error: unknown,
  raw: HttpResponse | undefined,
  clean: CleanText,
  variables: GraphqlVariables | undefined,
): unknown {
  if (!(error instanceof Fault) || raw === undefined) return error
  const { message, issues } = error.facts
  const errors = bodyIfAny(raw)?.errors ?? []
  return new Fault({
    ...error.facts,
    message: message === undefined ? undefined : withoutVariables(clean, variables)(message),
    issues: errors.length === 0 ? issues : issuesOf(errors, clean, variables),
  })
}
