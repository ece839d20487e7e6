import type { Credential, CredentialEnv, CredentialScheme, CredentialSource } from '@patchbay/core'
import { Fault, patchbayError } from '@patchbay/core'
import { defineScheme, type SchemeFunction } from '@patchbay/core/credentials'
import { type Origin, type Place, placeOf } from '../deployments/place.ts'
import { TemplateProblem, variablesOf } from '../deployments/url-template.ts'
import type { DeclaredCredential, Manifest, Values } from '../manifest-parts.ts'
import { checkFields, fieldsOfPlan } from './credential-fields.ts'
import { filledText } from './filled-text.ts'
import { RefusedBy } from './refused-by.ts'
import type { SchemePlan, Settle } from './scheme-plan.ts'
import { schemePlan } from './scheme-plans.ts'

export type DeclaredCredentials = Readonly<Record<string, SchemeFunction<Values>>>

/** The ways to authenticate of a manifest, by id. Each is made when it is first looked at. */
export function declaredCredentials(manifest: Manifest): DeclaredCredentials {
  const all = {}
  for (const credential of manifest.credentials) {
    let made: SchemeFunction<Values> | undefined
    Object.defineProperty(all, credential.id, {
      enumerable: true,
      get() {
        made ??= declaredCredential(manifest, credential)
        return made
      },
    })
  }
  return all
}

function declaredCredential(manifest: Manifest, credential: DeclaredCredential): SchemeFunction<Values> {
  const plan = schemePlan(manifest, credential)
  // What is settled is part of it: sources of another version of the manifest might write the secret elsewhere.
  // A connection without a credential counts as `none`, which has nothing to settle.
  const preset =
    credential.scheme === 'none'
      ? undefined
      : JSON.stringify([manifest.id, credential.id, 'settle' in credential ? credential.settle : null])
  const scheme: CredentialScheme = {
    id: plan.base.scheme.id,
    title: credential.title ?? plan.base.scheme.title,
    fields: fieldsOfPlan(plan, credential),
    preset,
  }
  return defineScheme<Values>(scheme, (given) => {
    const fields = checkFields(credential.id, plan, given ?? {})
    // Tells now what is wrong with the fields, whatever the connection's URLs will be.
    told(() => plan.base(plan.make(fields, anyPlace)))
    return new DeclaredSource(manifest, credential, plan, scheme, fields)
  })
}

/** What is wrong outside a call, as users see it. */
function told<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof Fault ? patchbayError(error.facts) : error
  }
}

class DeclaredSource implements CredentialSource {
  readonly scheme: string
  readonly preset: string | undefined
  readonly #manifest: Manifest
  readonly #credential: DeclaredCredential
  readonly #plan: SchemePlan
  readonly #fields: Values
  /** One source for all connections of the same URLs: tokens are shared within a source. */
  readonly #sources = new Map<string, CredentialSource>()

  constructor(
    manifest: Manifest,
    credential: DeclaredCredential,
    plan: SchemePlan,
    scheme: CredentialScheme,
    fields: Values,
  ) {
    this.scheme = scheme.id
    this.preset = scheme.preset
    this.#manifest = manifest
    this.#credential = credential
    this.#plan = plan
    this.#fields = fields
  }

  async open(env: CredentialEnv): Promise<Credential> {
    const credential = await this.#sourceFor((env.config ?? {}) as Values).open(env)
    const { refusals } = this.#credential
    const { scheme } = this.#credential
    // Signers and logins have refusals of their own; a UsernameToken stands in messages and has nothing to renew.
    const own = scheme === 'signer' || scheme === 'session' || scheme === 'ws-security'
    return refusals === undefined || own ? credential : new RefusedBy(credential, refusals)
  }

  #sourceFor(config: Values): CredentialSource {
    const settled = this.#settled(config)
    const key = JSON.stringify(settled.urls)
    let source = this.#sources.get(key)
    if (source === undefined) {
      source = this.#plan.base(settled.made)
      this.#sources.set(key, source)
    }
    return source
  }

  /** What core's scheme gets for a configuration, and what of it depends on the configuration. */
  #settled(config: Values): { readonly made: Record<string, unknown>; readonly urls: readonly string[] } {
    try {
      const place = placeOf(this.#manifest, config)
      const urls: string[] = [place.base.url]
      const resolve = (template: string, where: string): Origin => {
        const origin = place.resolve(template, where)
        urls.push(origin.url)
        return origin
      }
      const text = (template: string, where: string): string => {
        const filled = filledText(template, config, where)
        urls.push(filled)
        return filled
      }
      return { made: this.#plan.make(this.#fields, { place: { ...place, resolve }, text }), urls }
    } catch (problem) {
      if (!(problem instanceof TemplateProblem)) throw problem
      const message = `the credential ${this.#credential.id} needs more of the config`
      throw new Fault({ kind: 'config', code: 'credential-config', sent: 'none', message, issues: [problem.issue] })
    }
  }
}

/** Stands for any connection while only the fields are looked at. */
const nowhere: Origin = { url: 'https://any.invalid', origin: 'tenant' }
const anyPlace: Settle = {
  place: {
    base: nowhere,
    host: 'any.invalid',
    origins: new Map(),
    redirectTo: [],
    resolve: () => nowhere,
  } satisfies Place,
  text: (template) => (variablesOf(template).length === 0 ? template : 'any'),
}
