import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adviceOf } from '../errors.ts'
import { rateReader } from './rate-headers.ts'
import { secretsIn } from './request-secrets.ts'
import { type ErrorMapping, kindOfStatus, requestIdOf, statusReader } from './status-facts.ts'
import { vendorText } from './vendor-text.ts'

function facts(
  status: number,
  options: {
    body?: unknown
    type?: string
    headers?: Record<string, string>
    mapping?: ErrorMapping
    secrets?: string[]
  } = {},
) {
  const text = typeof options.body === 'string' ? options.body : JSON.stringify(options.body ?? '')
  const headers = { 'content-type': options.type ?? 'application/json', ...options.headers }
  const body = options.body === undefined ? new Uint8Array() : new TextEncoder().encode(text)
  const limits = rateReader()({ status, headers }, 0)
  return statusReader(options.mapping)({ status, headers, body }, limits, options.secrets ?? [])
}

describe('statusReader: statuses', () => {
  const table: readonly (readonly [number, string, 'never' | 'later'])[] = [
    [301, 'protocol', 'never'],
    [304, 'protocol', 'never'],
    [400, 'invalid-input', 'never'],
    [401, 'credential', 'never'],
    [402, 'permission', 'never'],
    [403, 'permission', 'never'],
    [404, 'not-found', 'never'],
    [405, 'unsupported', 'never'],
    [407, 'credential', 'never'],
    [408, 'timeout', 'later'],
    [409, 'conflict', 'never'],
    [410, 'not-found', 'never'],
    [412, 'conflict', 'never'],
    [413, 'invalid-input', 'never'],
    [415, 'unsupported', 'never'],
    [418, 'invalid-input', 'never'],
    [421, 'unavailable', 'later'],
    [422, 'invalid-input', 'never'],
    [423, 'conflict', 'never'],
    [425, 'unavailable', 'later'],
    [428, 'conflict', 'never'],
    [429, 'rate-limited', 'later'],
    [431, 'invalid-input', 'never'],
    [451, 'permission', 'never'],
    [500, 'unavailable', 'later'],
    [501, 'unsupported', 'never'],
    [502, 'unavailable', 'later'],
    [503, 'unavailable', 'later'],
    [504, 'unavailable', 'later'],
    [505, 'unsupported', 'never'],
    [511, 'network', 'never'],
    [599, 'unavailable', 'later'],
    [601, 'invalid-input', 'never'],
  ]
  it.each(table)('%i is %s, retry %s', (status, kind, retry) => {
    const told = facts(status)
    expect(told).toMatchObject({ kind, status, sent: 'all' })
    expect(adviceOf(told)).toBe(retry)
    const meaning = kindOfStatus(status)
    expect(typeof meaning === 'string' ? meaning : meaning.kind).toBe(kind)
  })

  it('takes a 403 with evidence of a limit for rate-limited', () => {
    expect(facts(403, { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' } })).toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 30_000,
    })
  })

  it('passes Retry-After of a 503 on', () => {
    expect(facts(503, { headers: { 'retry-after': '1' } })).toMatchObject({ kind: 'unavailable', retryAfterMs: 1000 })
  })

  it('reads meanings from the mapping: codes first, then statuses', () => {
    const mapping: ErrorMapping = {
      code: 'err.id',
      codes: { not_ready: { kind: 'conflict', retry: 'later' } },
      statuses: { 400: 'unsupported' },
      expired: ['token_old'],
    }
    expect(facts(400, { mapping, body: { err: { id: 'not_ready' } } })).toMatchObject({
      kind: 'conflict',
      retry: 'later',
      code: 'not_ready',
    })
    expect(facts(400, { mapping, body: { err: { id: 'constructor' } } })).toMatchObject({ kind: 'unsupported' })
    expect(facts(403, { mapping, body: { err: { id: 'token_old' } } })).toMatchObject({ kind: 'credential' })
  })
})

describe('statusReader: texts', () => {
  it('reads problem details with the fields that are wrong', () => {
    const body = {
      type: 'https://example.com/problems/invalid',
      title: 'Your request is not valid.',
      detail: 'Two fields are wrong.',
      errors: [
        { detail: 'must be a positive integer', pointer: '#/age' },
        { detail: 'must be green', pointer: '#/profile/color' },
        { nonsense: true },
      ],
    }
    expect(facts(422, { type: 'application/problem+json', body })).toMatchObject({
      kind: 'invalid-input',
      message: 'Your request is not valid.: Two fields are wrong.',
      issues: [
        { path: 'age', message: 'must be a positive integer' },
        { path: 'profile.color', message: 'must be green' },
      ],
    })
  })

  it.each([
    [{ message: 'Not Found', documentation_url: 'x' }, 'Not Found', undefined],
    [{ error: { code: 'InvalidArg', message: 'bad' } }, 'bad', 'InvalidArg'],
    [{ error: 'invalid_grant', error_description: 'expired' }, 'expired', 'invalid_grant'],
    [{ errors: [{ code: 17, message: 'first' }] }, 'first', '17'],
    [{ errors: ['plain'] }, 'plain', undefined],
    [{ errors: [{ status: '422', code: 'E-1', title: 'Invalid', detail: 'must be green' }] }, 'must be green', 'E-1'],
    [{ errors: [{ title: 'Invalid' }] }, 'Invalid', undefined],
    [[{ errorCode: 'INVALID_FIELD', message: 'no such column' }], 'no such column', 'INVALID_FIELD'],
  ])('reads %j', (body, message, code) => {
    expect(facts(400, { body })).toMatchObject({ message, code })
  })

  it('reads the wrong fields of JSON:API and of lists by field', () => {
    const errors = [
      { detail: 'must be green', source: { pointer: '/data/attributes/color' } },
      { title: 'Invalid', source: { parameter: 'include' } },
      { message: 'is taken', field: 'name' },
      { message: 'belongs to no field' },
    ]
    expect(facts(422, { body: { errors } }).issues).toEqual([
      { path: 'data.attributes.color', message: 'must be green' },
      { path: 'include', message: 'Invalid' },
      { path: 'name', message: 'is taken' },
    ])
  })

  it('reads the paths that a manifest declares', () => {
    const mapping = { message: ['fault.text', 'fault.reason'], code: 'fault.id', requestId: 'trace' }
    const body = { fault: { reason: 'because', id: 'E1' }, trace: 'abc-1', message: 'other' }
    expect(facts(400, { mapping, body })).toMatchObject({ message: 'because', code: 'E1', requestId: 'abc-1' })
  })

  it('never reads through a prototype', () => {
    expect(facts(400, { body: {}, mapping: { message: 'constructor.name' } }).message).toBeUndefined()
  })

  it('takes no text out of HTML, of broken JSON or of huge bodies', () => {
    expect(facts(500, { type: 'text/html', body: '<h1>oops</h1>' }).message).toBeUndefined()
    expect(facts(500, { body: '{"message":"x"' }).message).toBeUndefined()
    expect(facts(500, { body: { message: 'x', more: 'y'.repeat(300_000) } }).message).toBeUndefined()
    expect(facts(500, { type: 'text/plain', body: 'upstream is away' }).message).toBe('upstream is away')
  })

  it('shows no secret, no control character and no novel', () => {
    const secrets = ['s3cr3t-token-value']
    const text = 'bad token s3cr3t-token-value\u0000\u001b[31m\n\u202eevil, Authorization: Bearer abcdefgh12345'
    const { message = '' } = facts(401, { body: { message: text + 'x'.repeat(5000) }, secrets })
    expect(message).not.toMatch(/s3cr3t|abcdefgh12345/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
    expect(message).not.toMatch(/[\u0000-\u001f\u202e]/)
    expect(message.length).toBeLessThanOrEqual(300)
    expect(facts(400, { body: { code: 's3cr3t-token-value' }, secrets }).code).toBeUndefined()
  })

  it('shows no id, code or pointer in which the vendor repeats the secret', () => {
    const [secret] = ['s3cr3t/token+value=']
    const secrets = [secret as string]
    const body = { code: `key:${secret}`, request_id: secret, errors: [{ pointer: `/data/${secret}`, detail: 'bad' }] }
    const found = facts(400, { body, headers: { 'x-request-id': `r-${secret}` }, secrets })
    expect(found).toMatchObject({ code: undefined, requestId: undefined, issues: [{ message: 'bad' }] })
    expect(JSON.stringify(found)).not.toContain('s3cr3t')
    // A short password must not make the vendor's own words unreadable.
    expect(facts(429, { body: { code: 'limit_reached' }, secrets: ['limit'] }).code).toBe('limit_reached')
  })

  it('says what to do where the vendor says nothing', () => {
    expect(facts(401).message).toContain('credential')
    expect(facts(403).message).toContain('permission')
    expect(facts(304).message).toContain('304')
  })
})

describe('requestIdOf', () => {
  it('prefers the usual header and knows others by their name', () => {
    expect(requestIdOf({ 'x-vendor-request-id': 'b', 'x-request-id': 'a' })).toBe('a')
    expect(requestIdOf({ 'x-amzn-requestid': 'b-1' })).toBe('b-1')
    expect(requestIdOf({ 'x-ms-correlation-request-id': 'c' })).toBe('c')
    expect(requestIdOf({ 'x-request-id': 'has blank', 'x-trace-id': ['t'] })).toBe('t')
    expect(requestIdOf({ 'x-request-id': 'x'.repeat(200), 'content-type': 'x' })).toBeUndefined()
  })
})

describe('vendorText', () => {
  it('hides what looks like a credential', () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig_nature-1'
    const text = vendorText(
      `jwt ${token} basic dXNlcjpwYXNzd29yZA== api_key=abcd1234 "password": "hunter22" at https://u:p@host/x`,
    )
    for (const leak of [token, 'dXNlcjpwYXNzd29yZA', 'abcd1234', 'hunter22', 'u:p@']) expect(text).not.toContain(leak)
  })

  it('is one short well-formed line for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (given) => {
        const text = vendorText(given)
        if (text === undefined) return
        expect(text.length).toBeLessThanOrEqual(300)
        expect(text.isWellFormed()).toBe(true)
        expect(text).not.toMatch(/[\n\r]/)
      }),
    )
  })
})

it('secretsIn finds what a credential wrote, whole and in parts', () => {
  const basic = Buffer.from('user:pass-word').toString('base64')
  const found = secretsIn(
    {
      method: 'GET',
      url: 'https://a/b?key=k%2By-123&other=o',
      headers: { authorization: `Basic ${basic}`, 'x-key': ['one-secret', 'two-secret'], accept: 'application/json' },
      body: undefined,
    },
    { headers: ['authorization', 'x-key', 'absent'], query: ['key'] },
  )
  expect(found).toEqual(
    expect.arrayContaining(['pass-word', basic, 'one-secret', 'two-secret', 'k+y-123', 'k%2By-123']),
  )
  expect(found).not.toContain('application/json')
  expect(found).not.toContain('o')
})

it('secretsIn finds quoted parameters without their quotes', () => {
  const headers = { authorization: 'OAuth oauth_consumer_key="consumer-1", oauth_token="token-value-1"' }
  const found = secretsIn(
    { method: 'GET', url: 'https://a/b', headers, body: undefined },
    { headers: ['authorization'], query: [] },
  )
  expect(found).toEqual(expect.arrayContaining(['consumer-1', 'token-value-1']))
})
