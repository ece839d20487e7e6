import { createHmac, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Secret } from '../secret.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import { getRequest, testEnv } from './fixtures/credential-env.ts'
import { baseString, type OAuth1Config, oauth1, signatureOf } from './oauth1.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }

async function signed(config: OAuth1Config, request = getRequest(), env = testEnv()) {
  const credential = await oauth1(config).open(env)
  await credential.apply(request)
  const header = String(request.headers.authorization)
  const pairs = [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [
    name,
    decodeURIComponent(value ?? ''),
  ])
  return { header, credential, request, parameters: Object.fromEntries(pairs) as Record<string, string> }
}

describe('published vectors', () => {
  test('the signature base string of RFC 5849 section 3.4.1.1', () => {
    const request = {
      method: 'post',
      url: 'http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b',
      headers: form,
      body: 'c2&a3=2+q',
    }
    const parameters = {
      oauth_consumer_key: '9djdj82h48djs9d2',
      oauth_token: 'kkk9d7dh3k39sjv7',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: '137131201',
      oauth_nonce: '7d8f3e4a',
    }
    expect(baseString(request, parameters)).toBe(
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26' +
        'oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26' +
        'oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
    )
  })

  const photos = getRequest('http://photos.example.net/photos?file=vacation.jpg&size=original')
  const keys = {
    method: 'HMAC-SHA1' as const,
    consumerSecret: new Secret('kd94hf93k423kf44'),
    tokenSecret: new Secret('pfkkdhi9sl3r4s00'),
    key: undefined,
  }
  const named = {
    oauth_consumer_key: 'dpf43f3p2l4k3l03',
    oauth_token: 'nnch734d00sl2jdk',
    oauth_signature_method: 'HMAC-SHA1',
  }

  test('the signature of RFC 5849 section 1.2', () => {
    const parameters = { ...named, oauth_timestamp: '137131202', oauth_nonce: 'chapoH' }
    expect(signatureOf(photos, parameters, keys)).toBe('MdpQcU8iPSUjWoN/UDMsK2sui9I=')
  })

  test('the signature of OAuth Core 1.0a appendix A.5.2', () => {
    const parameters = {
      ...named,
      oauth_timestamp: '1191242096',
      oauth_nonce: 'kllo9940pd9333jh',
      oauth_version: '1.0',
    }
    expect(signatureOf(photos, parameters, keys)).toBe('tR3+Ty81lMeYAr/Fid0kMTYa/WM=')
  })
})

describe('oauth1', () => {
  test('writes everything into Authorization, with a nonce of its own each time', async () => {
    const config = { consumerKey: 'ck', consumerSecret: 'cs', token: 't', tokenSecret: 'ts', realm: 'Photos' }
    const env = testEnv()
    const first = await signed(config, getRequest(), env)
    const { oauth_signature: signature, realm, ...parameters } = first.parameters
    expect(realm).toBe('Photos')
    expect(parameters).toMatchObject({ oauth_consumer_key: 'ck', oauth_token: 't', oauth_version: '1.0' })
    const base = baseString(getRequest(), parameters)
    expect(signature).toBe(createHmac('sha1', 'cs&ts').update(base).digest('base64'))
    const second = await signed(config, getRequest(), env)
    expect(second.parameters.oauth_nonce).not.toBe(first.parameters.oauth_nonce)
  })

  test('signs with a private key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    const { parameters } = await signed({ consumerKey: 'ck', privateKey: pem, signatureMethod: 'RSA-SHA256' })
    const { oauth_signature: signature = '', ...rest } = parameters
    const base = Buffer.from(baseString(getRequest(), rest))
    expect(verify('sha256', base, publicKey, Buffer.from(signature, 'base64'))).toBe(true)
  })

  test('sends the secrets themselves with PLAINTEXT, encoded', async () => {
    const { parameters } = await signed({ consumerKey: 'ck', consumerSecret: 'a&b', signatureMethod: 'PLAINTEXT' })
    expect(parameters.oauth_signature).toBe('a%26b&')
  })

  test('a refusal that shows another clock is worth one corrected retry', async () => {
    const clock = fakeClock()
    const { credential, request, parameters } = await signed(
      { consumerKey: 'ck', consumerSecret: 'cs' },
      getRequest(),
      testEnv({ clock }),
    )
    const date = new Date(clock.now() + 600_000).toUTCString()
    expect(await credential.refresh?.(request, { status: 401, headers: { date } })).toBe('clock-skew')
    await credential.apply(request)
    const later = /oauth_timestamp="(\d+)"/.exec(String(request.headers.authorization))?.[1]
    expect(Number(later) - Number(parameters.oauth_timestamp)).toBe(600)
    expect(await credential.refresh?.(request, { status: 401, headers: { date } })).toBeUndefined()
  })

  test.each([
    [{ consumerKey: '' }, 'consumerKey'],
    [{ consumerKey: 'ck' }, 'consumerSecret'],
    [{ consumerKey: 'ck', consumerSecret: 'cs', token: 't' }, 'tokenSecret'],
    [{ consumerKey: 'ck', signatureMethod: 'RSA-SHA256' as const }, 'privateKey'],
    [{ consumerKey: 'ck', consumerSecret: 'cs', realm: 'a"b' }, 'realm'],
  ])('names the field that is wrong: %j', (config, field) => {
    expect(() => oauth1(config)).toThrow(field)
  })

  test('refuses to sign a form that streams', async () => {
    const body = (async function* () {
      yield new Uint8Array(1)
    })()
    await expect(
      signed({ consumerKey: 'ck', consumerSecret: 'cs' }, getRequest(undefined, { headers: form, body })),
    ).rejects.toThrow('cannot be a stream')
  })
})
