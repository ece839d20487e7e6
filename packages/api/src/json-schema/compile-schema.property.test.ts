import { seededRandom } from '@patchbay/core/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compileSchema } from './compile-schema.ts'
import { ajvVerdict } from './fixtures/ajv-oracle.ts'
import { randomSchema, randomValue } from './fixtures/random-schemas.ts'
import { sample } from './sampler.ts'

it('gives in strict mode the verdict of ajv on the same schema with closed places', () => {
  let accepted = 0
  fc.assert(
    fc.property(randomSchema, fc.array(randomValue, { minLength: 20, maxLength: 20 }), ({ schema, named }, values) => {
      const ours = compileSchema(schema, named, 'strict')
      const theirs = ajvVerdict(schema, named, 'closed')
      for (const value of values) {
        const before = structuredClone(value)
        const verdict = ours(value)
        const expected = theirs(value)
        if (expected) accepted++
        expect({ value, valid: 'value' in verdict }).toEqual({ value, valid: expected })
        expect(value).toEqual(before)
        if ('issues' in verdict) expect(verdict.issues.length).toBeGreaterThan(0)
      }
    }),
    { numRuns: 200 },
  )
  expect(accepted).toBeGreaterThan(100)
}, 60_000)

it('samples values that ajv accepts, for every schema that has values', () => {
  let made = 0
  let empty = 0
  fc.assert(
    fc.property(randomSchema, fc.nat(), ({ schema, named }, seed) => {
      let value: unknown
      try {
        value = sample(schema, named, seededRandom(seed), { side: 'input' })
      } catch {
        empty++
        return
      }
      made++
      expect(sample(schema, named, seededRandom(seed), { side: 'input' })).toEqual(value)
      const verdict = ajvVerdict(schema, named, 'closed')(value)
      expect({ value, verdict }).toEqual({ value, verdict: true })
    }),
    { numRuns: 200 },
  )
  // Random limits exclude each other often enough; most schemas do have values.
  expect(made).toBeGreaterThan(empty * 3)
}, 60_000)
