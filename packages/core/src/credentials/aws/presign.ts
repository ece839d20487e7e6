import { type Clock, systemClock } from '../../clock.ts'
import { Fault, patchbayError } from '../../errors.ts'
import { ConfigCheck } from '../config-check.ts'
import { KeySupply } from './aws-keys.ts'
import { type AwsSigV4Config, awsKeysOf } from './aws-sigv4.ts'
import { signQuery } from './sign-request.ts'

export interface PresignRequest {
  readonly method: string
  readonly url: string
  /** Fields that whoever uses the URL must send just so, such as `content-type`. Sign what you want to be sure of. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** 1 to 604 800 (seven days); no longer than the keys live. */
  readonly expiresInSeconds: number
}

const longestSeconds = 604_800

/**
 * A URL that carries its own signature, for handing to somebody without keys. It is a secret until it ends: keep it out of logs.
 * @throws PatchbayError `config` or `invalid-input`.
 */
export async function presignAwsSigV4(
  config: AwsSigV4Config,
  request: PresignRequest,
  env: { readonly clock: Clock } = { clock: systemClock },
): Promise<string> {
  const check = new ConfigCheck('aws-sigv4')
  const keys = awsKeysOf(check, config)
  check.done()
  const { method, url, headers = {}, expiresInSeconds } = request
  if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > longestSeconds) {
    const message = `must be a whole number from 1 to ${longestSeconds}`
    throw patchbayError({ kind: 'invalid-input', issues: [{ path: 'expiresInSeconds', message }] })
  }
  try {
    const supply = new KeySupply(keys, env)
    return signQuery(
      { method, url, headers: { ...headers } },
      await supply.get(),
      config,
      env.clock.now(),
      expiresInSeconds,
    )
  } catch (error) {
    throw error instanceof Fault ? patchbayError(error.facts) : error
  }
}
