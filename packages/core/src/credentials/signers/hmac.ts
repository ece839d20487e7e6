import type { Credential, CredentialEnv } from '../../credential.ts'
import type { MaybeSecret, Secret } from '../../secret.ts'
import { clockSkew } from '../clock-skew.ts'
import { ConfigCheck } from '../config-check.ts'
import { defineScheme, fieldsOf } from '../scheme.ts'
import { Scope } from './evaluate.ts'
import { collect, type References, type Value } from './value.ts'
import { checkWritings, marksOf, type Writing, writeValues } from './write-values.ts'

/** How a vendor wants requests signed, as data: which texts are hashed under which key, and where the results go. */
export interface SignerSpec {
  readonly writes: readonly Writing[]
  /** Statuses with which the vendor refuses a signature. Default 401 and 403. */
  readonly refusals?: readonly number[] | undefined
}

export interface HmacConfig {
  readonly signer: SignerSpec
  readonly secrets: Readonly<Record<string, MaybeSecret>>
  /** Names that are no secrets: key ids, account ids. */
  readonly fields?: Readonly<Record<string, string>> | undefined
}

/**
 * Signs each request by a connector's {@link SignerSpec}. A refusal whose Date header shows that this machine's clock is wrong is worth
 * one corrected retry.
 */
export const hmac = /* @__PURE__ */ defineScheme<HmacConfig>(
  {
    id: 'hmac',
    title: 'Signed requests',
    fields: fieldsOf(
      {
        signer: { type: 'object', title: 'Signer' },
        secrets: { type: 'object', title: 'Secrets', additionalProperties: { type: 'string', writeOnly: true } },
        fields: { type: 'object', title: 'Names', additionalProperties: { type: 'string' } },
      },
      ['signer', 'secrets'],
    ),
  },
  (config) => {
    const check = new ConfigCheck('hmac')
    check.only(config, ['signer', 'secrets', 'fields'])
    check.only(config.signer, ['writes', 'refusals'], 'signer')
    checkWritings(check, 'signer.writes', config.signer?.writes)
    const values = (config.signer?.writes ?? []).map(
      ({ value }, index) => [`signer.writes.${index}.value`, value] as const,
    )
    const { secrets, fields } = checkNames(check, config, values, [])
    check.done()
    return { scheme: 'hmac', open: (env) => new HmacCredential(config.signer, secrets, fields, env) }
  },
)

/** Checks that a configuration supplies exactly what its values refer to. */
export function checkNames(
  check: ConfigCheck,
  config: Pick<HmacConfig, 'secrets' | 'fields'>,
  values: readonly (readonly [path: string, value: Value])[],
  taken: readonly string[],
): { readonly secrets: ReadonlyMap<string, Secret>; readonly fields: Readonly<Record<string, string>> } {
  const used: References = { secrets: new Set(), fields: new Set(), taken: new Set() }
  for (const [path, value] of values) collect(value, used, path, (at, message) => check.issue(at, message))
  const { secrets = {}, fields = {} } = config
  const given = new Map<string, Secret>()
  for (const name of used.secrets)
    given.set(name, check.secret(`secrets.${name}`, Object.hasOwn(secrets, name) ? secrets[name] : undefined))
  for (const name of used.fields) check.text(`fields.${name}`, Object.hasOwn(fields, name) ? fields[name] : undefined)
  for (const name of Object.keys(secrets)) if (!used.secrets.has(name)) check.issue(`secrets.${name}`, 'is not used')
  for (const name of Object.keys(fields)) if (!used.fields.has(name)) check.issue(`fields.${name}`, 'is not used')
  for (const name of used.taken) if (!taken.includes(name)) check.issue(`taken ${name}`, 'is used but no step takes it')
  return { secrets: given, fields }
}

class HmacCredential implements Credential {
  readonly scheme = 'hmac'
  readonly marks
  readonly refusals
  readonly #spec: SignerSpec
  readonly #secrets: ReadonlyMap<string, Secret>
  readonly #fields: Readonly<Record<string, string>>
  readonly #env: CredentialEnv
  /** When each request was signed, so that a correction by another call in between is seen. */
  readonly #signedSkew = new WeakMap<object, number>()
  #skewMs = 0

  constructor(
    spec: SignerSpec,
    secrets: ReadonlyMap<string, Secret>,
    fields: Readonly<Record<string, string>>,
    env: CredentialEnv,
  ) {
    this.marks = marksOf(spec.writes)
    this.refusals = spec.refusals ?? [401, 403]
    this.#spec = spec
    this.#secrets = secrets
    this.#fields = fields
    this.#env = env
  }

  readonly apply: Credential['apply'] = (request) => {
    const { clock, random } = this.#env
    const parts = { secrets: this.#secrets, fields: this.#fields, taken: {}, request, now: clock.now() + this.#skewMs }
    writeValues(request, this.#spec.writes, new Scope(parts, random))
    this.#signedSkew.set(request, this.#skewMs)
  }

  readonly refresh: NonNullable<Credential['refresh']> = async (request, response) => {
    const skewMs = clockSkew(response.headers, this.#env.clock.now()) ?? 0
    const signed = this.#signedSkew.get(request) ?? this.#skewMs
    if (Math.abs(skewMs - signed) < 30_000) return undefined
    this.#skewMs = skewMs
    return 'clock-skew'
  }
}
