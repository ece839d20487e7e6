import { describe, expect, test } from 'vitest'
import { report, row, table } from './report.ts'

describe('row', () => {
  test('bounds the ratio when there is a yardstick', () => {
    const made = row({ name: 'stack', value: 5, unit: 'us', against: { name: 'other', value: 50 }, atMost: 0.1 })
    expect(made).toEqual({
      name: 'stack',
      value: 5,
      unit: 'us',
      against: 'other',
      ratio: 0.1,
      goal: 'ratio <= 0.1',
      ok: true,
    })
    expect(row({ name: 'stack', value: 6, unit: 'us', against: { name: 'other', value: 50 }, atMost: 0.1 }).ok).toBe(
      false,
    )
  })

  test('bounds the value when there is none', () => {
    expect(row({ name: 'lost', value: 0, unit: 'records', exactly: 0 }).ok).toBe(true)
    expect(row({ name: 'lost', value: 1, unit: 'records', exactly: 0 }).ok).toBe(false)
    expect(row({ name: 'rate', value: 9, unit: '/s', atLeast: 10 }).ok).toBe(false)
  })

  test('what is no number misses', () => {
    expect(row({ name: 'x', value: Number.NaN, unit: 'ms' }).ok).toBe(false)
    expect(row({ name: 'x', value: 1, unit: 'ms', against: { name: 'y', value: 0 }, atMost: 2 }).ok).toBe(false)
  })
})

describe('report', () => {
  test('fails when a row failed, and when there is none', () => {
    const good = row({ name: 'a', value: 1, unit: 'ms', atMost: 2 })
    const bad = row({ name: 'b', value: 3, unit: 'ms', atMost: 2 })
    expect(report('core', [good]).ok).toBe(true)
    expect(report('core', [good, bad]).ok).toBe(false)
    expect(report('core', []).ok).toBe(false)
  })

  test('the table names what was missed', () => {
    const bad = row({ name: 'b', value: 3, unit: 'ms', atMost: 2 })
    expect(table(report('core', [bad]))).toContain('value <= 2  MISSED')
  })
})
