import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isPatchbayError } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import { fakeClock } from '../../testing/time/fake-clock.ts'
import { getRequest, testEnv } from '../fixtures/credential-env.ts'
import { presetScheme } from '../scheme.ts'
import { hmac, type SignerSpec } from './hmac.ts'

/** HMAC over lines, in the password of Basic, as the Duo Admin API wants it. */
const duo: SignerSpec = {
  writes: [
    { header: 'date', value: { time: 'rfc2822' } },
    {
      header: 'Authorization',
      value: {
        join: [
          'Basic ',
          {
            encode: 'base64',
            of: {
              join: [
                { field: 'integrationKey' },
                {
                  hmac: 'sha1',
                  key: { secret: 'secretKey' },
                  of: {
                    join: [
                      { header: 'date' },
                      { request: 'method' },
                      { request: 'host' },
                      { request: 'path' },
                      { request: 'body' },
                    ],
                    with: '\n',
                  },
                },
              ],
              with: ':',
            },
          },
        ],
      },
    },
  ],
}

/** A plain hash of key, nonce and timestamp, as Cortex XDR's advanced keys. */
const cortex: SignerSpec = {
  writes: [
    { header: 'x-xdr-timestamp', value: { time: 'unix-ms' } },
    { header: 'x-xdr-nonce', value: { nonce: 'hex', bytes: 32 } },
    { header: 'x-xdr-auth-id', value: { field: 'keyId' } },
    {
      header: 'authorization',
      value: { hash: 'sha256', of: { join: [{ secret: 'key' }, { nonce: 'hex', bytes: 32 }, { time: 'unix-ms' }] } },
    },
  ],
}

/** Base64 of a hex text, as LogicMonitor's LMv1. */
const logicMonitor: SignerSpec = {
  writes: [
    {
      header: 'authorization',
      value: {
        join: [
          'LMv1 ',
          { field: 'accessId' },
          ':',
          {
            encode: 'base64',
            of: {
              hmac: 'sha256',
              key: { secret: 'accessKey' },
              of: { join: [{ request: 'method' }, { time: 'unix-ms' }, { request: 'body' }, { request: 'path' }] },
            },
          },
          ':',
          { time: 'unix-ms' },
        ],
      },
    },
  ],
}

/** Signature in the query, key in base64, sorted pairs. */
const inQuery: SignerSpec = {
  writes: [
    { query: 'expires', value: { time: 'unix-s' } },
    {
      query: 'signature',
      value: {
        hmac: 'sha512',
        key: { decode: 'base64', of: { secret: 'key' } },
        of: { join: [{ case: 'lower', of: { request: 'method' } }, { request: 'sorted-query' }], with: '|' },
        as: 'base64url',
      },
    },
    { cookie: 'seal', value: 's1' },
  ],
}

const at = '2026-05-06T07:08:09.010Z'
const time = Date.parse(at)

async function signed(
  config: Parameters<typeof hmac>[0],
  request = getRequest('https://api.test/v1/x?b=2&a=%20&a=1', { method: 'POST', body: '{"a":1}' }),
) {
  const env = testEnv({ clock: fakeClock(at) })
  const credential = await hmac(config).open(env)
  await credential.apply(request)
  return { credential, request, env }
}

test('HMAC over lines, in the password of Basic, from a preset', async () => {
  const request = getRequest('https://api-XXXXXXXX.duosecurity.com/accounts/v1/account/list', {
    method: 'POST',
    body: 'realname=First%20Last&username=root',
  })
  const env = testEnv({ clock: fakeClock('2012-08-21T17:29:18Z') })
  const preset = presetScheme(hmac, { signer: duo })
  const source = preset({
    secrets: { secretKey: 'Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep' },
    fields: { integrationKey: 'DIWJ8X6AEYOR5OMC6TQ1' },
  })
  await (await source.open(env)).apply(request)
  expect(request.headers.date).toBe('Tue, 21 Aug 2012 17:29:18 +0000')
  const signature = createHmac('sha1', 'Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep')
    .update(
      'Tue, 21 Aug 2012 17:29:18 +0000\nPOST\napi-xxxxxxxx.duosecurity.com\n/accounts/v1/account/list\nrealname=First%20Last&username=root',
    )
    .digest('hex')
  expect(Buffer.from(String(request.headers.authorization).slice(6), 'base64').toString()).toBe(
    `DIWJ8X6AEYOR5OMC6TQ1:${signature}`,
  )
})

describe('signers as data', () => {
  test('times and nonces are the same wherever they stand', async () => {
    const config = { signer: cortex, secrets: { key: new Secret('k') }, fields: { keyId: '7' } }
    const { request, credential } = await signed(config)
    const { 'x-xdr-nonce': nonce, 'x-xdr-timestamp': stamp } = request.headers as Record<string, string>
    expect(nonce).toMatch(/^[0-9a-f]{64}$/)
    expect(stamp).toBe(String(time))
    expect(request.headers.authorization).toBe(createHash('sha256').update(`k${nonce}${stamp}`).digest('hex'))
    expect(credential.marks).toEqual({
      headers: ['x-xdr-timestamp', 'x-xdr-nonce', 'x-xdr-auth-id', 'authorization'],
      query: [],
    })
    await credential.apply(request)
    expect(request.headers['x-xdr-nonce'], 'each attempt has its own').not.toBe(nonce)
  })

  test('an encoded digest is encoded again', async () => {
    const { request } = await signed({ signer: logicMonitor, secrets: { accessKey: 'k' }, fields: { accessId: 'id' } })
    const digest = createHmac('sha256', 'k').update(`POST${time}{"a":1}/v1/x`).digest('hex')
    expect(request.headers.authorization).toBe(`LMv1 id:${Buffer.from(digest).toString('base64')}:${time}`)
  })

  test('in the query and in cookies, over bytes and sorted pairs', async () => {
    const key = Buffer.from([0, 255, 128]).toString('base64')
    const request = getRequest('https://api.test/v1/x?b=2&a=%20&a=1', {
      method: 'POST',
      headers: { cookie: 'mine=1; seal=old' },
    })
    const { credential } = await signed({ signer: inQuery, secrets: { key } }, request)
    const seconds = Math.floor(time / 1000)
    const expected = createHmac('sha512', Buffer.from([0, 255, 128]))
      .update(`post|a=%20&a=1&b=2&expires=${seconds}`)
      .digest('base64url')
    expect(request.url).toBe(`https://api.test/v1/x?b=2&a=%20&a=1&expires=${seconds}&signature=${expected}`)
    expect(request.headers.cookie).toBe('mine=1; seal=s1')
    expect(credential.marks).toEqual({ headers: ['cookie'], query: ['expires', 'signature'] })
  })

  test('a body that is a stream is refused only when it is covered', async () => {
    const stream = (async function* () {
      yield new Uint8Array(1)
    })()
    const covered = { signer: logicMonitor, secrets: { accessKey: 'k' }, fields: { accessId: 'id' } }
    await expect(signed(covered, getRequest(undefined, { body: stream }))).rejects.toMatchObject({
      facts: { kind: 'unsupported' },
    })
    const free = { signer: cortex, secrets: { key: 'k' }, fields: { keyId: '7' } }
    expect((await signed(free, getRequest(undefined, { body: stream }))).request.headers.authorization).toBeDefined()
  })
})

test('a wrong clock is worth one corrected retry', async () => {
  const { credential, request } = await signed({ signer: cortex, secrets: { key: 'k' }, fields: { keyId: '7' } })
  const refused = (ms: number) => ({ status: 401, headers: { date: new Date(time + ms).toUTCString() } })
  expect(await credential.refresh?.(request, refused(2_000))).toBeUndefined()
  expect(await credential.refresh?.(request, refused(600_000))).toBe('clock-skew')
  await credential.apply(request)
  expect(Math.abs(Number(request.headers['x-xdr-timestamp']) - time - 600_000)).toBeLessThan(1000)
  expect(await credential.refresh?.(request, refused(600_000))).toBeUndefined()
})

test('a specification that does not fit its secrets names every mistake', () => {
  try {
    hmac({
      signer: {
        writes: [
          ...cortex.writes,
          { header: 'a b', value: { hash: 'md4' as never, of: 'x' } },
          { value: { foo: 1 } } as never,
        ],
      },
      secrets: { other: 'hunter2' },
    })
    expect.unreachable()
  } catch (error) {
    if (!isPatchbayError(error)) throw error
    const paths = error.issues.map(({ path }) => path).sort()
    expect(paths).toEqual([
      'fields.keyId',
      'secrets.key',
      'secrets.other',
      'signer.writes.4.header',
      'signer.writes.4.value',
      'signer.writes.5',
      'signer.writes.5.value',
    ])
    expect(JSON.stringify(error)).not.toContain('hunter2')
  }
})
