import { seededRandom } from '@patchbay/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileSchema } from './compile-schema.ts'
import type { FieldSchema, NamedSchemas } from './field-schema.ts'
import { ajvVerdict } from './fixtures/ajv-oracle.ts'
import { randomSchema } from './fixtures/random-schemas.ts'
import { sample } from './sampler.ts'
import { accepts, type ComparisonContext, type ForeignSchema, produces } from './subset.ts'

function contextOf(theirs: Readonly<Record<string, ForeignSchema>> = {}, named: NamedSchemas = {}): ComparisonContext {
  return { named, resolve: (ref) => theirs[ref.slice(ref.lastIndexOf('/') + 1)] }
}

const lines = (result: ReturnType<typeof accepts>): readonly string[] =>
  result.contradictions.map(({ path, ours, theirs, message }) => `${path}: ${message} (${ours}; ${theirs})`)

describe('accepts', () => {
  const incident: FieldSchema = {
    type: 'object',
    properties: {
      id: { type: 'string' },
      count: { type: 'integer' },
      status: { enum: ['open', 'closed'] },
      tags: { type: 'array', items: { type: 'string' } },
    },
    required: ['id'],
  }
  const theirs = {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string' },
      count: { type: ['integer', 'null'] },
      status: { type: 'string' },
      tags: { type: 'array', items: { type: 'string' } },
    },
  }

  it('finds nothing where every documented answer fits', () => {
    expect(accepts(incident, theirs, contextOf())).toEqual({ contradictions: [], doubts: [] })
  })

  it.each<[string, ForeignSchema, readonly string[]]>([
    [
      'a type',
      { ...theirs, properties: { ...theirs.properties, count: { type: 'number' } } },
      ['count: their values may be of a type that ours refuses (integer; number)'],
    ],
    [
      'an element',
      { ...theirs, properties: { ...theirs.properties, tags: { type: 'array', items: { type: 'object' } } } },
      ['tags.*: their values may be of a type that ours refuses (string; object)'],
    ],
    [
      'a field left out',
      { ...theirs, required: [] },
      ['id: ours requires a field that theirs may leave out (required; not required)'],
    ],
    [
      'null in a required field',
      { ...theirs, properties: { ...theirs.properties, id: { type: ['string', 'null'] } } },
      ['id: their values may be of a type that ours refuses (string; null)'],
    ],
    [
      'null of OpenAPI 3.0',
      { ...theirs, properties: { ...theirs.properties, id: { type: 'string', nullable: true } } },
      ['id: their values may be of a type that ours refuses (string; null)'],
    ],
    [
      'another shape',
      { type: 'array', items: theirs },
      [': their values may be of a type that ours refuses (object; array)'],
    ],
    [
      'values',
      { ...theirs, properties: { ...theirs.properties, status: { enum: ['open', 3] } } },
      ['status: their schema lists values that ours refuses ("open", "closed"; 3)'],
    ],
  ])('finds %s', (_, foreign, expected) => {
    expect(lines(accepts(incident, foreign, contextOf()))).toEqual(expected)
  })

  it('takes what their schema does not say for a doubt', () => {
    const result = accepts(incident, { type: 'object', required: ['id'], properties: { id: {} } }, contextOf())
    expect(result.contradictions).toEqual([])
    expect(result.doubts.map(({ path }) => path)).toEqual(['id', 'count', 'status', 'tags'])
    expect(accepts(incident, {}, contextOf()).doubts).toHaveLength(1)
    const limited = accepts({ type: 'string' }, { type: ['string', 'null'], not: { type: 'null' } }, contextOf())
    expect(limited.contradictions).toEqual([])
    expect(limited.doubts.length).toBeGreaterThan(0)
  })

  it('matches each alternative of theirs with one of ours', () => {
    const ours: FieldSchema = {
      oneOf: [
        { type: 'object', properties: { kind: { const: 'a' }, size: { type: 'integer' } }, required: ['kind'] },
        { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] },
      ],
    }
    const variant = (kind: string, size: string) => ({
      type: 'object',
      required: ['kind'],
      properties: { kind: { enum: [kind] }, size: { type: size } },
    })
    expect(accepts(ours, { anyOf: [variant('a', 'integer'), variant('b', 'string')] }, contextOf())).toEqual({
      contradictions: [],
      doubts: [],
    })
    expect(lines(accepts(ours, { anyOf: [variant('a', 'string')] }, contextOf()))).toEqual([
      'size: their values may be of a type that ours refuses (integer; string)',
    ])
  })

  it('reads our composed schemas as tolerant validation does', () => {
    const named: NamedSchemas = { Base: { type: 'object', properties: { b: { type: 'array' } } } }
    const ours: FieldSchema = { type: 'object', properties: {}, additionalProperties: false, $ref: '#/schemas/Base' }
    const foreign = { type: 'object', properties: { b: { type: 'string' } } }
    expect(lines(accepts(ours, foreign, contextOf({}, named)))).toEqual([
      'b: their values may be of a type that ours refuses (array; string)',
    ])
  })

  it('ends on circles, and finds what is wrong inside of them', () => {
    const named: NamedSchemas = {
      Node: { type: 'object', properties: { next: { $ref: '#/schemas/Node' }, value: { type: 'string' } } },
    }
    const foreign = (value: ForeignSchema): Record<string, ForeignSchema> => ({
      Node: {
        allOf: [
          {
            type: 'object',
            properties: { next: { anyOf: [{ $ref: '#/components/schemas/Node' }, { type: 'null' }] } },
          },
          { type: 'object', properties: { value } },
        ],
      },
      Loop: { $ref: '#/components/schemas/Loop' },
    })
    const ours: FieldSchema = { $ref: '#/schemas/Node' }
    const root = { $ref: '#/components/schemas/Node' }
    expect(accepts(ours, root, contextOf(foreign({ type: 'string' }), named)).contradictions).toEqual([])
    expect(lines(accepts(ours, root, contextOf(foreign({ type: 'integer' }), named)))).toContain(
      'value: their values may be of a type that ours refuses (string; integer)',
    )
    expect(
      accepts(ours, { $ref: '#/components/schemas/Loop' }, contextOf(foreign(true), named)).contradictions,
    ).toEqual([])
    expect(accepts(ours, { $ref: '#/nowhere' }, contextOf({}, named)).doubts.length).toBeGreaterThan(0)
  })

  it('is true: what it calls proven holds for every sampled value', () => {
    let proven = 0
    let refuted = 0
    fc.assert(
      fc.property(randomSchema, randomSchema, fc.boolean(), fc.nat(), (one, other, same, seed) => {
        const ours = same ? loosened(other.schema) : one.schema
        const context: ComparisonContext = {
          named: one.named,
          resolve: (ref) => other.named[ref.slice(ref.lastIndexOf('/') + 1)] as ForeignSchema,
        }
        const result = accepts(ours, other.schema as ForeignSchema, context)
        if (result.contradictions.length > 0) refuted++
        if (result.contradictions.length + result.doubts.length > 0) return
        const check = compileSchema(ours, one.named, 'tolerant')
        for (const value of samples(other.schema, other.named, seed, 'output')) {
          proven++
          expect({ value, verdict: check(value) }).toEqual({ value, verdict: { value } })
        }
      }),
      { numRuns: 300 },
    )
    expect(proven).toBeGreaterThan(30)
    expect(refuted).toBeGreaterThan(30)
  }, 60_000)
})

describe('produces', () => {
  const input: FieldSchema = {
    type: 'object',
    properties: { title: { type: 'string', maxLength: 50 }, urgency: { enum: ['high', 'low'] } },
    required: ['title'],
  }

  it.each<[string, ForeignSchema, readonly string[]]>([
    [
      'nothing',
      {
        type: 'object',
        required: ['title'],
        properties: { title: { type: 'string', maxLength: 50 }, urgency: { type: 'string' } },
      },
      [],
    ],
    [
      'a required field',
      { type: 'object', required: ['title', 'service'], properties: { title: {}, urgency: {}, service: {} } },
      ['service: theirs requires a field that ours may leave out (not required; required)'],
    ],
    [
      'an unknown field',
      { type: 'object', properties: { title: { type: 'string' } }, additionalProperties: false },
      ['urgency: theirs refuses the field (a field; additionalProperties: false)'],
    ],
    [
      'a type',
      { type: 'object', properties: { title: { type: 'integer' }, urgency: {} } },
      ['title: ours allows a type that theirs refuses (string; integer)'],
    ],
    [
      'a value',
      { type: 'object', properties: { title: {}, urgency: { enum: ['high', 'medium'] } } },
      ['urgency: ours lists values that theirs refuses ("low"; "high", "medium")'],
    ],
    [
      'values of theirs alone',
      { type: 'object', properties: { title: { enum: ['a'] }, urgency: {} } },
      ['title: theirs takes listed values alone (string; "a")'],
    ],
    [
      'a limit',
      { type: 'object', properties: { title: { type: 'string', maxLength: 20 }, urgency: {} } },
      ['title: our maxLength is wider than theirs (maxLength 50; maxLength 20)'],
    ],
  ])('finds %s', (_, foreign, expected) => {
    const result = produces(input, foreign, contextOf())
    expect(lines(result)).toEqual(expected)
    expect(result.doubts).toEqual([])
  })

  it('leaves fields of the vendor alone', () => {
    const foreign = {
      type: 'object',
      required: ['id', 'title'],
      properties: { id: { type: 'string', readOnly: true }, title: {}, urgency: {} },
    }
    expect(produces(input, foreign, contextOf())).toEqual({ contradictions: [], doubts: [] })
  })

  it('is true: what it calls proven holds for every sampled value', () => {
    let proven = 0
    let refuted = 0
    fc.assert(
      fc.property(randomSchema, randomSchema, fc.boolean(), fc.nat(), (one, other, same, seed) => {
        const theirs = same ? loosened(one.schema) : other.schema
        const context: ComparisonContext = {
          named: one.named,
          resolve: (ref) => other.named[ref.slice(ref.lastIndexOf('/') + 1)] as ForeignSchema,
        }
        const result = produces(one.schema, theirs as ForeignSchema, context)
        if (result.contradictions.length > 0) refuted++
        if (result.contradictions.length + result.doubts.length > 0) return
        const valid = ajvVerdict(theirs, other.named, 'open')
        for (const value of samples(one.schema, one.named, seed, 'input')) {
          proven++
          expect({ value, valid: valid(value) }).toEqual({ value, valid: true })
        }
      }),
      { numRuns: 300 },
    )
    expect(proven).toBeGreaterThan(30)
    expect(refuted).toBeGreaterThan(30)
  }, 60_000)
})

/** A wider schema, so that proven pairs are not rare: nothing required, lists grow. */
function loosened(schema: FieldSchema): FieldSchema {
  const { required: _, minItems: __, minLength: ___, pattern: ____, ...rest } = schema
  return rest
}

function samples(schema: FieldSchema, named: NamedSchemas, seed: number, side: 'input' | 'output'): readonly unknown[] {
  const random = seededRandom(seed)
  return Array.from({ length: 5 }).flatMap(() => {
    try {
      return [sample(schema, named, random, { side })]
    } catch {
      return []
    }
  })
}
