import type { DeclaredCredential, Values } from '../manifest-parts.ts'
import type { SchemePlan, Settle } from './scheme-plan.ts'

type TokenSettled = Extract<
  DeclaredCredential,
  { scheme: 'oauth2-code' | 'oauth2-token-exchange' | 'oauth2-jwt-bearer' | 'oauth2-refresh-token' }
>['settle']

interface Grant {
  /** Fields of the grant itself. */
  readonly own?: readonly string[]
  readonly optional?: readonly string[]
  /** The grant proves enough: a client id is not needed. */
  readonly anonymous?: boolean
}

/** A scheme that asks a token endpoint. */
export function tokenSettings(base: SchemePlan['base'], settled: TokenSettled, grant: Grant): SchemePlan {
  const { own = [], optional = [], anonymous = false } = grant
  const proof = proofFields(settled.authentication)
  const client = ['clientId', ...proof.fields]
  return {
    base,
    fields: [...client, ...own, 'scope'],
    optional: [...optional, 'scope', ...(anonymous ? client : []), ...proof.optional],
    secrets: [...proof.secrets, ...own.filter((name) => /token$|password$/i.test(name))],
    make(given, settle) {
      const { place, text } = settle
      const endpoint = place.resolve(settled.tokenEndpoint, 'tokenEndpoint')
      const fixed: Record<string, unknown> = { tokenEndpoint: endpoint.url, origin: endpoint.origin }
      for (const name of ['assumedLifetimeMs', 'authorizationWord', 'tokenTypes'] as const)
        if (settled[name] !== undefined) fixed[name] = settled[name]
      if (settled.parameters !== undefined) fixed.parameters = filled(settled.parameters, text)
      if (given.scope === undefined && settled.scope !== undefined) fixed.scope = settled.scope
      Object.assign(fixed, moreSettings(settled, settle))
      return { ...proof.make(given), ...fixed }
    },
  }
}

/** A signed assertion as the grant. */
export function jwtBearerSettings(
  base: SchemePlan['base'],
  settled: Extract<DeclaredCredential, { scheme: 'oauth2-jwt-bearer' }>['settle'],
): SchemePlan {
  const plan = tokenSettings(base, settled, {
    own: ['key', 'keyId', 'issuer', 'subject'],
    optional: ['keyId', 'subject', 'clientSecret'],
    anonymous: true,
  })
  return {
    ...plan,
    secrets: [...(plan.secrets ?? []), 'key'],
    make(given, settle) {
      const { algorithm, claims, lifetimeSeconds } = settled
      const own: Record<string, unknown> = { algorithm, claims, lifetimeSeconds }
      for (const name of Object.keys(own)) if (own[name] === undefined) delete own[name]
      return { ...plan.make(given, settle), ...own }
    },
  }
}

const uses = { reusable: 'many', rotating: 'single', 'single-use': 'single' } as const

function moreSettings(settled: TokenSettled, { place, text }: Settle): Record<string, unknown> {
  const more: Record<string, unknown> = {}
  const { authorizationEndpoint, authorizationParameters, issuer, refreshTokens, audience, resource } = settled as {
    readonly [name: string]: unknown
  } & {
    readonly refreshTokens?: keyof typeof uses
    readonly authorizationParameters?: Readonly<Record<string, string>>
  }
  if (typeof authorizationEndpoint === 'string')
    more.authorizationEndpoint = place.resolve(authorizationEndpoint, 'authorizationEndpoint').url
  if (authorizationParameters !== undefined) more.authorizationParameters = filled(authorizationParameters, text)
  if (issuer !== undefined) more.issuer = text(String(issuer), 'issuer')
  if (refreshTokens !== undefined) more.refreshTokens = { use: uses[refreshTokens] }
  if (audience !== undefined) more.audience = text(String(audience), 'audience')
  if (resource !== undefined) more.resource = text(String(resource), 'resource')
  return more
}

function filled(parameters: Readonly<Record<string, string>>, text: Settle['text']): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, text(value, name)]))
}

/** How the client proves itself, and what a user supplies for it. */
function proofFields(authentication: TokenSettled['authentication']) {
  switch (authentication) {
    case 'private_key_jwt':
      return {
        fields: ['privateKey', 'keyId'],
        optional: ['keyId'],
        secrets: ['privateKey'],
        make({ privateKey, keyId, ...given }: Values): Values {
          return {
            ...given,
            authentication: { method: 'private_key_jwt', key: privateKey, ...(keyId === undefined ? {} : { keyId }) },
          }
        },
      }
    case 'tls_client_auth':
      return {
        fields: ['certificate', 'key', 'passphrase'],
        optional: ['passphrase'],
        secrets: ['key', 'passphrase'],
        make({ certificate, key, passphrase, ...given }: Values): Values {
          const identity = { certificate, key, ...(passphrase === undefined ? {} : { passphrase }) }
          return { ...given, authentication: { method: 'tls_client_auth', ...identity } }
        },
      }
    case 'none':
      return {
        fields: [],
        optional: [],
        secrets: [],
        make: (given: Values): Values => ({ ...given, authentication: 'none' }),
      }
    default:
      return {
        fields: ['clientSecret'],
        optional: [],
        secrets: ['clientSecret'],
        make: (given: Values): Values =>
          authentication === undefined || given.clientSecret === undefined
            ? { ...given }
            : { ...given, authentication },
      }
  }
}
