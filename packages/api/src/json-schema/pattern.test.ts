import { seededRandom } from '@patchbay/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Draws } from './draws.ts'
import { safePattern } from './pattern.ts'
import { samplePattern } from './sample-pattern.ts'

const safe = [
  '^[\\w-]+$',
  '^[A-Z0-9]{5,40}$',
  '^https?://.+$',
  '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$',
  '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$',
  '^\\d+(\\.\\d+)*$',
  '^[a-z]+(-[a-z]+)*$',
  '^([0-9a-f]{2}:){5}[0-9a-f]{2}$',
  '^(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.|$)){4}$',
  '^arn:aws:iam::\\d{12}:role/.+$',
  '^(foo|bar|baz)?$',
  '^[a-z\\d](?:[a-z\\d-]{0,61}[a-z\\d])?$',
  '\\S',
  '^\\p{L}+$',
  '^\\u{1F600}{2,3}$',
  '^#[\\]\\-a]$',
  '^(?<year>\\d{4})-(?<month>\\d\\d)$',
]

const unsafe: readonly (readonly [string, string])[] = [
  ['^(a+)+$', 'take too long'],
  ['^(a|a)*$', 'take too long'],
  ['^(a|ab)*c$', 'take too long'],
  ['^(\\w+\\s?)*$', 'take too long'],
  ['^([a-z]{1,3})+$', 'take too long'],
  ['^(a?){30}a{30}$', 'take too long'],
  ['^(a*)*$', 'take too long'],
  ['^(?:a?b?)*$', 'take too long'],
  ['^.*,.*,.*,.*,.*$', 'take too long'],
  ['\\d+\\d+\\d+\\d+x', 'take too long'],
  ['^(?:(?:a{1000}){1000}){1000}$', 'too often'],
  ['^(a)\\1$', 'refers back'],
  ['^(?<x>a)\\k<x>$', 'refers back'],
  ['^(?=a)b', 'looks ahead'],
  ['^(?<!a)b', 'looks ahead'],
  ['^(?i:a)$', 'group with flags'],
  ['^[a', 'no regular expression'],
  ['^\\-$', 'no regular expression'],
  [`^${'a'.repeat(1_001)}$`, 'longer than'],
]

describe('the safe kind', () => {
  it.each(safe)('takes %s', (source) => {
    expect(safePattern(source).longest).toBeGreaterThanOrEqual(64)
  })

  it.each(unsafe)('refuses %.40s', (source, reason) => {
    expect(() => safePattern(source)).toThrow(
      expect.objectContaining({
        facts: { kind: 'config', issues: [{ path: 'pattern', message: expect.stringContaining(reason) }] },
      }),
    )
  })

  it('decides as the engine does', () => {
    const pattern = safePattern('^[a-c]+(-[a-c]+)*$')
    expect(['abc', 'a-b', 'a-', '', 'd'].map(pattern.test)).toEqual([true, true, false, false, false])
  })

  it('refuses texts longer than it can match in time', () => {
    const pattern = safePattern('^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$')
    expect(pattern.longest).toBeLessThan(10_000)
    expect(pattern.test(`a@b.${'c'.repeat(pattern.longest)}`)).toBe(false)
  })

  it.each(safe)('gives texts of %s', (source) => {
    const { alternatives, test } = safePattern(source)
    const draws = new Draws(seededRandom(source))
    const texts = Array.from({ length: 50 }, () => samplePattern(alternatives, draws, 4))
    const fitting = texts.filter(test)
    // Edges inside of a pattern are not looked at; there one text in a few has to do.
    expect(fitting.length, texts[0]).toBeGreaterThanOrEqual(source.includes('|$') ? 1 : 50)
  })
})

/** Patterns of few characters, where ambiguity is common. */
const atoms = fc.constantFrom('a', 'b', '[ab]', '[^b]', '.', '\\w', 'ab', '-')
const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{2,}')
const { pattern } = fc.letrec<{ pattern: string; term: string }>((tie) => ({
  term: fc.oneof(
    { depthSize: 'small' },
    fc
      .tuple(atoms, quantifier)
      .map(([atom, count]) => `${atom.length > 1 && !/^[[\\]/.test(atom) ? `(?:${atom})` : atom}${count}`),
    fc.tuple(tie('pattern'), quantifier).map(([inner, count]) => `(${inner})${count}`),
    fc.tuple(tie('pattern'), tie('pattern'), quantifier).map(([one, other, count]) => `(${one}|${other})${count}`),
  ),
  pattern: fc.array(tie('term'), { minLength: 1, maxLength: 4 }).map((terms) => terms.join('')),
}))

it('matches hostile texts in bounded time, whatever it accepted', () => {
  let accepted = 0
  let worst = { took: 0, source: '' }
  fc.assert(
    fc.property(pattern, fc.boolean(), (inner, whole) => {
      const source = whole ? `^${inner}$` : inner
      let made: ReturnType<typeof safePattern>
      try {
        made = safePattern(source)
      } catch {
        return
      }
      accepted++
      const length = Math.min(made.longest, 30_000) - 1
      for (const unit of ['a', 'b', 'ab', 'a-']) {
        const start = performance.now()
        made.test(`${unit.repeat(Math.floor(length / unit.length))}!`)
        const took = performance.now() - start
        if (took > worst.took) worst = { took, source }
      }
    }),
    { numRuns: 3_000 },
  )
  expect(accepted).toBeGreaterThan(300)
  // An exponential or cubic pattern would take minutes here.
  expect(worst.took, worst.source).toBeLessThan(1_500)
})
