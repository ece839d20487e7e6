import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectTo, failureOf, smallManifest } from './fixtures/small-manifest.ts'
import { startVendor, type Vendor, type VendorReply } from './fixtures/vendor.ts'

let vendor: Vendor
const opened: { $close(): Promise<void> }[] = []
beforeAll(async () => {
  vendor = await startVendor()
})
afterAll(() => vendor.close())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.$close()))
  vendor.seen.length = 0
})

function live(parts: object) {
  const connection = connectTo(smallManifest(parts), { url: vendor.url })
  opened.push(connection)
  return connection
}

const call = (parts: object, reply: VendorReply) => {
  vendor.answer = () => reply
  return failureOf(live(parts).thing?.get?.() as Promise<unknown>)
}

describe('error rules', () => {
  const rules = [
    { when: { status: 403, body: "error.code == 'quota'" }, kind: 'rate-limited', waitMs: 'error.wait' },
    { when: { status: [404, 410], header: { name: 'X-Gone' } }, kind: 'permission' },
    { when: { header: { name: 'X-State', equals: 'maintenance' } }, kind: 'unavailable' },
    { when: { status: '5xx', body: 'final' }, kind: 'unexpected', retry: 'never' },
    { when: { status: '2xx', body: "error.code == 'busy'" }, kind: 'unavailable', retry: 'later' },
    { when: { status: '2xx', body: 'error' }, kind: 'conflict' },
    { when: { status: 401, body: "reason == 'locked'" }, kind: 'permission' },
  ]
  const errors = { errors: { message: ['error.text'], code: ['error.code'], requestId: ['trace'], rules } }

  test.each<[string, VendorReply, object]>([
    [
      'status and body, with the wait out of the body',
      { status: 403, json: { error: { code: 'quota', wait: 1500 } } },
      { kind: 'rate-limited', retryAfterMs: 1500, code: 'quota' },
    ],
    ['status alone is not enough', { status: 403, json: { error: { code: 'other' } } }, { kind: 'permission' }],
    [
      'one of several statuses with a header',
      { status: 410, json: {}, headers: { 'x-gone': 'x' } },
      { kind: 'permission' },
    ],
    ['a header is missing', { status: 410, json: {} }, { kind: 'not-found' }],
    [
      'a header of one value, whatever the status',
      { status: 200, json: {}, headers: { 'x-state': 'maintenance' } },
      { kind: 'unavailable', status: 200 },
    ],
    ['a class of statuses', { status: 502, json: { final: true } }, { kind: 'unexpected', retry: 'never' }],
    [
      'a good status with an error',
      { json: { error: { code: 'busy', text: 'Come back later' }, trace: 't-1' } },
      { kind: 'unavailable', retry: 'exhausted', detail: 'Come back later', code: 'busy', requestId: 't-1' },
    ],
    ['the first rule that holds decides', { json: { error: { text: 'no' } } }, { kind: 'conflict', detail: 'no' }],
    ['a rule goes before the meaning of a status', { status: 401, json: { reason: 'locked' } }, { kind: 'permission' }],
  ])('%s', async (_, reply, expected) => {
    expect(await call(errors, reply)).toMatchObject(expected)
  })

  test('good answers that no rule knows stay good', async () => {
    vendor.answer = () => ({ json: { error: null, a: 1 } })
    expect(await live(errors).thing?.get?.()).toEqual({ error: null, a: 1 })
  })

  test('a body that the expression does not fit is no match', async () => {
    const fragile = { errors: { rules: [{ when: { body: 'length(error) > `1`' }, kind: 'conflict' }] } }
    vendor.answer = () => ({ json: { error: 5 } })
    expect(await live(fragile).thing?.get?.()).toEqual({ error: 5 })
  })

  test('ids of requests come out of a header of the vendor', async () => {
    const reply = { status: 400, json: {}, headers: { 'x-acme-call': 'c-9' } }
    expect(await call({ errors: { requestIdHeader: 'X-Acme-Call' } }, reply)).toMatchObject({ requestId: 'c-9' })
  })
})

describe('limits', () => {
  const cited = { source: 'https://developer.acme.example/limits', date: '2026-11-01' }
  const budgets = [
    { id: 'account', scope: 'account', algorithm: 'sliding-window', units: 700, perMs: 60_000, ...cited },
    { id: 'burst', scope: 'account', algorithm: 'token-bucket', units: 10, perMs: 1000, burst: 50, ...cited },
    {
      id: 'daily',
      scope: 'account',
      algorithm: 'daily-quota',
      units: 5000,
      perMs: 86_400_000,
      operations: ['thing.get'],
      ...cited,
    },
  ]

  test('are the throttle and the bulkhead, those of some operations apart', () => {
    const { $policies } = live({
      limits: { budgets, concurrency: { calls: 4, ...cited } },
      transport: { attemptMs: 2345 },
    })
    const settings = (name: string) =>
      $policies.filter((policy) => policy.name === name).map((policy) => policy.settings)
    expect(settings('throttle').map(({ limits }) => limits)).toEqual([
      [{ name: 'daily', units: 5000, perMs: 86_400_000, kind: 'fixed-window', operations: ['thing.get'] }],
      [
        { name: 'account', units: 700, perMs: 60_000, kind: 'sliding-window' },
        { name: 'burst', units: 10, perMs: 1000, kind: 'bucket', burst: 50 },
      ],
    ])
    expect(settings('bulkhead')[0]).toMatchObject({ maxInFlight: 4 })
    expect(settings('attempt-timeout')).toEqual([{ timeoutMs: 2345 }])
  })

  test('learn from headers of the vendor', async () => {
    const headers = [{ budget: 'account', limit: 'X-Limit', remaining: 'X-Left', reset: 'X-Reset', unit: 's' }]
    vendor.answer = () => ({ json: {}, headers: { 'x-limit': '10', 'x-left': '0', 'x-reset': '60' } })
    const connection = live({ limits: { budgets: budgets.slice(0, 1), headers } })
    await connection.thing?.get?.()
    const error = await failureOf(connection.thing?.get?.({}, { timeoutMs: 500 }) as Promise<unknown>)
    expect(error).toMatchObject({ kind: 'rate-limited', code: 'past-deadline', sent: 'none' })
    expect(vendor.seen.length).toBe(1)
  })

  test('learn from bodies', async () => {
    const body = { limit: 'cost.max', remaining: 'cost.left', restorePerSecond: 'cost.rate' }
    vendor.answer = () => ({ json: { cost: { max: 100, left: 0, rate: 0.1 } } })
    const connection = live({ limits: { body, undocumented: 'x' } })
    await connection.thing?.get?.()
    const error = await failureOf(connection.thing?.get?.({}, { timeoutMs: 500 }) as Promise<unknown>)
    expect(error).toMatchObject({ kind: 'rate-limited', sent: 'none' })
    expect(vendor.seen.length).toBe(1)
  })

  test('refuse with statuses of the vendor, and waits in headers of its own', async () => {
    const limits = { statuses: [420], waits: [{ header: 'X-Wait', unit: 'ms' }], undocumented: 'x' }
    const reply = { status: 420, json: {}, headers: { 'x-wait': '1234' } }
    expect(await call({ limits }, reply)).toMatchObject({ kind: 'rate-limited', status: 420, retryAfterMs: 1234 })
  })
})
