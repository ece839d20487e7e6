import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../secret.ts'
import { canonicalJson, sha256 } from './canonical-json.ts'
import { copyFrozen, copyPlain, type PlainCopy } from './plain-copy.ts'

describe('canonicalJson', () => {
  it('does not depend on the order of keys, and ignores undefined fields', () => {
    expect(canonicalJson({ b: [1, { y: 1, x: 2 }], a: undefined })).toBe(canonicalJson({ b: [1, { x: 2, y: 1 }] }))
  })

  it('keeps types and structures apart', () => {
    const values = [
      1,
      '1',
      1n,
      true,
      'true',
      null,
      'null',
      undefined,
      [],
      {},
      [[]],
      [1, 2],
      ['1,2'],
      '',
      0.1,
      Number.NaN,
    ]
    const more = [
      new Date(0),
      new Date(0).toISOString(),
      new Uint8Array([1]),
      [1, undefined],
      { a: 1 },
      { a: '1' },
      'date(0)',
    ]
    const texts = [...values, ...more].map((value) => canonicalJson(value))
    expect(new Set(texts).size).toBe(texts.length)
    expect(canonicalJson(-0)).toBe(canonicalJson(0))
  })

  it('has no text for what has none', () => {
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    for (const value of [
      cycle,
      () => 1,
      new Secret('x'),
      new Map(),
      Symbol('s'),
      [new (class A {})()],
      new ReadableStream(),
    ])
      expect(canonicalJson(value)).toBeUndefined()
  })

  it('is equal exactly when JSON values are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = canonicalJson(a) === canonicalJson(b)
        expect(same).toBe(fc.stringify(sorted(a)) === fc.stringify(sorted(b)))
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('hashes with SHA-256', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => [key, sorted(field)])
}

describe('copyPlain', () => {
  it('copies deeply, and says whether JSON would do', () => {
    const value = { a: [{ b: new Date(5) }], bytes: new Uint8Array([1, 2]), n: 1n, u: undefined }
    const copy = copyPlain(value) as PlainCopy
    expect(copy.value).toEqual(value)
    expect(copy.json).toBe(false)
    expect((copy.value as typeof value).a[0]).not.toBe(value.a[0])
    expect((copy.value as typeof value).bytes.buffer).not.toBe(value.bytes.buffer)
    expect(copyPlain({ a: [1, 'x', null, true] })?.json).toBe(true)
  })

  it('does not let an own __proto__ become the prototype', () => {
    const copy = copyPlain(JSON.parse('{"__proto__":{"admin":true}}'))?.value as Record<string, unknown>
    expect(copy.admin).toBeUndefined()
    expect(Object.keys(copy)).toEqual(['__proto__'])
  })

  it('refuses what a copy could not stand for', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    for (const value of [cycle, new ReadableStream(), new Map(), () => 1, { deep: [new (class A {})()] }])
      expect(copyPlain(value)).toBeUndefined()
    expect(copyFrozen({ at: new Date() })).toBeUndefined()
  })

  it('freezes to the bottom', () => {
    const frozen = copyFrozen({ a: [{ b: 1 }] })?.value as { a: { b: number }[] }
    expect(() => {
      ;(frozen.a[0] as { b: number }).b = 2
    }).toThrow(TypeError)
  })
})
