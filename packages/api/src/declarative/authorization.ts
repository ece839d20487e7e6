import { patchbayError, type Secret, validate } from '@patchbay/core'
import type { AuthorizationConfig } from '@patchbay/core/credentials'
import { filledText } from './credentials/filled-text.ts'
import { schemePlan } from './credentials/scheme-plans.ts'
import { configSchema } from './deployments/config-schema.ts'
import { placeOf } from './deployments/place.ts'
import type { Manifest, Values } from './manifest-parts.ts'

export interface AuthorizationFields {
  readonly clientId: string
  readonly clientSecret?: string | Secret | undefined
  readonly redirectUri: string
  /** Asked for instead of the scopes of the manifest. */
  readonly scope?: string | readonly string[] | undefined
}

/**
 * What core's `beginAuthorization` and `completeAuthorization` need, for a credential of the scheme `oauth2-code`; their tokens then go into
 * `integration.credential.<id>`.
 * @throws PatchbayError `config`
 */
export function authorizationOf(
  integration: { readonly declared: Manifest },
  id: string,
  config: object,
  fields: AuthorizationFields,
): AuthorizationConfig {
  const { declared } = integration
  const credential = declared.credentials.find((one) => one.id === id && one.scheme === 'oauth2-code')
  if (credential === undefined) {
    const issues = [{ path: 'id', message: 'names no credential of the scheme oauth2-code' }]
    throw patchbayError({ kind: 'config', issues }, { connector: `catalog/${declared.id}` })
  }
  const checked = validate(configSchema<Values>(declared), config, 'config', 'the config') as Values
  const settle = {
    place: placeOf(declared, checked),
    text: (template: string, where: string) => filledText(template, checked, where),
  }
  return schemePlan(declared, credential).make({ ...fields }, settle) as unknown as AuthorizationConfig
}
