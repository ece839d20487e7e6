import { Fault } from '@patchbay/core'
import {
  apiKey,
  awsSigV4,
  basic,
  bearer,
  hmac,
  httpMessageSignature,
  mtls,
  none,
  oauth1,
  oauth2ClientCredentials,
  oauth2Code,
  oauth2JwtBearer,
  oauth2Password,
  oauth2RefreshToken,
  oauth2TokenExchange,
  sessionLogin,
} from '@patchbay/core/credentials'
import { manifestFault } from '../manifest-fault.ts'
import type { DeclaredCredential, Manifest, Values } from '../manifest-parts.ts'
import { entryOf } from '../manifest-parts.ts'
import { usernameToken } from './message-security.ts'
import { fieldsInPath, namesIn } from './references.ts'
import type { SchemePlan } from './scheme-plan.ts'
import { jwtBearerSettings, tokenSettings } from './token-settings.ts'

type Settled<Scheme extends string> = Extract<DeclaredCredential, { scheme: Scheme; settle: object }>['settle']

/** What core's scheme needs for one credential of a manifest. */
export function schemePlan(manifest: Manifest, credential: DeclaredCredential): SchemePlan {
  const plain = (
    base: SchemePlan['base'],
    fields: readonly string[],
    optional: readonly string[] = [],
  ): SchemePlan => ({
    base,
    fields,
    optional,
    make: (given) => ({ ...given }),
  })
  switch (credential.scheme) {
    case 'none':
      return { base: noneScheme, fields: [], optional: [], make: () => ({}) }
    case 'bearer':
      return plain(bearer, ['token'])
    case 'api-key':
      return { ...plain(apiKey, ['key']), make: (given) => ({ ...given, ...credential.settle }) }
    case 'basic':
      return basicPlan(credential.settle)
    case 'mtls':
      return plain(mtls, ['certificate', 'key', 'passphrase', 'ca'], ['passphrase', 'ca'])
    case 'signer':
      return signerPlan(manifest, credential)
    case 'session':
      return sessionPlan(credential)
    case 'aws-sigv4':
      return awsPlan(credential.settle)
    case 'http-message-signature':
      return { ...plain(httpMessageSignature, ['key', 'keyId']), make: (given) => ({ ...given, ...credential.settle }) }
    case 'ws-security':
      return {
        ...plain(usernameToken, ['username', 'password']),
        make: (given) => ({ ...given, ...credential.settle }),
      }
    case 'oauth1': {
      const keyed = credential.settle.signatureMethod.startsWith('RSA')
      const own = ['consumerKey', keyed ? 'privateKey' : 'consumerSecret']
      const fields = [...own, 'token', 'tokenSecret']
      return {
        base: oauth1,
        fields,
        optional: ['token', 'tokenSecret'],
        make: (given) => ({ ...given, ...credential.settle }),
      }
    }
    case 'oauth2-client-credentials':
      return tokenSettings(oauth2ClientCredentials, credential.settle, {})
    case 'oauth2-password':
      return tokenSettings(oauth2Password, credential.settle, { own: ['username', 'password'], anonymous: true })
    case 'oauth2-refresh-token':
      return tokenSettings(oauth2RefreshToken, credential.settle, {
        own: ['refreshToken', 'accessToken', 'expiresAt'],
        optional: ['accessToken', 'expiresAt', 'clientSecret'],
      })
    case 'oauth2-code':
      return tokenSettings(oauth2Code, credential.settle, {
        own: ['redirectUri', 'refreshToken', 'accessToken', 'expiresAt'],
        optional: ['accessToken', 'expiresAt', 'clientSecret'],
      })
    case 'oauth2-jwt-bearer':
      return jwtBearerSettings(oauth2JwtBearer, credential.settle)
    case 'oauth2-token-exchange':
      return tokenSettings(oauth2TokenExchange, credential.settle, {
        own: ['subjectToken', 'subjectTokenType', 'actorToken', 'actorTokenType'],
        optional: ['subjectTokenType', 'actorToken', 'actorTokenType'],
        anonymous: true,
      })
  }
}

/** Core's `none` takes no configuration at all. */
const noneScheme = Object.assign(() => none(), { scheme: none.scheme }) as SchemePlan['base']

function basicPlan({ username, password, usernameSuffix = '' }: Settled<'basic'>): SchemePlan {
  const fields = [...(username === undefined ? ['username'] : []), ...(password === undefined ? ['password'] : [])]
  return {
    base: basic,
    fields,
    optional: [],
    // Where the password is fixed, the user name is the key.
    secrets: password === undefined ? [] : ['username'],
    make(given) {
      const name = username ?? given.username
      return {
        username: typeof name === 'string' && name !== '' ? name + usernameSuffix : name,
        password: password ?? given.password,
      }
    },
  }
}

/** Where a step goes. Each field in its path is encoded as one segment. */
function stepUrl(base: string, path: string) {
  const parts = path.split(/\{([^{}]*)\}/)
  if (parts.length === 1) return base + path
  const values = parts.map((part, index) => (index % 2 === 0 ? part : { encode: 'uri' as const, of: { field: part } }))
  return { join: [base + parts[0], ...values.slice(1)] }
}

function signerPlan({ signers }: Manifest, credential: Extract<DeclaredCredential, { scheme: 'signer' }>): SchemePlan {
  const writes = entryOf(signers, credential.settle.signer)?.writes ?? []
  const names = namesIn(writes)
  const { refusals } = credential
  return {
    base: hmac,
    ...namedFields(names),
    make: (given) => ({
      signer: { writes, ...(refusals === undefined ? {} : { refusals }) },
      ...split(given, names),
    }),
  }
}

function sessionPlan(credential: Extract<DeclaredCredential, { scheme: 'session' }>): SchemePlan {
  const { steps, writes, lifetime, logout, shared } = credential.settle
  const paths = [...steps, ...(logout === undefined ? [] : [logout])].flatMap(({ path }) => fieldsInPath(path))
  const names = namesIn([steps, writes, logout, paths.map((field) => ({ field }))])
  const { refusals } = credential
  return {
    base: sessionLogin,
    ...namedFields(names),
    make(given, { place }) {
      const step = <Step extends { readonly path: string }>({ path, ...rest }: Step) => {
        // Right behind the host, anything but a slash would be part of it.
        if (!path.startsWith('/') || /[\s\\#]/.test(path))
          throw manifestFault(
            `credentials.${credential.id}.settle`,
            'has a step whose path does not start with a slash',
          )
        for (const name of fieldsInPath(path))
          if (given[name] === '.' || given[name] === '..')
            throw new Fault({
              kind: 'config',
              code: 'credential-config',
              sent: 'none',
              message: `the credential ${credential.id} needs another ${name}`,
              issues: [{ path: name, message: 'must not be a dot segment, which would lead to another path' }],
            })
        return { ...rest, url: stepUrl(place.base.url, path) }
      }
      return {
        login: {
          steps: steps.map(step),
          writes,
          lifetime,
          ...(logout === undefined ? {} : { logout: step(logout) }),
          ...(refusals === undefined ? {} : { refusals }),
        },
        shared,
        origin: place.base.origin,
        ...split(given, names),
      }
    },
  }
}

type Names = ReturnType<typeof namesIn>

const namedFields = ({ secrets, fields }: Names) => ({
  fields: [...secrets, ...fields],
  optional: [],
  secrets: [...secrets],
})

const split = (given: Values, names: Names) => ({
  secrets: Object.fromEntries(Object.entries(given).filter(([name]) => names.secrets.has(name))),
  fields: Object.fromEntries(Object.entries(given).filter(([name]) => !names.secrets.has(name))),
})

function awsPlan({ service, region }: Settled<'aws-sigv4'>): SchemePlan {
  return {
    base: awsSigV4,
    fields: ['accessKeyId', 'secretAccessKey', 'sessionToken', 'keys', ...(region === undefined ? ['region'] : [])],
    // `keys` stands instead of the others; core says so where both or none are given.
    optional: ['accessKeyId', 'secretAccessKey', 'sessionToken', 'keys'],
    make: (given, { text }) => ({
      ...given,
      service,
      ...(region === undefined ? {} : { region: text(region, 'region') }),
    }),
  }
}
