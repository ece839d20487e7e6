import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatTime, parseTime } from './time.ts'

const years = {
  min: new Date('0000-01-01T00:00:00.000Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
}

test('a time is written as Date writes it, and read back', () => {
  fc.assert(
    fc.property(fc.date(years), (date) => {
      const text = formatTime(date.getTime())
      expect(text).toBe(date.toISOString())
      expect(parseTime(text as string, undefined)).toBe(date.getTime())
    }),
    { numRuns: 3000 },
  )
  for (let day = -30_000; day < 60_000; day++)
    expect(formatTime(day * 86_400_000)).toBe(new Date(day * 86_400_000).toISOString())
  for (const wrong of [Number.NaN, 1e15, -1e15, Number.POSITIVE_INFINITY]) expect(formatTime(wrong)).toBeUndefined()
})

test('offsets are read with and without colon, and taken off', () => {
  const texts = [
    '2026-03-01T11:00:00+01:00',
    '2026-03-01T11:00:00+0100',
    '2026-03-01 11:00:00 +01',
    '2026-03-01t10:00:00z',
    '2026-03-01T10:00:00,000Z',
  ]
  for (const text of texts) expect(parseTime(text, undefined), text).toBe(Date.UTC(2026, 2, 1, 10))
  expect(parseTime('2026-03-01T10:00', '-05:30')).toBe(Date.UTC(2026, 2, 1, 15, 30))
  expect(parseTime('0001-01-01T00:00:00Z', undefined)).toBe(-62_135_596_800_000)
  const wrong = [
    '2026-3-1',
    '2026-02-29T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00+25:00',
    `2026-01-01T00:00:00.${'0'.repeat(50)}Z`,
  ]
  for (const text of wrong) expect(parseTime(text, 'Z'), text).toBeUndefined()
})
