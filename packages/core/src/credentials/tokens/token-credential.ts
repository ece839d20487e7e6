import type { Credential, CredentialEnv, CredentialSource } from '../../credential.ts'
import type { TlsIdentity } from '../../http/transport.ts'
import { TokenKeeper } from './token-keeper.ts'
import type { TokenPlan } from './token-plan.ts'
import { memoryRecords, storedRecords, type TokenRecords } from './token-records.ts'

export interface BearerUse {
  /** The word before the token, `Bearer` unless the vendor has its own. */
  readonly word: string
  readonly tls?: TlsIdentity | undefined
  /** The plan's fingerprints do not tell whose tokens these are, so they are not stored. */
  readonly memoryOnly?: boolean | undefined
}

/** A source whose connections send the plan's present token in `Authorization`. */
export function tokenSource(plan: TokenPlan, use: BearerUse): CredentialSource {
  let memory: TokenRecords | undefined
  return {
    scheme: plan.scheme,
    open(env: CredentialEnv): Credential {
      // One memory for all connections of a source: they must not spend the same refresh token twice.
      memory ??= memoryRecords(env.clock)
      const store = use.memoryOnly === true ? undefined : env.store
      const records = store === undefined ? memory : storedRecords(plan, env, store)
      return new TokenCredential(plan, use, new TokenKeeper(plan, env, records))
    },
  }
}

class TokenCredential implements Credential {
  readonly scheme: string
  readonly marks = { headers: ['authorization'], query: [] }
  readonly #use: BearerUse
  readonly #keeper: TokenKeeper

  constructor(plan: TokenPlan, use: BearerUse, keeper: TokenKeeper) {
    this.scheme = plan.scheme
    this.#use = use
    this.#keeper = keeper
  }

  get tls(): TlsIdentity | undefined {
    return this.#use.tls
  }

  get expiresAt(): number | undefined {
    return this.#keeper.expiresAt
  }

  readonly apply: Credential['apply'] = (request, call) => {
    const token = this.#keeper.token(call)
    if (typeof token === 'string') {
      request.headers.authorization = `${this.#use.word} ${token}`
      return
    }
    return token.then((late) => {
      request.headers.authorization = `${this.#use.word} ${late}`
    })
  }

  readonly refresh: NonNullable<Credential['refresh']> = async (request, response, call) => {
    // RFC 6750 section 3.1: another token would have the same rights.
    if (/error="?insufficient_scope/.test(String(response.headers['www-authenticate'] ?? ''))) return undefined
    const used = String(request.headers.authorization ?? '').slice(this.#use.word.length + 1)
    return (await this.#keeper.replace(used, call)) ? 'credential-refreshed' : undefined
  }

  readonly reveal = async (): Promise<Record<string, string>> => ({ token: await this.#keeper.token() })

  async close(): Promise<void> {
    await this.#keeper.close()
  }
}
