import type { Credential, CredentialEnv, SignableRequest } from '../../credential.ts'
import { Fault } from '../../errors.ts'
import { Scope } from '../signers/evaluate.ts'
import { marksOf, writeValues } from '../signers/write-values.ts'
import { timeLimit } from '../tokens/time-limit.ts'
import type { TokenKeeper } from '../tokens/token-keeper.ts'
import { type LoginNames, runStep, type Taken } from './login-flow.ts'
import type { LoginSpec, LoginStep } from './login-spec.ts'

export interface SessionParts {
  readonly login: LoginSpec
  readonly names: LoginNames
  readonly env: CredentialEnv
  /** Keeps what the login took as one token, in JSON. */
  readonly keeper: TokenKeeper
  /** The connection closes; `session` is what it used last. */
  leave(session: Taken | undefined): Promise<void>
}

export class SessionCredential implements Credential {
  readonly scheme = 'session'
  readonly marks
  readonly refusals
  readonly #parts: SessionParts
  /** Which session each request carries. */
  readonly #used = new WeakMap<object, string>()
  #present: { readonly token: string; readonly taken: Taken } | undefined
  #closed = false

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.marks = marksOf(parts.login.writes)
    this.refusals = parts.login.refusals ?? [401]
  }

  get expiresAt(): number | undefined {
    return this.#parts.keeper.expiresAt
  }

  readonly apply: Credential['apply'] = (request, call) => {
    const token = this.#parts.keeper.token(call)
    return typeof token === 'string' ? this.#write(request, token) : token.then((late) => this.#write(request, late))
  }

  readonly refresh: NonNullable<Credential['refresh']> = async (request, _response, call) => {
    const used = this.#used.get(request)
    if (used === undefined) return undefined
    return (await this.#parts.keeper.replace(used, call)) ? 'credential-refreshed' : undefined
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#parts.keeper.close()
    await this.#parts.leave(this.#present?.taken)
  }

  /** Best effort: a vendor that is away must not keep a connection from closing. The session then ends by itself. */
  static async logOut(
    step: LoginStep,
    taken: Taken,
    names: LoginNames,
    env: CredentialEnv,
    timeoutMs: number,
  ): Promise<void> {
    const limit = timeLimit(
      env.clock,
      timeoutMs,
      () => new Fault({ kind: 'timeout', message: 'session: no answer to the logout' }),
    )
    const deadlineAt = env.clock.monotonic() + timeoutMs
    try {
      await runStep(step, 'logout', taken, names, { env, cancellation: limit, deadlineAt })
    } catch (error) {
      const code = error instanceof Fault ? (error.facts.code ?? error.facts.kind) : 'unexpected'
      env.events.emit('notice', {
        connection: env.connection,
        code: 'logout-failed',
        message: `session: the logout failed (${code})`,
      })
    } finally {
      limit.stop()
    }
  }

  #write(request: SignableRequest, token: string): void {
    const { login, names, env } = this.#parts
    if (this.#present?.token !== token) this.#present = { token, taken: JSON.parse(token) as Taken }
    const { secrets, fields } = names
    const parts = { secrets, fields, taken: this.#present.taken, request, now: env.clock.now() }
    writeValues(request, login.writes, new Scope(parts, env.random))
    this.#used.set(request, token)
  }
}
