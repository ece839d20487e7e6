import { z } from 'zod'
import { fieldSchema } from './field-schema.ts'
import { camel, headerName, json, link, milliseconds, operationName, text } from './words.ts'

/** A value in requests of signers and logins; the language of core's `Value`, checked when the manifest is linted. */
const value = json
const writing = z.union([
  z.strictObject({ header: headerName, value }),
  z.strictObject({ query: text, value }),
  z.strictObject({ cookie: text, value }),
])
/** May hold {name} of the connection's configuration; its host must be among the deployment's hosts. A path is below the base URL. */
const endpoint = z
  .string()
  .regex(
    /^(https:\/\/|\{|\/(?!\/))[^\s#]+$/,
    "must be an https URL, or a path below the deployment's base URL; {name} stands for a field of config",
  )
const clientAuthentication = z.enum([
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'none',
])
const token = {
  tokenEndpoint: endpoint,
  scope: z.array(text).optional().describe('Asked for unless the user names others.'),
  parameters: z.record(z.string(), text).optional(),
  authentication: clientAuthentication.optional(),
  assumedLifetimeMs: milliseconds.optional(),
  authorizationWord: text.optional(),
  tokenTypes: z.array(text).optional(),
}
const refreshTokens = z.enum(['reusable', 'rotating', 'single-use']).optional()

const loginStep = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  path: z
    .string()
    .startsWith('/')
    .describe("Below the deployment's base URL. {name} stands for a field of the credential, encoded as one segment."),
  headers: z.record(headerName, value).optional(),
  json: z.record(z.string(), value).optional(),
  form: z.record(z.string(), value).optional(),
  text: value.optional(),
  take: z
    .record(
      camel,
      z.union([
        z.strictObject({ from: z.literal('json'), path: text }),
        z.strictObject({ from: z.literal('header'), name: headerName }),
        z.strictObject({ from: z.literal('cookie'), name: text }),
        z.strictObject({ from: z.literal('text') }),
      ]),
    )
    .optional(),
})

const scheme = <Id extends string, Settle extends z.ZodRawShape>(id: Id, settle: Settle) =>
  z.strictObject({ ...rest, scheme: z.literal(id), settle: z.strictObject(settle) })
const plain = <Id extends string>(id: Id) => z.strictObject({ ...rest, scheme: z.literal(id) })

const rest = {
  id: camel,
  title: text.optional(),
  help: z.strictObject({ text: text.optional(), link }).optional().describe('Where a person gets it.'),
  fields: z
    .record(camel, fieldSchema)
    .optional()
    .describe(
      'Titles, help and rotation hints of the fields that users supply; for signers and logins also which there are.',
    ),
  refusals: z
    .array(z.number().int().min(400).max(599))
    .optional()
    .describe('Statuses that refuse the credential. Default 401.'),
  scopes: z.record(text, text).optional().describe("The vendor's permissions with their meaning."),
  rotation: text.optional().describe('How and how often to rotate it.'),
  check: operationName.optional().describe('Default: the check of the connection.'),
  revoke: operationName.optional(),
}

/** A vector: what the scheme must write for known secrets, time and nonces. */
export const signerVector = z.strictObject({
  secrets: z.record(camel, text).describe('Published or made-up values, never real ones.'),
  fields: z.record(camel, text).optional(),
  request: z.strictObject({
    method: text,
    url: text,
    headers: z.record(z.string(), text).optional(),
    body: z.string().optional(),
  }),
  at: z.iso.datetime().describe('The wall clock.'),
  nonce: text.optional().describe('The bytes of every nonce, in hex.'),
  writes: z.record(z.string(), text).describe('Headers (lower case) and query keys that must come out.'),
  from: text.describe('Where the vector comes from.'),
})

/** Named ways to sign; each is proven by at least one vector. */
export const signer = z.strictObject({ writes: z.array(writing).min(1), vectors: z.array(signerVector).min(1) })

/** Ways to authenticate: what the vendor settles; users supply the rest. */
export const credential = z.discriminatedUnion('scheme', [
  plain('none'),
  scheme('api-key', {
    in: z.enum(['header', 'query']),
    name: text,
    prefix: z.string().optional(),
  }),
  plain('bearer'),
  scheme('basic', {
    username: text.optional().describe('Where the user name is fixed.'),
    password: z.string().optional().describe('Where the key is the user name: the fixed password, often empty or X.'),
    usernameSuffix: text.optional().describe('Written after the user name, such as /token.'),
  }),
  scheme('oauth2-code', {
    ...token,
    authorizationEndpoint: endpoint,
    authorizationParameters: z.record(z.string(), text).optional(),
    issuer: text.optional(),
    refreshTokens,
  }),
  scheme('oauth2-client-credentials', token),
  scheme('oauth2-refresh-token', { ...token, refreshTokens }),
  scheme('oauth2-password', token),
  scheme('oauth2-jwt-bearer', {
    ...token,
    audience: text.optional(),
    algorithm: z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA']).optional(),
    claims: z.record(z.string(), json).optional(),
    lifetimeSeconds: z.number().int().min(1).max(86_400).optional(),
  }),
  scheme('oauth2-token-exchange', { ...token, audience: text.optional(), resource: text.optional() }),
  scheme('session', {
    steps: z.array(loginStep).min(1),
    writes: z.array(writing).min(1),
    lifetime: z
      .union([
        z.strictObject({ ms: milliseconds }),
        z.strictObject({ taken: camel, unit: z.enum(['s', 'ms', 'unix-s', 'unix-ms', 'iso']) }),
      ])
      .optional(),
    logout: loginStep.optional(),
    shared: z.boolean().optional(),
  }),
  scheme('signer', { signer: camel.describe('Of `signers`.') }),
  scheme('aws-sigv4', { service: text, region: text.optional().describe('A region, or {name} of config.') }),
  scheme('http-message-signature', {
    components: z.array(text).min(1),
    algorithm: z.enum([
      'rsa-pss-sha512',
      'rsa-v1_5-sha256',
      'ecdsa-p256-sha256',
      'ecdsa-p384-sha384',
      'ed25519',
      'hmac-sha256',
    ]),
    label: text.optional(),
  }),
  plain('mtls'),
  scheme('ws-security', {
    passwordType: z
      .enum(['digest', 'text'])
      .optional()
      .describe('Default digest. text: only TLS protects the password.'),
    nonce: z.boolean().optional().describe('Nonce and time with a plain password. Default false.'),
    timestampSeconds: z
      .number()
      .positive()
      .max(86_400)
      .optional()
      .describe('For how long a message is fresh. Absent: no Timestamp.'),
  }),
  scheme('oauth1', {
    signatureMethod: z.enum(['HMAC-SHA1', 'HMAC-SHA256', 'RSA-SHA256', 'PLAINTEXT']),
    realm: text.optional(),
  }),
])
