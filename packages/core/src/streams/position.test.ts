import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noPositions, parsePosition, positionAt, withPosition } from './position.ts'
import { RecentIds } from './recent-ids.ts'
import { recordId } from './record-id.ts'

describe('parsePosition', () => {
  it.each([
    ['2026-03-01', '2026-03-01T00:00:00', 86_400_000],
    ['2026-03-01T12:30Z', '2026-03-01T12:30:00', 60_000],
    ['2026-03-01T12:30:05', '2026-03-01T12:30:05', 1000],
    ['2026-03-01 12:30:05.000Z', '2026-03-01T12:30:05', 1000],
    ['2026-03-01T12:30:05.10Z', '2026-03-01T12:30:05.1', 100],
    ['2026-03-01T13:30:05.123+01:00', '2026-03-01T12:30:05.123', 1],
    ['2026-03-01T13:30:05.123456+0100', '2026-03-01T12:30:05.123456', 1],
    ['2026-03-01t12:30:05,5z', '2026-03-01T12:30:05.5', 100],
    ['2026-03-01T02:30:05+14', '2026-02-28T12:30:05', 1000],
  ])('reads %s', (text, key, stepMs) => {
    expect(parsePosition(text)).toMatchObject({ text, key, stepMs })
  })

  it.each([
    '',
    'now',
    '12',
    '1767225600',
    '2026-13-01',
    '2026-02-30T25:00:00Z',
    '2026-03-01T12:30:05.Z',
    '+12026-03-01',
  ])('refuses %j', (text) => {
    expect(parsePosition(text)).toBeUndefined()
  })

  it('orders as time does', () => {
    const moment = fc.tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 0, max: 999_999 }))
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const [first, second] = [a, b].map(([ms, nano]) => {
          const text = new Date(ms).toISOString().replace('Z', `${String(nano).padStart(6, '0')}Z`)
          return parsePosition(text)?.key as string
        }) as [string, string]
        const expected = Math.sign(a[0] - b[0] || a[1] - b[1])
        expect(first < second ? -1 : first > second ? 1 : 0).toBe(expected)
      }),
    )
  })

  it('gives moments of ours the same form', () => {
    expect(positionAt(1500).text).toBe('1970-01-01T00:00:01.500Z')
    expect(positionAt(-5).ms).toBe(0)
    expect(positionAt(1e18).key.slice(0, 4)).toBe('9999')
  })
})

it('withPosition keeps the two latest distinct ones', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 8 })), (seconds) => {
      let top = noPositions
      for (const second of seconds) top = withPosition(top, positionAt(second * 1000))
      const [high, second] = [...new Set(seconds)].sort((a, b) => b - a)
      expect([top.high?.ms, top.second?.ms]).toEqual(
        [high, second].map((one) => (one === undefined ? undefined : one * 1000)),
      )
    }),
  )
})

it('RecentIds holds at least half of its size and never more than all of it', () => {
  const recent = new RecentIds(10)
  for (let id = 0; id < 1000; id++) {
    recent.add(String(id))
    for (let back = 0; back < 5 && back <= id; back++) expect(recent.has(String(id - back))).toBe(true)
    expect(recent.has(String(id - 10))).toBe(false)
  }
})

it('recordId is the text while short, and tells long ones apart', () => {
  expect(recordId('a', 'b')).toBe('=a\nb')
  const long = 'x'.repeat(100)
  expect(recordId(long)).toMatch(/^#[\w-]{22}$/)
  expect(recordId(`${long}1`)).not.toBe(recordId(`${long}2`))
})
