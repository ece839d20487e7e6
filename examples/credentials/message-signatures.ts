// HTTP Message Signatures (RFC 9421): requests that prove who sent them and what they said, and the other side that checks it.
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { connect, defineConnector } from '@patchbay/core'
import { hmac, httpMessageSignature, verifyMessage } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { fakeTransport, type SentRequest } from '@patchbay/core/testing'
import { z } from 'zod'

const connector = defineConnector({
  contract: 1,
  manifest: { id: 'api/bank', title: 'Bank', summary: 'Wants signatures.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [httpMessageSignature.scheme, hmac.scheme],
  operations: {
    'payment.create': httpOperation(
      { name: 'payment.create', effect: 'write', input: z.strictObject({ amount: z.number() }), output: z.unknown() },
      { request: (json) => ({ method: 'POST', path: path`/payments`, query: { dry: true }, json }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})
const transport = fakeTransport({ 'POST /payments': { json: {} } })
const config = { url: 'https://bank.example' }

const pair = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const credential = httpMessageSignature({
  algorithm: 'ed25519',
  key: pair.privateKey,
  keyId: 'key-1',
  // Left out: method, target URI and, with a body, its digest.
  components: ['@method', '@authority', '@path', '@query', 'content-digest'],
  expiresInSeconds: 60,
  nonce: true,
})
await using signed = connect(connector, { config, credential, transport })
await signed.payment.create({ amount: 12 })
const request = transport.requests[0] as SentRequest
console.log(request.headers['signature-input'])
console.log(request.headers['content-digest'])

// What a receiver does. It states what must be covered: a signature over less proves less.
const verify = (message: SentRequest, body: Uint8Array = message.body) =>
  verifyMessage(
    { method: message.method, url: message.url, headers: message.headers },
    {
      keyOf: (keyId) =>
        keyId === 'key-1' ? { key: createPublicKey(pair.publicKey), algorithm: 'ed25519' } : undefined,
      required: ['@method', '@path', '@query', 'content-digest'],
      now: Date.now(),
      body,
    },
  )
console.log('as sent:', await verify(request))
console.log('another body:', await verify(request, Buffer.from('{"amount":9999}')))
console.log('another path:', await verify({ ...request, url: request.url.replace('payments', 'refunds') }))

// Vendors with a scheme of their own: the same idea as data, so that it can stand in a connector's manifest.
const signer = {
  writes: [
    { header: 'x-time', value: { time: 'unix-s' } },
    {
      header: 'x-signature',
      value: {
        hmac: 'sha256',
        key: { secret: 'secret' },
        of: {
          join: [{ time: 'unix-s' }, { request: 'method' }, { request: 'path-and-query' }, { request: 'body' }],
          with: '\n',
        },
      },
    },
  ],
} as const
await using own = connect(connector, { config, credential: hmac({ signer, secrets: { secret: 's3cret' } }), transport })
await own.payment.create({ amount: 12 })
const { headers, body } = transport.requests[1] as SentRequest
console.log(
  'x-signature:',
  headers['x-signature']?.slice(0, 16),
  '- over a body with SHA-256',
  createHash('sha256').update(body).digest('hex').slice(0, 8),
)
