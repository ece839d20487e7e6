import { describe, expect, it } from 'vitest'
import { seededRandom } from '../time/seeded-random.ts'
import { stageOf } from './stages.ts'
import type { Piece, Toxic } from './toxic.ts'

const piece = (text: string, dueAt = 0, end?: Piece['end']): Piece => ({ bytes: Buffer.from(text), dueAt, end })
const run = (toxic: Toxic, ...pieces: Piece[]) => stageOf(toxic, seededRandom(1))(pieces)
const seen = (pieces: readonly Piece[]) => pieces.map(({ bytes, dueAt, end }) => [bytes.toString(), dueAt, end])

describe('stages', () => {
  it('slice into sizes around the one asked for, one after the other', () => {
    const slices = run({ type: 'slicer', bytes: 10, variation: 5, delayMs: 2 }, piece('x'.repeat(200), 100, 'finish'))
    const sizes = slices.map(({ bytes }) => bytes.length)
    expect(sizes.reduce((sum, size) => sum + size)).toBe(200)
    expect(new Set(sizes.slice(0, -2)).size).toBeGreaterThan(3)
    for (const size of sizes.slice(0, -2)) expect(size >= 5 && size <= 15).toBe(true)
    expect(slices.map(({ dueAt }) => dueAt)).toEqual(sizes.map((_, index) => 100 + 2 * index))
    expect(slices.map(({ end }) => end).filter(Boolean)).toEqual(['finish'])
    expect(slices.at(-1)?.end).toBe('finish')
  })

  it('give bytes out at the rate of the line, also over several pieces', () => {
    const stage = stageOf({ type: 'bandwidth', bytesPerSecond: 1000 }, seededRandom(1))
    expect(stage([piece('x'.repeat(100))]).at(-1)?.dueAt).toBeCloseTo(100)
    expect(stage([piece('x'.repeat(50))]).at(-1)?.dueAt).toBeCloseTo(150)
    // After a pause the line is free again: unused time is not saved up.
    expect(stage([piece('x'.repeat(50), 1000)]).at(-1)?.dueAt).toBeCloseTo(1050)
  })

  it('limit over pieces, to the byte', () => {
    const limited = run({ type: 'limit', bytes: 5 }, piece('abc'), piece('def'), piece('ghi'))
    expect(seen(limited)).toEqual([
      ['abc', 0, undefined],
      ['de', 0, 'finish'],
    ])
    expect(seen(run({ type: 'reset', afterBytes: 3 }, piece('abc')))).toEqual([['abc', 0, 'reset']])
    expect(seen(run({ type: 'limit', bytes: 5 }, piece('ab', 0, 'finish')))).toEqual([['ab', 0, 'finish']])
  })

  it('let a lost route carry neither data nor ends', () => {
    expect(seen(run({ type: 'half-open', afterBytes: 2 }, piece('abc'), piece('', 0, 'reset')))).toEqual([
      ['ab', 0, undefined],
    ])
    expect(run({ type: 'timeout' }, piece('a'), piece('', 0, 'finish'))).toEqual([])
  })

  it('corrupt a copy', () => {
    const original = piece('a'.repeat(100))
    const [corrupted] = run({ type: 'corrupt', everyBytes: 10 }, original)
    expect(original.bytes.toString()).toBe('a'.repeat(100))
    expect(corrupted?.bytes.length).toBe(100)
    expect(corrupted?.bytes.equals(original.bytes)).toBe(false)
  })
})
