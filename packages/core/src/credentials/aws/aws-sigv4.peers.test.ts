import { expect, test } from 'vitest'
import { describeWithPython } from '../../../../../tools/peers/suite.ts'
import { fakeClock } from '../../testing/time/fake-clock.ts'
import { type SeededRandom, seededRandom } from '../../testing/time/seeded-random.ts'
import { getRequest, testEnv } from '../fixtures/credential-env.ts'
import { type AwsSigV4Config, awsSigV4 } from './aws-sigv4.ts'
import { presignAwsSigV4 } from './presign.ts'

interface Case {
  readonly kind: 'headers' | 'query'
  readonly at: number
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
  readonly service: string
  readonly region: string
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Base64. */
  readonly body?: string
  readonly unsigned: boolean
  readonly expires: number
}

interface Signed {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

const strict = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

/**
 * Requests as their senders write them: what stands in the path and the query is encoded once. For S3 strictly, since botocore signs an S3
 * path as it stands, where ours signs it as S3 reads it; elsewhere also as a browser would.
 */
function draw(random: SeededRandom, kind: Case['kind'], count: number): Case[] {
  const one = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T
  const chance = (share: number): boolean => random.next() < share
  const characters = [...'abzABZ019-._~!*\'()$&=+,;:@ %/?#äß€漢😀\u0301"<>|^`{}[]\\']
  const text = (least: number, most: number): string =>
    Array.from({ length: least + Math.floor(random.next() * (most - least + 1)) }, () => one(characters)).join('')
  const many = <T>(most: number, make: () => T): T[] =>
    Array.from({ length: Math.floor(random.next() * (most + 1)) }, make)
  const segment = (): string => {
    // Dot segments never leave this process: the URL parser resolves them.
    const drawn = chance(0.1) ? one(['..a', 'a..', '...', '%2F', '%252F', 'a%20b']) : text(0, 8)
    return /^\.{1,2}$/.test(drawn) ? 'dots' : drawn
  }
  const fields = ['content-type', 'content-md5', 'range', 'if-match', 'x-amz-meta-a', 'x-amz-acl', 'x-custom']
  const value = (): string => one(['plain', '  edges  ', 'inner   spaces', 'a, b;c="d  e"', '', 'tab\there', '0'])

  return Array.from({ length: count }, () => {
    const service = one(['s3', 's3', 'dynamodb', 'execute-api', 'sqs', 'iam', 'es'])
    const path = chance(0.1)
      ? '/'
      : `/${many(5, segment)
          .map(service === 's3' || chance(0.7) ? strict : encodeURIComponent)
          .join('/')}${chance(0.2) ? '/' : ''}`
    const names = new Set(many(5, () => `${text(1, 6)}`).filter((name) => !/^x-amz-/i.test(name)))
    const query = [...names].flatMap((name) => {
      // A presigning botocore reads the query into a dictionary: one value each.
      const values = kind === 'headers' && chance(0.2) ? [text(0, 4), text(0, 4)] : [text(0, 8)]
      return values.map((each) => `${strict(name)}=${strict(each)}`)
    })
    const authority = one(['bucket.s3.example.com', 'h.example.com', 'h.example.com:8443', '127.0.0.1:9000'])
    const session = chance(0.4) ? { sessionToken: `token/${text(1, 5).replace(/[^!-~]/g, '=')}+==` } : {}
    const body =
      kind === 'headers' && chance(0.5) ? Buffer.from(random.bytes(Math.floor(random.next() * 100))) : undefined
    return {
      kind,
      at: Date.UTC(2001, 0, 1) + Math.floor(random.next() * 3e12 * 0.3),
      keys: {
        accessKeyId: `AKID${Math.floor(random.next() * 1e9)}`,
        secretAccessKey: `s/+${text(10, 30).replace(/[^!-~]/g, '_')}`,
        ...session,
      },
      service,
      region: one(['us-east-1', 'eu-central-1', 'ap-southeast-2']),
      method: one(['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH']),
      url: `https://${authority}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`,
      headers: Object.fromEntries(many(4, () => [one(fields), value()] as const)),
      ...(body === undefined ? {} : { body: body.toString('base64') }),
      unsigned: kind === 'headers' && service === 's3' && chance(0.3),
      expires: 1 + Math.floor(random.next() * 604_800),
    }
  })
}

async function ours(one: Case): Promise<Signed> {
  const { keys, region, service, method, url, headers, body, unsigned, at, expires } = one
  const config: AwsSigV4Config = { ...keys, region, service, ...(unsigned ? { payload: 'unsigned' } : {}) }
  const clock = fakeClock(new Date(at).toISOString())
  if (one.kind === 'query') {
    const signed = await presignAwsSigV4(config, { method, url, headers, expiresInSeconds: expires }, { clock })
    return { url: signed, headers: {} }
  }
  const bytes = body === undefined ? undefined : Buffer.from(body, 'base64')
  const request = getRequest(url, { method, headers: { ...headers }, body: bytes })
  await (await awsSigV4(config).open(testEnv({ clock }))).apply(request)
  return { url: request.url, headers: request.headers as Record<string, string> }
}

const written = ['authorization', 'x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token']

describeWithPython('botocore', new URL('../fixtures/botocore-signer.py', import.meta.url), (ask) => {
  test('signs 400 seeded requests in headers byte for byte as ours', async () => {
    const cases = draw(seededRandom('botocore headers'), 'headers', 400)
    const theirs = await ask<Signed[]>(cases)
    for (const [index, one] of cases.entries()) {
      const { headers } = await ours(one)
      for (const name of written)
        expect(headers[name], `${name} of case ${index}: ${JSON.stringify(one)}`).toBe(theirs[index]?.headers[name])
    }
    for (const seen of [
      (one: Case) => one.unsigned,
      (one: Case) => /%25/.test(one.url),
      (one: Case) => 'sessionToken' in one.keys,
    ])
      expect(cases.filter(seen).length).toBeGreaterThan(20)
  })

  test('presigns 200 seeded requests to the same URL', async () => {
    const cases = draw(seededRandom('botocore query'), 'query', 200)
    const theirs = await ask<Signed[]>(cases)
    for (const [index, one] of cases.entries())
      expect((await ours(one)).url, `case ${index}: ${JSON.stringify(one)}`).toBe(theirs[index]?.url)
  })

  test('disagrees about a request of which one byte differs', async () => {
    const cases = draw(seededRandom('botocore flipped'), 'headers', 20)
    const theirs = await ask<Signed[]>(
      cases.map((one) => ({ ...one, body: Buffer.from('flipped').toString('base64'), unsigned: false })),
    )
    for (const [index, one] of cases.entries())
      expect((await ours({ ...one, unsigned: false })).headers.authorization).not.toBe(
        theirs[index]?.headers.authorization,
      )
  })
})
