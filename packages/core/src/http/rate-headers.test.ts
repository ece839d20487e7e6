import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RateHeaderQuirks } from './rate-header-names.ts'
import { rateReader } from './rate-headers.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const seconds = now / 1000

function read(
  headers: Record<string, string | string[]>,
  status = 200,
  quirks?: RateHeaderQuirks,
  at = now,
): readonly object[] {
  // Undefined members say nothing; dropping them keeps the expectations short.
  return rateReader(quirks)({ status, headers }, at).map((feedback) => JSON.parse(JSON.stringify(feedback)))
}

describe('rateReader: waits', () => {
  const waits: readonly (readonly [string, Record<string, string | string[]>, number])[] = [
    ['seconds', { 'retry-after': '7' }, 7000],
    ['seconds with blanks', { 'retry-after': ' 7 ' }, 7000],
    ['a fraction of a second', { 'retry-after': '0.5' }, 500],
    ['nought', { 'retry-after': '0' }, 0],
    ['an HTTP date', { 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, 30_000],
    ['an RFC 850 date', { 'retry-after': 'Sunday, 01-Mar-26 12:00:30 GMT' }, 30_000],
    ['an asctime date', { 'retry-after': 'Sun Mar  1 12:00:30 2026' }, 30_000],
    ['an ISO date', { 'retry-after': '2026-03-01T12:00:30Z' }, 30_000],
    ['an ISO date with an offset', { 'retry-after': '2026-03-01T13:00:30.500+01:00' }, 30_500],
    ['epoch seconds', { 'retry-after': String(seconds + 9) }, 9000],
    ['epoch milliseconds', { 'retry-after': String(now + 1234) }, 1234],
    ['a span', { 'retry-after': '1m30s' }, 90_000],
    ['a span of milliseconds', { 'retry-after': '20ms' }, 20],
    ['the first valid of several', { 'retry-after': ['soon', '3', '4'] }, 3000],
    ['retry-after-ms before Retry-After', { 'retry-after': '2', 'retry-after-ms': '1500' }, 1500],
    ['the same the other way round', { 'retry-after-ms': '1500', 'retry-after': '2' }, 1500],
    ['x-retry-after', { 'x-retry-after': '4' }, 4000],
    ['x-retry-after-ms', { 'x-retry-after-ms': '4' }, 4],
    ['x-ratelimit-retry-after', { 'x-ratelimit-retry-after': '4' }, 4000],
    ['x-ratelimit-retryafter in epoch seconds', { 'x-ratelimit-retryafter': String(seconds + 4) }, 4000],
    ['a far future, cut to a day', { 'retry-after': '999999' }, 86_400_000],
    ['a far date, cut to a day', { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }, 86_400_000],
  ]
  it.each(waits)('reads %s', (_, headers, retryAfterMs) => {
    expect(read(headers, 429)).toEqual([{ retryAfterMs, limited: true }])
    expect(read(headers, 503)).toEqual([{ retryAfterMs }])
  })

  const garbage = [
    '',
    ' ',
    '-1',
    '-0.5',
    '1e9',
    'Infinity',
    'NaN',
    '0x10',
    '1,5',
    'soon',
    '7 seconds',
    'Sun, 01 Mar 2026 11:59:59 GMT',
    'Sun, 31 Feb 2026 12:00:30 GMT',
    'Sun, 01 Mar 2026 25:00:30 GMT',
    'Sun, 01 Mar 2026 12:00:30',
    'Tomorrow, 01 Mar 2026 12:00:30 GMT',
    '2026-03-01T12:00:30',
    '2026-13-01T12:00:30Z',
    String(seconds - 1),
    String(now - 1),
    '9'.repeat(400),
    '99999999999999999',
  ]
  it.each(garbage)('ignores %j', (text) => {
    expect(read({ 'retry-after': text }, 429)).toEqual([{ limited: true }])
    expect(read({ 'retry-after': text })).toEqual([])
  })

  it('reads dates by the Date header, so that a wrong clock on this side does not matter', () => {
    const headers = { date: 'Sun, 01 Mar 2026 12:00:00 GMT', 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }
    for (const skew of [-3_600_000, 0, 3_600_000]) {
      expect(read(headers, 429, undefined, now + skew)).toEqual([{ retryAfterMs: 30_000, limited: true }])
    }
    expect(read({ ...headers, age: '10' }, 429)).toEqual([{ retryAfterMs: 20_000, limited: true }])
    expect(read({ ...headers, date: 'yesterday' }, 429)).toEqual([{ retryAfterMs: 30_000, limited: true }])
  })

  it('reads waits in the unit that a manifest declares, and its own headers first', () => {
    expect(read({ 'retry-after': '300' }, 429, { retryAfterUnit: 'ms' })).toEqual([
      { retryAfterMs: 300, limited: true },
    ])
    const quirks = { waits: [{ header: 'X-Vendor-Backoff', unit: 'epoch-s' as const }] }
    expect(read({ 'retry-after': '9', 'x-vendor-backoff': String(seconds + 2) }, 429, quirks)).toEqual([
      { retryAfterMs: 2000, limited: true },
    ])
    expect(read({ 'retry-after': '100' }, 429, { longestMs: 5000 })).toEqual([{ retryAfterMs: 5000, limited: true }])
  })
})

describe('rateReader: limits', () => {
  const sets: readonly (readonly [string, Record<string, string | string[]>, readonly object[]])[] = [
    [
      'RateLimit and RateLimit-Policy',
      { ratelimit: '"default";r=50;t=30', 'ratelimit-policy': '"default";q=100;w=60' },
      [{ policy: 'default', limit: 100, remaining: 50, resetMs: 30_000, windowMs: 60_000 }],
    ],
    [
      'several policies',
      {
        ratelimit: '"perhr";r=399;t=2402, "permin";r=20',
        'ratelimit-policy': ['"permin";q=50;w=60;qu="requests"', '"perhr";q=1000;w=3600;pk=:dHJlaw==:'],
      },
      [
        { policy: 'perhr', limit: 1000, remaining: 399, resetMs: 2_402_000, windowMs: 3_600_000 },
        { policy: 'permin', limit: 50, remaining: 20, windowMs: 60_000 },
      ],
    ],
    [
      'tokens as policy names and `l` (versions 08 and 09)',
      { ratelimit: 'default;r=50;t=5', 'ratelimit-policy': 'default;l=100;w=10' },
      [{ policy: 'default', limit: 100, remaining: 50, resetMs: 5000, windowMs: 10_000 }],
    ],
    [
      'the dictionary of version 07',
      { ratelimit: 'limit=100, remaining=50, reset=5', 'ratelimit-policy': '100;w=60' },
      [{ limit: 100, remaining: 50, resetMs: 5000, windowMs: 60_000 }],
    ],
    [
      'RateLimit-Limit, -Remaining, -Reset',
      { 'ratelimit-limit': '100', 'ratelimit-remaining': '50', 'ratelimit-reset': '5' },
      [{ limit: 100, remaining: 50, resetMs: 5000 }],
    ],
    [
      'a limit with its policies',
      { 'ratelimit-limit': '10, 50;w=60, 10;w=1', 'ratelimit-remaining': '0', 'ratelimit-reset': '1' },
      [{ limit: 10, remaining: 0, resetMs: 1000, windowMs: 1000 }],
    ],
    [
      'X-RateLimit with epoch seconds',
      {
        'x-ratelimit-limit': '5000',
        'x-ratelimit-remaining': '4999',
        'x-ratelimit-reset': String(seconds + 60),
        'x-ratelimit-used': '1',
        'x-ratelimit-resource': 'core',
      },
      [{ policy: 'core', limit: 5000, remaining: 4999, resetMs: 60_000 }],
    ],
    [
      'X-RateLimit with epoch milliseconds',
      { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': String(now + 60_500) },
      [{ remaining: 1, resetMs: 60_500 }],
    ],
    [
      'X-RateLimit with an ISO date',
      { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '2026-03-01T12:01:00+00:00' },
      [{ remaining: 1, resetMs: 60_000 }],
    ],
    [
      'X-RateLimit with an HTTP date',
      { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': 'Sun, 01 Mar 2026 12:01:00 GMT' },
      [{ remaining: 1, resetMs: 60_000 }],
    ],
    [
      'X-RateLimit with a span beside a date, in either order',
      { 'x-ratelimit-reset': String(seconds + 2), 'x-ratelimit-reset-after': '1.25', 'x-ratelimit-bucket': 'ab12' },
      [{ policy: 'ab12', resetMs: 1250 }],
    ],
    [
      'X-Rate-Limit',
      { 'x-rate-limit-limit': '600', 'x-rate-limit-remaining': '599', 'x-rate-limit-reset': String(seconds + 7) },
      [{ limit: 600, remaining: 599, resetMs: 7000 }],
    ],
    [
      'used instead of remaining',
      { 'x-ratelimit-limit': '10', 'x-ratelimit-used': '4' },
      [{ limit: 10, remaining: 6 }],
    ],
    [
      'one limit per window',
      {
        'x-ratelimit-limit-minute': '60',
        'x-ratelimit-remaining-minute': '59',
        'x-ratelimit-limit-hour': '1000',
        'x-ratelimit-remaining-hour': '12',
      },
      [
        { policy: 'minute', limit: 60, remaining: 59, windowMs: 60_000 },
        { policy: 'hour', limit: 1000, remaining: 12, windowMs: 3_600_000 },
      ],
    ],
    [
      'one limit per unit with spans',
      {
        'x-ratelimit-remaining-tokens': '100',
        'x-ratelimit-reset-tokens': '6m0s',
        'x-ratelimit-remaining-requests': '3',
        'x-ratelimit-reset-requests': '17ms',
      },
      [
        { policy: 'tokens', remaining: 100, resetMs: 360_000 },
        { policy: 'requests', remaining: 3, resetMs: 17 },
      ],
    ],
    [
      'the standard spelling where old ones stand beside it',
      {
        'x-ratelimit-remaining': '1',
        'x-rate-limit-remaining': '2',
        'ratelimit-remaining': '3',
      },
      [{ remaining: 3 }],
    ],
  ]
  it.each(sets)('reads %s', (_, headers, expected) => {
    expect(read(headers)).toEqual(expected)
    const reversed = Object.fromEntries(Object.entries(headers).reverse())
    expect(read(reversed)).toEqual(expect.arrayContaining([...expected]))
  })

  it('leaves out values that make no sense and keeps the others', () => {
    expect(read({ 'x-ratelimit-limit': 'many', 'x-ratelimit-remaining': '-1', 'x-ratelimit-reset': '' })).toEqual([])
    expect(read({ 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': 'x' })).toEqual([{ limit: 10 }])
    expect(read({ 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': String(seconds - 100) })).toEqual([
      { remaining: 5 },
    ])
    expect(read({ ratelimit: '"a";r=1, ', 'x-ratelimit-remaining': '5' })).toEqual([{ remaining: 5 }])
    expect(read({ ratelimit: '"a";r=-1' })).toEqual([])
  })

  it('cuts a far reset to a day', () => {
    expect(read({ 'ratelimit-remaining': '0', 'ratelimit-reset': '9999999' })).toEqual([
      { remaining: 0, resetMs: 86_400_000 },
    ])
  })

  it('reads what a manifest declares', () => {
    const quirks: RateHeaderQuirks = {
      limits: [
        { policy: 'shop', ratio: 'X-Shop-Call-Limit' },
        { policy: 'daily', remaining: 'x-vendor-daily-remaining', limit: 'x-vendor-daily', windowMs: 86_400_000 },
        { policy: 'burst', remaining: 'x-vendor-left', reset: 'x-vendor-left-reset', resetUnit: 'ms' },
      ],
    }
    const headers = {
      'x-shop-call-limit': '32/40',
      'x-vendor-daily': '1000',
      'x-vendor-daily-remaining': '7',
      'x-vendor-left': '3',
      'x-vendor-left-reset': '1500',
      'x-ratelimit-remaining': '9',
    }
    expect(read(headers, 200, quirks)).toEqual([
      { policy: 'shop', limit: 40, remaining: 8 },
      { policy: 'daily', limit: 1000, remaining: 7, windowMs: 86_400_000 },
      { policy: 'burst', remaining: 3, resetMs: 1500 },
      { remaining: 9 },
    ])
    expect(read(headers, 200, { ...quirks, ignoreLimits: true })).toEqual([])
    expect(read({ 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '1500' }, 200, { resetUnit: 'ms' })).toEqual([
      { remaining: 1, resetMs: 1500 },
    ])
  })
})

describe('rateReader: refusals', () => {
  it('waits for the reset of the limit that is used up, when a 429 names no wait', () => {
    expect(read({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '5' }, 429)).toEqual([
      { remaining: 0, resetMs: 5000, retryAfterMs: 5000, limited: true },
    ])
    expect(read({ 'x-ratelimit-reset': '5' }, 429)).toEqual([{ resetMs: 5000, retryAfterMs: 5000, limited: true }])
    expect(read({ ratelimit: '"a";r=0;t=5, "b";r=0;t=50, "c";r=9;t=500' }, 429)).toEqual([
      { policy: 'a', remaining: 0, resetMs: 5000 },
      { policy: 'b', remaining: 0, resetMs: 50_000, retryAfterMs: 50_000, limited: true },
      { policy: 'c', remaining: 9, resetMs: 500_000 },
    ])
  })

  it('does not wait for the reset of a limit that has units left: another limit refused', () => {
    expect(read({ 'x-ratelimit-remaining': '40', 'x-ratelimit-reset': '3000' }, 429)).toEqual([
      { remaining: 40, resetMs: 3_000_000, limited: true },
    ])
    expect(read({ ratelimit: '"a";r=1;t=5, "b";r=2;t=50', 'retry-after': '1' }, 429)).toEqual([
      { retryAfterMs: 1000, limited: true },
      { policy: 'a', remaining: 1, resetMs: 5000 },
      { policy: 'b', remaining: 2, resetMs: 50_000 },
    ])
  })

  it('takes a 403 for a refusal by the limit only with evidence', () => {
    expect(read({}, 403)).toEqual([])
    expect(read({ 'x-ratelimit-remaining': '3' }, 403)).toEqual([{ remaining: 3 }])
    expect(read({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '5' }, 403)).toEqual([
      { remaining: 0, resetMs: 5000, retryAfterMs: 5000, limited: true },
    ])
    expect(read({ 'retry-after': '60' }, 403)).toEqual([{ retryAfterMs: 60_000, limited: true }])
  })

  it('knows the refusing statuses that a manifest declares', () => {
    expect(read({}, 509, { statuses: [509] })).toEqual([{ limited: true }])
    expect(read({}, 509)).toEqual([])
  })

  it('says nothing, and allocates no list, for an answer without limit headers', () => {
    const reader = rateReader()
    const answer = { status: 200, headers: { 'content-type': 'application/json', server: 'x' } }
    expect(reader(answer, now)).toBe(reader(answer, now))
  })
})

describe('rateReader: anything at all', () => {
  const names = [
    'retry-after',
    'retry-after-ms',
    'ratelimit',
    'ratelimit-policy',
    'ratelimit-limit',
    'ratelimit-remaining',
    'ratelimit-reset',
    'x-ratelimit-reset',
    'x-ratelimit-limit',
    'x-ratelimit-remaining',
    'x-rate-limit-remaining-hour',
    'date',
    'age',
  ]
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.stringMatching(/^[a-z"?:;=,0-9 ()@%.]{0,30}$/),
    fc.bigInt().map(String),
  )
  it('never throws, and gives finite numbers of at least nought within the cap', () => {
    const headers = fc.dictionary(fc.constantFrom(...names), fc.oneof(value, fc.array(value, { maxLength: 3 })))
    fc.assert(
      fc.property(headers, fc.integer({ min: 100, max: 599 }), (given, status) => {
        for (const feedback of rateReader()({ status, headers: given }, now)) {
          for (const name of ['limit', 'remaining', 'resetMs', 'windowMs', 'retryAfterMs'] as const) {
            const number = feedback[name]
            if (number !== undefined) expect(Number.isFinite(number) && number >= 0).toBe(true)
          }
          expect(feedback.resetMs ?? 0).toBeLessThanOrEqual(86_400_000)
          expect(feedback.retryAfterMs ?? 0).toBeLessThanOrEqual(86_400_000)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
