import { generateKeyPairSync } from 'node:crypto'
import type { Random } from '@patchbay/core'
import { issueCertificate } from '@patchbay/core/testing'
import { credentialFields } from '../../declarative/credentials/credential-fields.ts'
import type { FieldSchema } from '../../json-schema/field-schema.ts'
import { sample } from '../../json-schema/sampler.ts'
import type { IntegrationManifest } from '../../manifest/manifest.ts'

export type ManifestCredential = IntegrationManifest['credentials'][number]
export type CredentialValues = Readonly<Record<string, string>>

/** What the simulated vendor gave to its customer for one credential: made up, and never a real secret. */
export function credentialValues(
  manifest: IntegrationManifest,
  credential: ManifestCredential,
  random: Random,
): CredentialValues {
  const schema = credentialFields(manifest, credential) as unknown as {
    readonly properties: Readonly<Record<string, FieldSchema>>
    readonly required: readonly string[]
  }
  const values: Record<string, string> = {}
  for (const [name, field] of Object.entries(schema.properties)) {
    const wanted = schema.required.includes(name) || needed[credential.scheme]?.includes(name) === true
    if (!wanted) continue
    values[name] = valueFor(name, field, credential, random)
  }
  return values
}

/** Fields that core's forms call optional because others may stand for them. */
const needed: Readonly<Record<string, readonly string[]>> = {
  'aws-sigv4': ['accessKeyId', 'secretAccessKey'],
  oauth1: ['token', 'tokenSecret'],
  'oauth2-client-credentials': ['clientId', 'clientSecret', 'privateKey', 'keyId'],
  'oauth2-code': ['clientId', 'clientSecret', 'refreshToken'],
  'oauth2-refresh-token': ['clientId', 'clientSecret', 'refreshToken'],
  'oauth2-password': ['clientId', 'clientSecret'],
  'oauth2-token-exchange': ['clientId', 'clientSecret'],
}

const text = (random: Random, length: number): string =>
  Buffer.from(random.bytes(length)).toString('hex').slice(0, length)

function valueFor(name: string, field: FieldSchema, credential: ManifestCredential, random: Random): string {
  if (credential.scheme === 'mtls') return identityText(name)
  const settle =
    'settle' in credential
      ? (credential.settle as { readonly algorithm?: string; readonly authentication?: string })
      : {}
  const keyed =
    name === 'privateKey' ||
    (name === 'key' && ['oauth2-jwt-bearer', 'http-message-signature'].includes(credential.scheme)) ||
    (name === 'key' && settle.authentication === 'tls_client_auth')
  if (keyed && settle.algorithm !== 'hmac-sha256') return privateKeyFor(settle.algorithm ?? 'RS256')
  if (name === 'certificate') return identityText(name)
  if (name === 'redirectUri') return 'https://app.example.com/callback'
  if (name === 'subjectTokenType' || name === 'actorTokenType') return 'urn:ietf:params:oauth:token-type:access_token'
  if (name === 'accessKeyId') return `AKIA${text(random, 16).toUpperCase()}`
  if (name === 'region') return 'eu-central-1'
  if (name === 'username') return `user-${text(random, 6)}`
  if (
    field.pattern !== undefined ||
    field.enum !== undefined ||
    field.format !== undefined ||
    field.examples !== undefined
  )
    return String(sample(field, {}, random, { side: 'input', name }))
  return `simulated-${name.toLowerCase()}-${text(random, 20)}`
}

const keys = new Map<string, string>()

/** One key of each kind for the whole process: making them takes long, and nothing real depends on them. */
function privateKeyFor(algorithm: string): string {
  const kind = /^(ES|ecdsa)/i.test(algorithm)
    ? /384/.test(algorithm)
      ? 'P-384'
      : 'P-256'
    : /^ed/i.test(algorithm)
      ? 'ed25519'
      : 'rsa'
  let key = keys.get(kind)
  if (key === undefined) {
    const pair =
      kind === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : kind === 'ed25519'
          ? generateKeyPairSync('ed25519')
          : generateKeyPairSync('ec', { namedCurve: kind })
    key = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    keys.set(kind, key)
  }
  return key
}

let identity: { readonly certificate: string; readonly key: string } | undefined

/** In this process nothing is encrypted, so the identity is only carried. */
function identityText(name: string): string {
  identity ??= issueCertificate({
    name: 'simulated client',
    role: 'client',
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2049-01-01T00:00:00Z'),
  })
  return name === 'key' ? identity.key : identity.certificate
}
