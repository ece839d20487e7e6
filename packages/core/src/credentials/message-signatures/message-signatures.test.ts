import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPatchbayError } from '../../errors.ts'
import { fakeClock } from '../../testing/time/fake-clock.ts'
import { getRequest, testEnv } from '../fixtures/credential-env.ts'
import {
  contentDigest,
  httpMessageSignature,
  type SignedMessage,
  verifyContentDigest,
  verifyMessage,
} from '../index.ts'
import { type SignatureAlgorithm, signatureAlgorithms, signBase } from './algorithms.ts'
import { signatureBase } from './signature-base.ts'
import { isInnerList, parseDictionary, serializeMember } from './structured-fields.ts'

// RFC 9421 appendix B.1: keys for tests only.
const rsaPss = createPublicKey(`-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----`)
const p256 = createPublicKey(`-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----`)
const ed25519Private = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
-----END PRIVATE KEY-----`
const sharedSecret = 'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=='

const keys: Readonly<Record<string, { key: KeyObject; algorithm: SignatureAlgorithm }>> = {
  'test-key-rsa-pss': { key: rsaPss, algorithm: 'rsa-pss-sha512' },
  'test-key-ecc-p256': { key: p256, algorithm: 'ecdsa-p256-sha256' },
  'test-key-ed25519': { key: createPublicKey(ed25519Private), algorithm: 'ed25519' },
  'test-shared-secret': { key: createSecretKey(Buffer.from(sharedSecret, 'base64')), algorithm: 'hmac-sha256' },
}
const created = 1_618_884_473

// RFC 9421 appendix B.2.
const body = '{"hello": "world"}'
const request = {
  method: 'POST',
  url: 'https://example.com/foo?param=Value&Pet=dog',
  headers: {
    host: 'example.com',
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'content-type': 'application/json',
    'content-digest':
      'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
    'content-length': '18',
  },
}
const responseBody = '{"message": "good dog"}'
const response = {
  status: 200,
  headers: {
    date: 'Tue, 20 Apr 2021 02:07:56 GMT',
    'content-type': 'application/json',
    'content-digest':
      'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
    'content-length': '23',
  },
}

const vectors: readonly [section: string, message: SignedMessage, label: string, input: string, signature: string][] = [
  [
    'B.2.1',
    request,
    'sig-b21',
    '();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
    'd2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==',
  ],
  [
    'B.2.2',
    request,
    'sig-b22',
    '("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example"',
    'LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==',
  ],
  [
    'B.2.3',
    request,
    'sig-b23',
    '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"',
    'bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==',
  ],
  [
    'B.2.4',
    response,
    'sig-b24',
    '("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
    'wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==',
  ],
  [
    'B.2.5',
    request,
    'sig-b25',
    '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    'pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=',
  ],
  [
    'B.2.6',
    request,
    'sig-b26',
    '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
  ],
]

const signed = (message: SignedMessage, label: string, input: string, signature: string): SignedMessage => ({
  ...message,
  headers: { ...message.headers, 'signature-input': `${label}=${input}`, signature: `${label}=:${signature}:` },
})
const options = (more: object = {}) => ({
  keyOf: (keyId: string) => keys[keyId],
  required: [],
  now: created * 1000 + 1000,
  body,
  ...more,
})

describe('RFC 9421 appendix B', () => {
  test.each(vectors)(
    '%s holds, and no longer when anything covered changes',
    async (section, message, label, input, signature) => {
      const given = 'status' in message ? { body: responseBody } : {}
      const whole = signed(message, label, input, signature)
      expect(await verifyMessage(whole, options(given))).toMatchObject({ valid: true, label })
      const list = parseDictionary(`a=${input}`)?.get('a')
      expect(list !== undefined && serializeMember(list)).toBe(input)
      const covered = [...input.matchAll(/"([a-z][a-z-]+)"(?=[ )])/g)].map(([, name]) => name as string)
      for (const name of covered) {
        const altered = { ...whole, headers: { ...whole.headers, [name]: 'x' } }
        expect(await verifyMessage(altered, options(given)), `${section} ${name}`).toMatchObject({ valid: false })
      }
      for (const changed of [
        input.replace('1618884473', '1618884474'),
        input.replace(/keyid="[^"]*"/, 'keyid="test-key-other"'),
      ])
        expect(await verifyMessage(signed(message, label, changed, signature), options(given))).toMatchObject({
          valid: false,
        })
      if (covered.includes('content-digest'))
        expect(await verifyMessage(whole, options({ body: 'other' }))).toMatchObject({ valid: false })
    },
  )

  test.each(vectors.slice(4))('%s is made to the byte', (_section, message, _label, input, signature) => {
    const list = parseDictionary(`a=${input}`)?.get('a')
    if (list === undefined || !isInnerList(list)) throw new Error('not a list')
    const algorithm = input.includes('ed25519') ? 'ed25519' : 'hmac-sha256'
    const key =
      algorithm === 'ed25519' ? createPrivateKey(ed25519Private) : (keys['test-shared-secret']?.key as KeyObject)
    expect(signBase(algorithm, key, signatureBase(message, list)).toString('base64')).toBe(signature)
  })

  test('B.2.6 through the credential', async () => {
    const clock = fakeClock(created * 1000)
    const config = {
      algorithm: 'ed25519',
      key: ed25519Private,
      keyId: 'test-key-ed25519',
      label: 'sig-b26',
      nameAlgorithm: false,
      components: ['date', '@method', '@path', '@authority', 'content-type', 'content-length'],
    } as const
    const target = getRequest(request.url, { method: 'POST', headers: { ...request.headers }, body })
    await (await httpMessageSignature(config).open(testEnv({ clock }))).apply(target)
    expect(target.headers.signature).toBe(`sig-b26=:${vectors[5]?.[4]}:`)
    expect(target.headers['signature-input']).toBe(`sig-b26=${vectors[5]?.[3]}`)
  })

  test('the two Content-Digest fields of B.2 fit their bodies', () => {
    expect(verifyContentDigest(request.headers['content-digest'], body)).toBe(true)
    expect(contentDigest(body, 'sha-512')).toBe(request.headers['content-digest'])
    expect(verifyContentDigest(response.headers['content-digest'], responseBody)).toBe(true)
    expect(verifyContentDigest(request.headers['content-digest'], responseBody)).toBe(false)
    expect(verifyContentDigest('md5=:AAAA:', body)).toBe(false)
    expect(verifyContentDigest('', body)).toBe(false)
    expect(verifyContentDigest(`md5=:AAAA:, ${contentDigest(body)}`, body)).toBe(true)
    expect(verifyContentDigest(`${contentDigest(body)}, sha-512=:AAAA:`, body)).toBe(false)
  })
})

const pairOf = (algorithm: SignatureAlgorithm): { sign: string; verify: KeyObject } => {
  if (algorithm === 'hmac-sha256')
    return { sign: sharedSecret, verify: createSecretKey(Buffer.from(sharedSecret, 'base64')) }
  const { privateKey, publicKey } = algorithm.startsWith('rsa')
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : algorithm === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: algorithm === 'ecdsa-p256-sha256' ? 'P-256' : 'P-384' })
  return { sign: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), verify: publicKey }
}

describe('signing', () => {
  test.each(signatureAlgorithms)('%s: what we sign, we verify, and a changed body is found', async (algorithm) => {
    const pair = pairOf(algorithm)
    const env = testEnv()
    const credential = await httpMessageSignature({
      algorithm,
      key: pair.sign,
      keyId: 'k',
      nonce: true,
      tag: 't',
      expiresInSeconds: 60,
    }).open(env)
    const target = getRequest('https://api.test/a?b=c', { method: 'POST', body: 'hello' })
    await credential.apply(target)
    const verdict = options({
      keyOf: () => ({ key: pair.verify, algorithm }),
      required: ['@method', '@target-uri', 'content-digest'],
      now: env.clock.now(),
      body: 'hello',
      tag: 't',
    })
    expect(await verifyMessage(target, verdict)).toMatchObject({
      valid: true,
      keyId: 'k',
      nonce: expect.stringMatching(/^.{24}$/),
    })
    expect(await verifyMessage(target, { ...verdict, body: 'hellO' })).toMatchObject({ valid: false })
    expect(await verifyMessage({ ...target, url: 'https://api.test/a?b=d' }, verdict)).toMatchObject({ valid: false })
    expect(await verifyMessage(target, { ...verdict, now: verdict.now + 60_000 })).toMatchObject({
      valid: false,
      reason: expect.stringContaining('expired'),
    })
    expect(credential.marks.headers).toContain('signature')
    const before = target.headers.signature
    await credential.apply(target)
    expect(target.headers.signature, 'each attempt is signed afresh').not.toBe(before)
  })

  test('components with parameters, and those that the message does not have', async () => {
    const base = { algorithm: 'hmac-sha256', key: sharedSecret, keyId: 'k' } as const
    const components = ['@query-param;name="a%20b"', 'x-list;key="m"', 'x-list;bs', '@authority']
    const env = testEnv()
    const target = getRequest('https://API.test:443/?a+b=%3D', { headers: { 'X-List': ['k=1, m=(a "b");q', 'z'] } })
    await (await httpMessageSignature({ ...base, components }).open(env)).apply(target)
    const list = parseDictionary(String(target.headers['signature-input']))?.get('sig1')
    if (list === undefined || !isInnerList(list)) throw new Error('not a list')
    expect(signatureBase(target, list).toString().split('\n').slice(0, 4)).toEqual([
      '"@query-param";name="a%20b": %3D',
      '"x-list";key="m": (a "b");q',
      '"x-list";bs: :az0xLCBtPShhICJiIik7cQ==:, :eg==:',
      '"@authority": api.test',
    ])
    for (const missing of ['x-absent', '@status', '@query-param;name="c"', '@nonsense', 'x-list;sf', 'date;req']) {
      const credential = await httpMessageSignature({ ...base, components: [missing] }).open(env)
      expect(() => credential.apply(getRequest('https://a.test/?c=1&c=2')), missing).toThrow(/http-message-signature: /)
    }
  })

  test('spaces and folds of a stranger cost no time that grows with their square', () => {
    const text = (value: string): string => {
      const list = parseDictionary('a=("x-list")')?.get('a')
      if (list === undefined || !isInnerList(list)) throw new Error('not a list')
      const request = { method: 'GET', url: 'https://a.test/', headers: { 'x-list': value } }
      return signatureBase(request, list).toString().split('\n')[0] ?? ''
    }
    expect(text('one \t\r\n two\n\tthree')).toBe('"x-list": one two three')
    expect(() => text('one\ntwo')).toThrow('line break')
    expect(() => text('one\n two\nthree')).toThrow('line break')
    const begun = performance.now()
    for (let count = 0; count < 10; count++) {
      text(`a${' '.repeat(60_000)}x`)
      text(`a${' '.repeat(60_000)}\n b${' '.repeat(60_000)}x`)
      parseDictionary(`a=("x"${' '.repeat(60_000)}x`)
    }
    expect(performance.now() - begun).toBeLessThan(1_500)
  })

  test('the value of a query parameter is encoded as forms are, with %20 for spaces', async () => {
    const text = (component: string, url: string): string => {
      const list = parseDictionary(`a=("@query-param";name="${component}")`)?.get('a')
      if (list === undefined || !isInnerList(list)) throw new Error('not a list')
      return signatureBase({ method: 'GET', url, headers: {} }, list).toString().split('\n')[0] ?? ''
    }
    expect(text('a', "https://a.test/?a=*-._~!'()+%2B")).toBe('"@query-param";name="a": *-._%7E%21%27%28%29%20%2B')
    expect(text('%7E%20*', 'https://a.test/?~+*=1'), 'names too').toBe('"@query-param";name="%7E%20*": 1')
  })

  test.each(['content-digest;key="sha-256"', 'content-digest;bs'])(
    'a body is checked against %s alone',
    async (name) => {
      const env = testEnv()
      const base = { algorithm: 'hmac-sha256', key: sharedSecret, keyId: 'k' } as const
      const target = getRequest('https://a.test/', { method: 'POST', body: 'hello' })
      await (await httpMessageSignature({ ...base, components: ['@method', name] }).open(env)).apply(target)
      const key = createSecretKey(Buffer.from(sharedSecret, 'base64'))
      const verdict = options({
        keyOf: () => ({ key, algorithm: base.algorithm }),
        now: env.clock.now(),
        required: [name],
        body: 'hello',
      })
      expect(await verifyMessage(target, verdict)).toMatchObject({ valid: true })
      expect(await verifyMessage(target, { ...verdict, body: 'hellO' })).toMatchObject({ valid: false })
    },
  )

  test('a stream is refused unless its digest is given', async () => {
    const stream = (async function* () {
      yield new Uint8Array(1)
    })()
    const credential = await httpMessageSignature({ algorithm: 'hmac-sha256', key: sharedSecret, keyId: 'k' }).open(
      testEnv(),
    )
    expect(() => credential.apply(getRequest(undefined, { method: 'POST', body: stream }))).toThrow(
      /cannot be a stream/,
    )
    const target = getRequest(undefined, {
      method: 'POST',
      body: stream,
      headers: { 'content-digest': contentDigest('x') },
    })
    await credential.apply(target)
    expect(target.headers.signature).toBeDefined()
  })

  test('a wrong clock is worth one corrected retry', async () => {
    const env = testEnv()
    const credential = await httpMessageSignature({ algorithm: 'hmac-sha256', key: sharedSecret, keyId: 'k' }).open(env)
    const target = getRequest()
    await credential.apply(target)
    const refused = { status: 401, headers: { date: new Date(env.clock.now() + 3_600_000).toUTCString() } }
    expect(await credential.refresh?.(target, refused)).toBe('clock-skew')
    await credential.apply(target)
    expect(target.headers['signature-input']).toContain(`created=${env.clock.now() / 1000 + 3600};`)
    expect(await credential.refresh?.(target, refused)).toBeUndefined()
  })

  test('wrong configuration names its fields', () => {
    const wrong = {
      algorithm: 'ed25519',
      key: pairOf('ecdsa-p256-sha256').sign,
      keyId: 'a\nb',
      label: 'Sig',
      components: ['@method', 'a b'],
    } as const
    try {
      httpMessageSignature(wrong)
      expect.unreachable()
    } catch (error) {
      if (!isPatchbayError(error)) throw error
      expect(error.issues.map(({ path }) => path)).toEqual(['keyId', 'key', 'label', 'components.1'])
    }
    expect(() => httpMessageSignature({ algorithm: 'hmac-sha256', key: 'c2hvcnQ=', keyId: 'k' })).toThrow(
      /at least 16 bytes/,
    )
  })
})

describe('verification fails closed', () => {
  const b25 = signed(request, 'sig-b25', vectors[4]?.[3] as string, vectors[4]?.[4] as string)
  const reasonOf = async (message: SignedMessage, more: object = {}): Promise<string> => {
    const verdict = await verifyMessage(message, options(more))
    if (verdict.valid) throw new Error('it was accepted')
    return verdict.reason
  }

  test('for what it must judge and cannot', async () => {
    expect(await reasonOf(request)).toContain('no signature')
    expect(await reasonOf(b25, { required: ['@method'] })).toContain('does not cover @method')
    expect(await reasonOf(b25, { now: created * 1000 + 301_000 })).toContain('too old')
    expect(await reasonOf(b25, { now: created * 1000 - 31_000 })).toContain('from the future')
    expect(await reasonOf(b25, { keyOf: () => undefined })).toContain('unknown keyid')
    expect(await reasonOf(b25, { label: 'other' })).toContain('no signature')
    expect(await reasonOf(b25, { tag: 'x' })).toContain('another tag')
    const input = '("date" "@authority" "content-type");keyid="test-shared-secret"'
    expect(await reasonOf(signed(request, 'a', input, 'AAAA'))).toContain('does not say when')
    const twice = '("date" "date");created=1618884473;keyid="test-shared-secret"'
    expect(await reasonOf(signed(request, 'a', twice, 'AAAA'))).toContain('twice')
    const alg = '("date");created=1618884473;keyid="test-shared-secret";alg="ed25519"'
    expect(await reasonOf(signed(request, 'a', alg, 'AAAA'))).toContain('another algorithm')
  })

  test('a public key is no HMAC secret', async () => {
    const spki = p256.export({ type: 'spki', format: 'pem' }).toString()
    const forged = { key: createSecretKey(Buffer.from(spki)), algorithm: 'ecdsa-p256-sha256' as const }
    expect(await reasonOf(b25, { keyOf: () => forged })).toContain('does not fit its algorithm')
    expect(await reasonOf(b25, { keyOf: () => ({ key: p256, algorithm: 'hmac-sha256' as const }) })).toContain(
      'does not fit its algorithm',
    )
  })

  test('no garbage in the fields throws or is accepted', async () => {
    const garbage = fc.string({ unit: fc.constantFrom(...'ab"();=:,@-1. \\?*é\t') })
    await fc.assert(
      fc.asyncProperty(garbage, garbage, fc.constantFrom('sig-b25=', ''), async (one, two, start) => {
        const message = {
          ...request,
          headers: { ...request.headers, 'signature-input': `${start}${one}`, signature: `${start}${two}` },
        }
        expect((await verifyMessage(message, options())).valid).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  test('what parses is written back to the same meaning', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab"();=:,@-1. \\?*'), maxLength: 30 })
    fc.assert(
      fc.property(text, (one) => {
        const dictionary = parseDictionary(one)
        fc.pre(dictionary !== undefined)
        const written = [...dictionary].map(([key, member]) => `${key}=${serializeMember(member)}`).join(', ')
        expect(parseDictionary(written)).toEqual(dictionary)
      }),
      { numRuns: 2000 },
    )
  })
})
