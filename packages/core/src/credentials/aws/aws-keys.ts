import type { CredentialEnv } from '../../credential.ts'
import { Fault } from '../../errors.ts'
import { type MaybeSecret, secret } from '../../secret.ts'
import { SignatureMaker } from './signature.ts'

/** Keys of an identity, long-lived or temporary. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: MaybeSecret
  /** Of temporary keys. */
  readonly sessionToken?: MaybeSecret | undefined
  /** Wall-clock milliseconds at which temporary keys end. */
  readonly expiresAt?: number | undefined
}

export interface ReadyKeys {
  readonly accessKeyId: string
  readonly sessionToken: string | undefined
  readonly expiresAt: number | undefined
  readonly maker: SignatureMaker
}

const aheadMs = 300_000

/** Events only for keys of a connection. */
type KeyEnv = Pick<CredentialEnv, 'clock'> & Partial<Pick<CredentialEnv, 'events' | 'connection'>>

/** The present keys: fixed, or asked for again five minutes before they end, once for all callers. */
export class KeySupply {
  readonly #supply: (() => Promise<AwsKeys>) | undefined
  readonly #env: KeyEnv
  #ready: ReadyKeys | undefined
  #pending: Promise<ReadyKeys> | undefined

  constructor(keys: AwsKeys | (() => Promise<AwsKeys>), env: KeyEnv) {
    this.#env = env
    this.#supply = typeof keys === 'function' ? keys : undefined
    if (typeof keys !== 'function') this.#ready = ready(keys)
  }

  get expiresAt(): number | undefined {
    return this.#ready?.expiresAt
  }

  get renewable(): boolean {
    return this.#supply !== undefined
  }

  get(): ReadyKeys | Promise<ReadyKeys> {
    const keys = this.#ready
    if (keys === undefined) return this.renew()
    if (keys.expiresAt === undefined || this.#supply === undefined) return keys
    const left = keys.expiresAt - this.#env.clock.now()
    if (left > aheadMs) return keys
    const renewed = this.renew()
    return left > 0 ? renewed.catch(() => keys) : renewed
  }

  renew(): Promise<ReadyKeys> {
    this.#pending ??= this.#ask()
      .then(
        (keys) => {
          this.#emit('fresh', 'supplied')
          return keys
        },
        (error: unknown) => {
          this.#emit('failed', 'keys-failed')
          throw error
        },
      )
      .finally(() => {
        this.#pending = undefined
      })
    return this.#pending
  }

  #emit(outcome: 'fresh' | 'failed', reason: string): void {
    const { events, connection = '' } = this.#env
    if (events?.listening) events.emit('credential-refresh', { connection, scheme: 'aws-sigv4', outcome, reason })
  }

  async #ask(): Promise<ReadyKeys> {
    let keys: AwsKeys
    try {
      keys = (await this.#supply?.()) as AwsKeys
    } catch (error) {
      if (error instanceof Fault) throw error
      const message = 'aws-sigv4: the function in "keys" failed, so there is nothing to sign with'
      throw new Fault({ kind: 'credential', code: 'keys-failed', retry: 'later', sent: 'none', message, cause: error })
    }
    if (typeof keys?.accessKeyId !== 'string' || keys.secretAccessKey === undefined) {
      const message = 'aws-sigv4: the function in "keys" gave no accessKeyId and secretAccessKey'
      throw new Fault({ kind: 'credential', code: 'keys-failed', sent: 'none', message })
    }
    this.#ready = ready(keys)
    return this.#ready
  }
}

export function ready(keys: AwsKeys): ReadyKeys {
  const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = keys
  return {
    accessKeyId,
    expiresAt,
    // Not enumerable, so that nothing prints it.
    get sessionToken() {
      return sessionToken === undefined ? undefined : secret(sessionToken).reveal()
    },
    maker: new SignatureMaker(secret(secretAccessKey).reveal()),
  }
}
