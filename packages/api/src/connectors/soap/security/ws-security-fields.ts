import type { JsonSchema } from '@patchbay/core'

const text = (title: string, more: JsonSchema = {}): JsonSchema => ({ type: 'string', minLength: 1, title, ...more })
const pems = (title: string): JsonSchema => ({ type: 'array', items: text(title) })

/** JSON Schema of the scheme's fields, for forms and the catalog. */
export const fields: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    username: text('User name'),
    password: text('Password', { writeOnly: true }),
    passwordType: { enum: ['digest', 'text'], default: 'digest', title: 'How the password is sent' },
    nonce: { type: 'boolean', title: 'Nonce and time with a plain password' },
    timestampSeconds: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 86_400,
      title: 'Seconds for which a message is fresh',
    },
    certificate: text('Certificate that signs (PEM)', { contentMediaType: 'application/x-pem-file' }),
    key: text('Private key (PEM)', { writeOnly: true }),
    passphrase: text('Passphrase of the key', { writeOnly: true }),
    algorithm: { enum: ['rsa-sha256', 'rsa-sha512'], default: 'rsa-sha256', title: 'Signature method' },
    sign: { type: 'array', items: { enum: ['body', 'timestamp', 'token', 'addressing'] }, title: 'Signed parts' },
    answersBy: {
      type: 'object',
      properties: { certificates: pems('Certificate (PEM)'), authorities: pems('Authority (PEM)') },
      additionalProperties: false,
      title: 'Who must sign answers',
    },
    answerTimestamp: { type: 'boolean', default: true, title: 'Answers hold a signed time' },
    skewSeconds: { type: 'number', minimum: 0, default: 60, title: 'Difference of the clocks in seconds' },
    mustUnderstand: { type: 'boolean', default: true, title: 'The receiver must understand the header' },
    actor: text('Actor or role of the header'),
  },
  additionalProperties: false,
}
