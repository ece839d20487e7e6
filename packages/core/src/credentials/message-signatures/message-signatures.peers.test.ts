import { createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { describeWithPython } from '../../../../../tools/peers/suite.ts'
import { systemClock } from '../../clock.ts'
import { seededRandom } from '../../testing/time/seeded-random.ts'
import { getRequest, testEnv } from '../fixtures/credential-env.ts'
import type { SignatureAlgorithm } from './algorithms.ts'
import { httpMessageSignature } from './http-message-signature.ts'
import { verifyMessage } from './verify-message.ts'

interface Keys {
  readonly algorithm: SignatureAlgorithm
  /** PEM, or base64 for HMAC. */
  readonly signing: string
  readonly verifying: string
}

interface PeerRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Base64 on its way to the peer. */
  readonly body?: string
}

function pair(algorithm: SignatureAlgorithm, made: { privateKey: KeyObject; publicKey: KeyObject }): Keys {
  const signing = made.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { algorithm, signing, verifying: made.publicKey.export({ type: 'spki', format: 'pem' }).toString() }
}

const secret = Buffer.from(seededRandom('hmac').bytes(32)).toString('base64')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const everyKey: readonly Keys[] = [
  pair('ed25519', generateKeyPairSync('ed25519')),
  pair('ecdsa-p256-sha256', generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  pair('ecdsa-p384-sha384', generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  pair('rsa-pss-sha512', rsa),
  pair('rsa-v1_5-sha256', rsa),
  { algorithm: 'hmac-sha256', signing: secret, verifying: secret },
]

/** Messages that differ in everything that a signature base is made of. */
const messages: readonly { readonly components: readonly string[]; readonly request: PeerRequest }[] = [
  {
    components: ['@method', '@target-uri', 'content-digest'],
    request: { method: 'POST', url: 'https://api.example.test/things?a=1', headers: { accept: 'a/b' }, body: 'Zoë' },
  },
  {
    components: ['@method', '@authority', '@scheme', '@path', '@query', '@request-target'],
    request: { method: 'GET', url: 'https://API.example.test:8443/a%20b/%C3%A4?x=%2F&y', headers: {} },
  },
  {
    components: ['@authority', '@path', '@query', '@target-uri'],
    request: { method: 'DELETE', url: 'http://api.example.test:80', headers: {} },
  },
  {
    components: ['date', 'content-type', 'x-list', 'x-empty', '@method'],
    request: {
      method: 'PUT',
      url: 'https://api.example.test/',
      headers: {
        date: 'Tue, 20 Apr 2021 02:07:55 GMT',
        'content-type': 'a/b; c="d e"',
        'x-list': '  a,  b ',
        'x-empty': '',
      },
    },
  },
  {
    components: ['x-dictionary;key="b"', 'x-dictionary;key="c"', 'x-binary;bs', '@method'],
    request: {
      method: 'GET',
      url: 'https://api.example.test/',
      headers: { 'x-dictionary': 'a=1, b=2;x=1;y="z", c=(a   b  "c")', 'x-binary': 'some, text' },
    },
  },
  {
    components: [
      '@query-param;name="plain"',
      '@query-param;name="a%20b"',
      '@query-param;name="caf%C3%A9"',
      '@query-param;name="q%27s"',
    ],
    request: {
      method: 'GET',
      url: "https://api.example.test/?plain=a+b%2Bc&a+b=*-._~!'()&caf%C3%A9=%C3%A9/%25:@&q's=",
      headers: {},
    },
  },
]

const cases = everyKey.flatMap((keys) => messages.map((message) => ({ keys, ...message })))
type Case = (typeof cases)[number]

async function signed({ keys, components, request }: Case): Promise<PeerRequest> {
  const env = testEnv()
  const credential = await httpMessageSignature({
    algorithm: keys.algorithm,
    key: keys.signing,
    keyId: 'key 1',
    components,
    tag: 'peers',
    nonce: true,
    expiresInSeconds: 300,
  }).open({ ...env, clock: systemClock })
  const ours = getRequest(request.url, { method: request.method, headers: { ...request.headers }, body: request.body })
  await credential.apply(ours)
  return { ...request, headers: ours.headers as Record<string, string> }
}

/** As the other side gets it: the URL in its normal form, which is what leaves this machine. */
const wire = ({ body, url, ...rest }: PeerRequest): PeerRequest => ({
  ...rest,
  url: new URL(url).href,
  ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64') }),
})

/** One character of the signature, within its 6 bits that count. */
const flipped = (request: PeerRequest): PeerRequest => {
  const signature = request.headers.signature as string
  const at = signature.indexOf(':') + 3
  const other = signature[at] === 'A' ? 'B' : 'A'
  return {
    ...request,
    headers: { ...request.headers, signature: signature.slice(0, at) + other + signature.slice(at + 1) },
  }
}

const publicKey = ({ algorithm, verifying }: Keys): KeyObject =>
  algorithm === 'hmac-sha256' ? createSecretKey(Buffer.from(verifying, 'base64')) : createPublicKey(verifying)

const script = new URL('../fixtures/message-signatures-peer.py', import.meta.url)

describeWithPython('http-message-signatures', script, (ask) => {
  test('verifies what we sign, in every algorithm, and nothing that was changed', async () => {
    const ours = await Promise.all(cases.map(signed))
    const altered = ours.flatMap((request, index) => [
      { ...cases[index], request: wire(flipped(request)) },
      {
        ...cases[index],
        request: wire({
          ...request,
          headers: { ...request.headers, 'signature-input': `${request.headers['signature-input']};tag="other"` },
        }),
      },
    ])
    const verdicts = await ask<string[]>({
      verify: [...ours.map((request, index) => ({ ...cases[index], request: wire(request) })), ...altered],
    })
    for (const [index, one] of cases.entries())
      expect(verdicts[index], `${one.keys.algorithm} ${one.components} ${JSON.stringify(ours[index])}`).toBe('valid')
    for (const verdict of verdicts.slice(cases.length)) expect(verdict).not.toBe('valid')
    expect(verdicts).toHaveLength(3 * cases.length)
  })

  test('signs what we verify, and nothing that was changed', async () => {
    const theirs = await ask<PeerRequest[]>({ sign: cases.map((one) => ({ ...one, request: wire(one.request) })) })
    for (const [index, one] of cases.entries()) {
      const { keys, components, request } = one
      const verify = (message: PeerRequest, body = request.body) =>
        verifyMessage(message, {
          keyOf: (keyId) => (keyId === 'key 1' ? { key: publicKey(keys), algorithm: keys.algorithm } : undefined),
          required: components,
          now: systemClock.now(),
          tag: 'peers',
          body,
        })
      const message = theirs[index] as PeerRequest
      const name = `${keys.algorithm} ${components} ${JSON.stringify(message)}`
      expect(await verify(message), name).toMatchObject({ valid: true, keyId: 'key 1' })
      expect(await verify(flipped(message)), name).toMatchObject({ valid: false })
      if (request.body !== undefined) expect(await verify(message, `${request.body}!`)).toMatchObject({ valid: false })
    }
  })
})
