import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HttpBody } from '../../http/transport.ts'
import { Secret } from '../../secret.ts'
import { fakeClock } from '../../testing/time/fake-clock.ts'
import { getRequest, testEnv } from '../fixtures/credential-env.ts'
import type { OracleAnswer, OracleCase } from '../fixtures/sigv4-oracle.ts'
import { awsSigV4, presignAwsSigV4 } from '../index.ts'
import type { AwsKeys } from './aws-keys.ts'
import { canonicalRequest, sha256Hex } from './canonical-request.ts'
import { SignatureMaker } from './signature.ts'

const long = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const s3Keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }

async function sign(
  config: Parameters<typeof awsSigV4>[0],
  request: { method?: string; url: string; headers?: Record<string, string | string[]>; body?: HttpBody },
  at: string,
): Promise<ReturnType<typeof getRequest>> {
  const env = testEnv({ clock: fakeClock(at) })
  const signed = getRequest(request.url, {
    method: request.method ?? 'GET',
    headers: { ...request.headers },
    body: request.body,
  })
  await (await awsSigV4(config).open(env)).apply(signed)
  return signed
}

const signatureOf = (request: { headers: Record<string, unknown> }): string =>
  /Signature=([0-9a-f]{64})$/.exec(String(request.headers.authorization))?.[1] ?? ''

describe('published known answers', () => {
  const at = '20150830T123600Z'
  const scope = { date: at, region: 'us-east-1', service: 'service' }
  const vanilla = (method: string, path: string, query = '', more: Record<string, string> = {}) =>
    new SignatureMaker(long.secretAccessKey).sign(
      scope,
      canonicalRequest({
        method,
        path,
        query,
        headers: { host: 'example.amazonaws.com', 'x-amz-date': at, ...more },
        payload: sha256Hex(''),
        doubleEncode: true,
        normalize: true,
      }).text,
    )

  test('AWS Signature Version 4 test suite', () => {
    expect(vanilla('GET', '/')).toBe('5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31')
    expect(vanilla('POST', '/')).toBe('5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b')
    // Path rules: these four all sign the root.
    for (const path of ['/example/..', '/example1/example2/../..', '//', '/./'])
      expect(vanilla('GET', path)).toBe('5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31')
  })

  // Examples of "Signature Calculations for the Authorization Header" of the Amazon S3 API reference.
  const bucket = 'https://examplebucket.s3.amazonaws.com'
  const target = { ...s3Keys, region: 'us-east-1', service: 's3' }
  const may24 = '2013-05-24T00:00:00Z'

  test.each([
    [
      { url: `${bucket}/test.txt`, headers: { range: 'bytes=0-9' } },
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      {
        method: 'PUT',
        url: `${bucket}/test$file.text`,
        headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
        body: 'Welcome to Amazon S3.',
      },
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [{ url: `${bucket}/?lifecycle` }, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    [{ url: `${bucket}/?max-keys=2&prefix=J` }, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('S3 %o', async (request, signature) => {
    const signed = await sign(target, request, may24)
    expect(signatureOf(signed)).toBe(signature)
    expect(signed.headers['x-amz-date']).toBe('20130524T000000Z')
  })

  test('S3 presigned URL', async () => {
    const request = { method: 'GET', url: `${bucket}/test.txt`, expiresInSeconds: 86_400 }
    const url = await presignAwsSigV4(target, request, { clock: fakeClock(may24) })
    expect(url).toContain('X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404')
  })
})

describe('against @smithy/signature-v4', () => {
  const character = fc.oneof(
    fc.constantFrom(..."abcXYZ019-._~!*'()$&=+,;:@ %/ä€😀"),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  )
  const textOf = (unit: fc.Arbitrary<string>, size: number) =>
    fc.array(unit, { maxLength: size }).map((parts) => parts.join(''))
  const wellFormed = textOf(character, 12).filter((text) => text.isWellFormed())
  const strict = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
  // Dot segments never leave this process: the URL parser resolves them.
  const path = fc
    .array(
      wellFormed.filter((segment) => !/^\.{1,2}$/.test(segment)),
      { maxLength: 4 },
    )
    .map((segments) => `/${segments.map(strict).join('/')}`)
  const query = fc.dictionary(
    wellFormed.filter((name) => name !== '' && !/^x-amz-/i.test(name)),
    fc.oneof(wellFormed, fc.array(wellFormed, { minLength: 1, maxLength: 3 })),
    { maxKeys: 5, noNullPrototype: true },
  )
  const headerValue = fc.string({ unit: fc.constantFrom(...'abz09 -_;=,"'), maxLength: 16 })
  const headers = fc.dictionary(
    fc.constantFrom('content-type', 'x-meta-a', 'x-meta-b', 'range', 'if-match', 'user-agent', 'x-custom'),
    headerValue,
    { noNullPrototype: true },
  )
  const body = fc.oneof(fc.constant(undefined), wellFormed, fc.uint8Array({ maxLength: 64 }))
  const cases = fc.record({
    method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD'),
    path,
    query,
    headers,
    body,
    service: fc.constantFrom('s3', 'dynamodb', 'execute-api'),
    session: fc.boolean(),
    port: fc.constantFrom(undefined, 8443),
  })
  const at = '2026-03-01T23:59:59Z'
  const region = 'eu-central-1'
  const keysOf = (session: boolean) => ({ ...long, ...(session ? { sessionToken: 'session/token+=' } : {}) })
  const urlOf = (path: string, pairs: Readonly<Record<string, string | readonly string[]>>, port?: number): string => {
    const text = Object.entries(pairs)
      .flatMap(([name, value]) => [value].flat().map((one) => `${strict(name)}=${strict(one)}`))
      .join('&')
    return `https://h.example.com${port === undefined ? '' : `:${port}`}${path}${text === '' ? '' : `?${text}`}`
  }

  /** Cases as the oracle wants them, with its answers. */
  function ask(
    kind: OracleCase['kind'],
    seed: number,
  ): (OracleCase & { body: undefined; bytes: Uint8Array | undefined; answer: OracleAnswer })[] {
    const drawn = fc.sample(cases, { numRuns: 500, seed }).map(({ session, body: drawnBody, ...one }) => {
      const bytes = drawnBody === undefined || kind === 'query' ? undefined : Buffer.from(drawnBody)
      const headers = kind === 'query' ? {} : one.headers
      return { ...one, headers, kind, at, region, keys: keysOf(session), bytes, body: bytes?.toString('base64') }
    })
    const script = fileURLToPath(new URL('../fixtures/sigv4-oracle.ts', import.meta.url))
    // Without the conditions that vitest gives its own processes.
    const env = { ...process.env, NODE_OPTIONS: '' }
    const { stdout, stderr, status } = spawnSync(process.execPath, [script], {
      input: JSON.stringify(drawn),
      env,
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(0)
    const answers = JSON.parse(stdout) as OracleAnswer[]
    return drawn.map((one, index) => ({ ...one, body: undefined, answer: answers[index] as OracleAnswer }))
  }

  test.each([1, 2])('headers of 500 fuzzed requests, seed %i', async (seed) => {
    for (const one of ask('headers', seed)) {
      const { method, path, query: pairs, headers: fields, service, keys, port, bytes, answer } = one
      const request = {
        method,
        url: urlOf(path, pairs, port),
        headers: fields,
        ...(bytes === undefined ? {} : { body: bytes }),
      }
      const ours = await sign({ ...keys, region, service }, request, at)
      expect(ours.headers.authorization, JSON.stringify(one)).toBe(answer.authorization)
      expect(ours.headers['x-amz-content-sha256']).toBe(answer.payload)
    }
  })

  test.each([3, 4])('presigned URLs of 500 fuzzed requests, seed %i', async (seed) => {
    for (const one of ask('query', seed)) {
      const { method, path, query: pairs, service, keys, port, answer } = one
      const request = { method, url: urlOf(path, pairs, port), expiresInSeconds: 600 }
      const url = await presignAwsSigV4({ ...keys, region, service }, request, { clock: fakeClock(at) })
      expect(new URL(url).searchParams.get('X-Amz-Signature'), JSON.stringify(one)).toBe(answer.signature)
    }
  })
})

test('a presigned URL holds no character that somebody on its way might encode again', async () => {
  const config = { ...long, sessionToken: "t!'()*~", region: 'us-east-1', service: 's3' }
  const request = { method: 'GET', url: 'https://bucket.example.com/key', expiresInSeconds: 60 }
  expect(await presignAwsSigV4(config, request, { clock: fakeClock() })).toContain(
    '&X-Amz-Security-Token=t%21%27%28%29%2A~&',
  )
})

describe('bodies', () => {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(3)
  }
  const s3 = { ...long, region: 'us-east-1', service: 's3' }
  const url = 'https://bucket.example.com/key'
  const hashOf = async (
    config: typeof s3 & { payload?: 'unsigned' },
    request: { url: string; body?: HttpBody; headers?: Record<string, string> },
  ) => (await sign(config, { method: 'PUT', ...request }, '2026-01-01T00:00:00Z')).headers['x-amz-content-sha256']

  test('a stream goes unsigned to S3 over TLS, framed ones with their marker', async () => {
    expect(await hashOf(s3, { url, body: stream() })).toBe('UNSIGNED-PAYLOAD')
    expect(
      await hashOf(s3, {
        url,
        body: stream(),
        headers: { 'content-encoding': 'aws-chunked', 'x-amz-trailer': 'x-amz-checksum-crc32' },
      }),
    ).toBe('STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    expect(
      await hashOf(s3, {
        url,
        body: stream(),
        headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
      }),
    ).toBe('STREAMING-AWS4-HMAC-SHA256-PAYLOAD')
    expect(await hashOf({ ...s3, payload: 'unsigned' }, { url, body: 'x' })).toBe('UNSIGNED-PAYLOAD')
  })

  test('what no server would accept is refused here', async () => {
    await expect(hashOf(s3, { url: url.replace('https', 'http'), body: stream() })).rejects.toThrow(/only over https/)
    await expect(hashOf({ ...s3, service: 'dynamodb' }, { url, body: stream() })).rejects.toThrow(
      /needs the hash of the body/,
    )
    await expect(hashOf({ ...s3, service: 'dynamodb', payload: 'unsigned' }, { url, body: 'x' })).rejects.toThrow(
      /accepts no unsigned payload/,
    )
  })

  test('a plus in the query is written as the space that it means', async () => {
    const signed = await sign(s3, { url: `${url}?prefix=a+b` }, '2026-01-01T00:00:00Z')
    expect(signed.url).toBe(`${url}?prefix=a%20b`)
    expect(signatureOf(signed)).toBe(
      signatureOf(await sign(s3, { url: `${url}?prefix=a%20b` }, '2026-01-01T00:00:00Z')),
    )
  })
})

describe('the life of a credential', () => {
  const target = { region: 'us-east-1', service: 'sqs' }

  test("a wrong clock is corrected once per error, by the server's Date", async () => {
    const env = testEnv({ clock: fakeClock('2026-01-01T00:00:00Z') })
    const credential = await awsSigV4({ ...long, ...target }).open(env)
    const request = getRequest()
    await credential.apply(request)
    const refused = { status: 403, headers: { date: 'Thu, 01 Jan 2026 00:20:00 GMT' } }
    expect(credential.refusals).toContain(403)
    expect(await credential.refresh?.(request, refused)).toBe('clock-skew')
    await credential.apply(request)
    expect(request.headers['x-amz-date']).toBe('20260101T002000Z')
    expect(
      await credential.refresh?.(request, refused),
      'the corrected one is refused for another reason',
    ).toBeUndefined()
    const late = getRequest()
    late.headers['x-amz-date'] = '20260101T000000Z'
    expect(await credential.refresh?.(late, refused), 'a call that was signed before the correction').toBe('clock-skew')
    env.clock.jump(1_200_000)
    await credential.apply(request)
    expect(await credential.refresh?.(request, refused), 'the clock was put right').toBe('clock-skew')
    await credential.apply(request)
    expect(request.headers['x-amz-date']).toBe('20260101T002000Z')
  })

  test('temporary keys are asked for again before they end, once for all callers, and after a refusal', async () => {
    const env = testEnv()
    let asked = 0
    const keys = async (): Promise<AwsKeys> => {
      asked++
      return {
        accessKeyId: `ASIA${asked}`,
        secretAccessKey: new Secret('s'),
        sessionToken: `t${asked}`,
        expiresAt: env.clock.now() + 3_600_000,
      }
    }
    const credential = await awsSigV4({ ...target, keys }).open(env)
    const requests = Array.from({ length: 20 }, () => getRequest())
    await Promise.all(requests.map((request) => credential.apply(request)))
    expect(asked).toBe(1)
    expect(requests[0]?.headers['x-amz-security-token']).toBe('t1')
    expect(credential.expiresAt).toBe(env.clock.now() + 3_600_000)
    await env.clock.advance(3_400_000)
    await credential.apply(requests[0] as never)
    expect(requests[0]?.headers['x-amz-security-token']).toBe('t2')
    const before = requests[1] as ReturnType<typeof getRequest>
    before.headers['x-amz-date'] = String(requests[0]?.headers['x-amz-date'])
    const refused = { status: 403, headers: { date: new Date(env.clock.now()).toUTCString() } }
    expect(await credential.refresh?.(before, refused), 'another call has renewed').toBe('credential-refreshed')
    expect(asked).toBe(2)
    expect(await credential.refresh?.(requests[0] as never, refused)).toBe('credential-refreshed')
    expect(asked).toBe(3)
    expect(env.refreshes).toEqual(['fresh supplied', 'fresh supplied', 'fresh supplied'])
  })

  test('a supply that fails is a credential error that may get better; good keys go on being used', async () => {
    const env = testEnv()
    let works = true
    const keys = async (): Promise<AwsKeys> => {
      if (!works) throw new Error('metadata service away')
      return { ...long, expiresAt: env.clock.now() + 600_000 }
    }
    const credential = await awsSigV4({ ...target, keys }).open(env)
    await credential.apply(getRequest())
    works = false
    await env.clock.advance(400_000)
    await credential.apply(getRequest())
    await env.clock.advance(200_000)
    await expect(Promise.resolve(credential.apply(getRequest()))).rejects.toMatchObject({
      facts: { kind: 'credential', retry: 'later', code: 'keys-failed' },
    })
  })

  test('wrong configuration names its fields', async () => {
    expect(() => awsSigV4({ region: '', service: 's3' })).toThrow(
      /region: is empty.*accessKeyId: is missing.*secretAccessKey: is missing/,
    )
    expect(() => awsSigV4({ ...long, ...target, keys: async () => long })).toThrow(/keys: stands instead/)
    const week = { method: 'GET', url: 'https://a.test/', expiresInSeconds: 604_801 }
    await expect(presignAwsSigV4({ ...long, ...target }, week)).rejects.toThrow(
      /expiresInSeconds: must be a whole number/,
    )
  })
})
