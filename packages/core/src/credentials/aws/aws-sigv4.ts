import type { Credential, CredentialEnv, SignableRequest } from '../../credential.ts'
import type { MaybeSecret } from '../../secret.ts'
import { clockSkew } from '../clock-skew.ts'
import { ConfigCheck } from '../config-check.ts'
import { defineScheme, fieldsOf, secretField, textField } from '../scheme.ts'
import { type AwsKeys, KeySupply, type ReadyKeys } from './aws-keys.ts'
import { type AwsTarget, signHeaders } from './sign-request.ts'

export interface AwsSigV4Config extends AwsTarget {
  readonly accessKeyId?: string | undefined
  readonly secretAccessKey?: MaybeSecret | undefined
  readonly sessionToken?: MaybeSecret | undefined
  /** Instead of the three fields above: where temporary keys come from. Asked again before they end and when they are refused. */
  readonly keys?: (() => Promise<AwsKeys>) | undefined
}

export const awsFields = [
  'accessKeyId',
  'secretAccessKey',
  'sessionToken',
  'keys',
  'region',
  'service',
  'payload',
] as const

const written = ['authorization', 'x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token']

/** Checks a configuration and gives where its keys come from. */
export function awsKeysOf(check: ConfigCheck, config: AwsSigV4Config): AwsKeys | (() => Promise<AwsKeys>) {
  check.only(config, awsFields)
  check.text('region', config.region, 'no-spaces')
  check.text('service', config.service, 'no-spaces')
  if (config.payload !== undefined) check.oneOf('payload', config.payload, ['signed', 'unsigned'])
  const { keys, accessKeyId, secretAccessKey, sessionToken } = config
  if (keys !== undefined) {
    if (accessKeyId !== undefined || secretAccessKey !== undefined || sessionToken !== undefined)
      check.issue('keys', 'stands instead of accessKeyId, secretAccessKey and sessionToken: leave one of them out')
    if (typeof keys !== 'function') check.issue('keys', 'must be a function that gives accessKeyId and secretAccessKey')
    return keys
  }
  return {
    accessKeyId: check.text('accessKeyId', accessKeyId, 'no-spaces'),
    secretAccessKey: check.secret('secretAccessKey', secretAccessKey, 'no-spaces'),
    sessionToken: sessionToken === undefined ? undefined : check.secret('sessionToken', sessionToken, 'no-spaces'),
  }
}

/**
 * AWS Signature Version 4 in headers, also for the many services that speak S3.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export const awsSigV4 = /* @__PURE__ */ defineScheme<AwsSigV4Config>(
  {
    id: 'aws-sigv4',
    title: 'AWS access key',
    fields: fieldsOf(
      {
        accessKeyId: textField('Access key id'),
        secretAccessKey: secretField('Secret access key'),
        sessionToken: secretField('Session token'),
        region: textField('Region'),
        service: textField('Service'),
      },
      ['accessKeyId', 'secretAccessKey', 'region', 'service'],
    ),
  },
  (config) => {
    const check = new ConfigCheck('aws-sigv4')
    const keys = awsKeysOf(check, config)
    check.done()
    return { scheme: 'aws-sigv4', open: (env) => new AwsCredential(config, new KeySupply(keys, env), env) }
  },
)

class AwsCredential implements Credential {
  readonly scheme = 'aws-sigv4'
  readonly marks = { headers: written, query: [] }
  /** AWS answers wrong and late signatures with 403 or, in JSON services, 400. */
  readonly refusals = [400, 401, 403]
  readonly #target: AwsTarget
  readonly #keys: KeySupply
  readonly #env: CredentialEnv
  #skewMs = 0

  constructor({ region, service, payload }: AwsTarget, keys: KeySupply, env: CredentialEnv) {
    this.#target = { region, service, payload }
    this.#keys = keys
    this.#env = env
  }

  get expiresAt(): number | undefined {
    return this.#keys.expiresAt
  }

  readonly apply = (request: SignableRequest): void | Promise<void> => {
    const keys = this.#keys.get()
    if (keys instanceof Promise) return keys.then((late) => this.#sign(request, late))
    this.#sign(request, keys)
  }

  readonly refresh: NonNullable<Credential['refresh']> = async (request, response) => {
    const now = this.#env.clock.now()
    // Against the time that was signed, not against our clock: another call may have corrected it already.
    const skewMs = clockSkew(response.headers, now) ?? 0
    const signedSkew = signedAt(request) - now
    if (Math.abs(skewMs - signedSkew) > 60_000 && Number.isFinite(signedSkew)) {
      this.#skewMs = skewMs
      return 'clock-skew'
    }
    if (!this.#keys.renewable) return undefined
    const used = /Credential=([^/]+)\//.exec(String(request.headers.authorization))?.[1]
    const before = await this.#keys.get()
    const keys = before.accessKeyId === used ? await this.#keys.renew() : before
    return keys.accessKeyId === used ? undefined : 'credential-refreshed'
  }

  #sign(request: SignableRequest, keys: ReadyKeys): void {
    signHeaders(request, keys, this.#target, this.#env.clock.now() + this.#skewMs)
  }
}

/** The time in a request's x-amz-date. */
function signedAt(request: SignableRequest): number {
  const text = String(request.headers['x-amz-date'] ?? '')
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}
