import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { isPatchbayError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { makeCertificates } from '../testing/certificates/make-certificates.ts'
import { getRequest, testEnv } from './fixtures/credential-env.ts'
import { apiKey, basic, bearer, mtls, none, presetScheme } from './index.ts'

function issuesOf(make: () => unknown): Record<string, string> {
  try {
    make()
  } catch (error) {
    if (!isPatchbayError(error)) throw error
    expect(error).toMatchObject({ kind: 'config', retry: 'never', code: 'credential-config' })
    return Object.fromEntries(error.issues.map(({ path, message }) => [path, message]))
  }
  throw new Error('the configuration was accepted')
}

describe('none', () => {
  test('writes nothing', async () => {
    const credential = await none().open(testEnv())
    const request = getRequest()
    await credential.apply(request)
    expect(request).toEqual(getRequest())
    expect(credential.marks).toEqual({ headers: [], query: [] })
  })
})

describe('basic', () => {
  test('encodes in UTF-8 (RFC 7617 section 2.1)', async () => {
    const credential = await basic({ username: 'test', password: '123£' }).open(testEnv())
    const request = getRequest()
    credential.apply(request)
    expect(request.headers.authorization).toBe('Basic dGVzdDoxMjPCow==')
    expect(credential.marks).toEqual({ headers: ['authorization'], query: [] })
    expect(await credential.reveal?.()).toEqual({ username: 'test', password: '123£' })
  })

  test('takes an empty password and a colon in the password', async () => {
    const request = getRequest()
    ;(await basic({ username: 'key', password: '' }).open(testEnv())).apply(request)
    expect(request.headers.authorization).toBe(`Basic ${Buffer.from('key:').toString('base64')}`)
    ;(await basic({ username: 'a', password: new Secret('b:c') }).open(testEnv())).apply(request)
    expect(request.headers.authorization).toBe(`Basic ${Buffer.from('a:b:c').toString('base64')}`)
  })

  test.each([
    [{ username: 'a:b', password: 'x' }, 'username', /colon/],
    [{ username: 'a\n', password: 'x' }, 'username', /control/],
    [{ username: 'a', password: 'hunter2\n' }, 'password', /trim/],
    [{ username: 'a' }, 'password', /missing/],
    [{ username: 'a', password: 'x', passwort: 'y' }, 'passwort', /is not a field/],
  ])('refuses %o', (config, field, message) => {
    expect(issuesOf(() => basic(config as never))[field]).toMatch(message)
  })
})

describe('bearer', () => {
  test('writes the token', async () => {
    const request = getRequest()
    ;(await bearer({ token: new Secret('1|abc.DEF') }).open(testEnv())).apply(request)
    expect(request.headers.authorization).toBe('Bearer 1|abc.DEF')
  })

  test.each([
    ['Bearer abc', /pass the token alone/],
    ['abc\n', /trim/],
    ['a b', /space/],
    ['ä', /non-ASCII/],
    ['', /empty/],
    [undefined, /missing/],
    [17, /must be text/],
  ])('refuses %o', (token, message) => {
    expect(issuesOf(() => bearer({ token: token as string })).token).toMatch(message)
  })
})

describe('apiKey', () => {
  test('in a header, with a prefix', async () => {
    const credential = await apiKey({ key: 'k', in: 'header', name: 'X-Api-Key', prefix: 'Token ' }).open(testEnv())
    const request = getRequest()
    credential.apply(request)
    expect(request.headers).toEqual({ 'x-api-key': 'Token k' })
    expect(credential.marks).toEqual({ headers: ['x-api-key'], query: [] })
  })

  test.each([
    ['https://h.test/a', 'https://h.test/a?api%20key=a%2Fb%3D'],
    ['https://h.test/a?x=%2f&y', 'https://h.test/a?x=%2f&y&api%20key=a%2Fb%3D'],
    ['https://h.test/a?api+key=old&x=1#f', 'https://h.test/a?x=1&api%20key=a%2Fb%3D#f'],
  ])('in the query of %s, once however often it is applied', async (before, after) => {
    const credential = await apiKey({ key: 'a/b=', in: 'query', name: 'api key' }).open(testEnv())
    const request = getRequest(before)
    credential.apply(request)
    credential.apply(request)
    expect(request.url).toBe(after)
    expect(credential.marks).toEqual({ headers: [], query: ['api key'] })
  })

  test('names each wrong field', () => {
    const issues = issuesOf(() => apiKey({ key: 'a\r\nb', in: 'cookie' as never, name: 'a b' }))
    expect(Object.keys(issues).sort()).toEqual(['in', 'key', 'name'])
  })
})

describe('mtls', () => {
  const pki = makeCertificates()

  test('gives the identity without showing the key', async () => {
    const { certificate, key } = pki.client
    const credential = await mtls({ certificate, key, ca: pki.authority.certificate }).open(testEnv())
    expect(credential.tls?.key).toBe(key)
    expect(credential.tls?.certificate).toBe(certificate)
    expect(credential.tls?.ca).toBe(pki.authority.certificate)
    expect(credential.expiresAt).toBeGreaterThan(0)
    for (const shown of [inspect(credential, { depth: 9, showHidden: true }), JSON.stringify(credential.tls)])
      expect(shown).not.toContain(key.split('\n')[1])
  })

  test('finds a key of another certificate before the first handshake', () => {
    const issues = issuesOf(() => mtls({ certificate: pki.client.certificate, key: pki.server.key }))
    expect(issues.key).toMatch(/does not belong/)
    expect(issuesOf(() => mtls({ certificate: 'x', key: 'y' }))).toEqual({
      certificate: 'is not a PEM certificate',
      key: 'is not a PEM private key, or the passphrase is missing or wrong',
    })
  })

  test('says when the certificate has ended', async () => {
    const { certificate, key } = pki.expiredClient
    const env = testEnv()
    const credential = await mtls({ certificate, key }).open(env)
    env.clock.set((credential.expiresAt ?? 0) - 1)
    expect(credential.apply(getRequest())).toBeUndefined()
    env.clock.jump(1)
    expect(() => credential.apply(getRequest())).toThrow(/ended at/)
  })
})

describe('schemes as data', () => {
  test('a preset settles fields and describes the rest', async () => {
    const key = presetScheme(apiKey, { in: 'header', name: 'x-key' }, { title: 'Key of the account' })
    expect(key.scheme).toMatchObject({ id: 'api-key', title: 'Key of the account', fields: { required: ['key'] } })
    expect(Object.keys((key.scheme.fields as { properties: object }).properties)).toEqual(['key', 'prefix'])
    const request = getRequest()
    ;(await key({ key: 'k' }).open(testEnv())).apply(request)
    expect(request.headers['x-key']).toBe('k')
  })

  test('every scheme is plain data with secrets marked', () => {
    for (const { scheme } of [none, basic, bearer, apiKey, mtls]) {
      expect(JSON.parse(JSON.stringify(scheme))).toEqual(scheme)
      const { properties } = scheme.fields as { properties: Record<string, { writeOnly?: boolean }> }
      for (const [name, field] of Object.entries(properties))
        expect(field.writeOnly === true, name).toBe(/^(password|token|key|passphrase)$/.test(name))
    }
  })
})
