import type { CredentialSource } from '../../credential.ts'
import type { MaybeSecret } from '../../secret.ts'
import { ConfigCheck } from '../config-check.ts'
import { defineScheme, fieldsOf } from '../scheme.ts'
import { checkNames } from '../signers/hmac.ts'
import { fingerprint } from '../tokens/fingerprint.ts'
import { TokenKeeper } from '../tokens/token-keeper.ts'
import type { TokenPlan } from '../tokens/token-plan.ts'
import { memoryRecords, storedRecords, type TokenRecords } from '../tokens/token-records.ts'
import { lifetimeOf, runStep, type Taken } from './login-flow.ts'
import { type LoginSpec, readLogin } from './login-spec.ts'
import { SessionCredential } from './session-credential.ts'

export interface SessionLoginConfig {
  readonly login: LoginSpec
  readonly secrets: Readonly<Record<string, MaybeSecret>>
  readonly fields?: Readonly<Record<string, string>> | undefined
  /**
   * True: all processes of the store use one session, for vendors where a second login ends the first; nobody logs out then. Default
   * false: each process has its own and logs out when its last connection closes.
   */
  readonly shared?: boolean | undefined
  /** Most milliseconds for a whole login. Default 20 000. */
  readonly timeoutMs?: number | undefined
  /** `builtin`: the login's host is fixed by the connector. Default `tenant`. */
  readonly origin?: 'tenant' | 'builtin' | undefined
}

const id = 'session'

/** Logs in as a connector's {@link LoginSpec} says, carries the session in each request, and logs in anew when it ends or is refused. */
export const sessionLogin = /* @__PURE__ */ defineScheme<SessionLoginConfig>(
  {
    id,
    title: 'Log in',
    fields: fieldsOf(
      {
        login: { type: 'object', title: 'Login' },
        secrets: { type: 'object', title: 'Secrets', additionalProperties: { type: 'string', writeOnly: true } },
        fields: { type: 'object', title: 'Names', additionalProperties: { type: 'string' } },
      },
      ['login', 'secrets'],
    ),
  },
  (config): CredentialSource => {
    const check = new ConfigCheck(id)
    check.only(config, ['login', 'secrets', 'fields', 'shared', 'timeoutMs', 'origin'])
    const { values, taken } = readLogin(check, config.login)
    const { secrets, fields } = checkNames(check, config, values, taken)
    const timeoutMs = check.positive('timeoutMs', config.timeoutMs, 20_000)
    check.done()

    const { login, origin, shared = false } = config
    const names = { secrets, fields, origin }
    const plan: TokenPlan = {
      scheme: id,
      seed: fingerprint(id, login, fields),
      proof: fingerprint([...secrets].map(([name, secret]) => [name, secret.reveal()])),
      timeoutMs,
      async obtain(context) {
        let result: Taken = {}
        for (const [index, step] of login.steps.entries())
          result = await runStep(step, `login step ${index + 1} of ${login.steps.length}`, result, names, context)
        return {
          access: JSON.stringify(result),
          lifetimeMs: lifetimeOf(login.lifetime, result, context.env.clock.now()),
        }
      },
    }

    let memory: TokenRecords | undefined
    let openCount = 0
    return {
      scheme: id,
      open(env) {
        memory ??= memoryRecords(env.clock)
        const stored = shared && env.store !== undefined ? storedRecords(plan, env, env.store) : undefined
        const records = stored ?? memory
        openCount++
        const leave = async (session: Taken | undefined): Promise<void> => {
          openCount--
          if (openCount > 0 || stored !== undefined) return
          memory = undefined
          if (session === undefined || login.logout === undefined) return
          await SessionCredential.logOut(login.logout, session, names, env, timeoutMs)
        }
        return new SessionCredential({ login, names, env, keeper: new TokenKeeper(plan, env, records), leave })
      },
    }
  },
)
