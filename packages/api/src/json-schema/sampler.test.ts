import { Fault } from '@patchbay/core'
import { seededRandom } from '@patchbay/core/testing'
import { describe, expect, it } from 'vitest'
import type { FieldSchema, NamedSchemas, TypeName } from './field-schema.ts'
import { ajvVerdict } from './fixtures/ajv-oracle.ts'
import { formatChecks } from './formats.ts'
import { type SampleOptions, sample } from './sampler.ts'

function many(schema: FieldSchema, options: SampleOptions = {}, named: NamedSchemas = {}): readonly unknown[] {
  const random = seededRandom(7)
  return Array.from({ length: 60 }, () => sample(schema, named, random, options))
}

describe('samples', () => {
  it.each<FieldSchema>([
    { type: 'integer', minimum: 3, maximum: 3 },
    { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.001 },
    { type: 'number', multipleOf: 0.25, minimum: 1, maximum: 2 },
    { type: 'integer', multipleOf: 7, minimum: 1_000_000, maximum: 1_000_010 },
    { type: 'number', maximum: -5 },
    { type: 'string', minLength: 40, maxLength: 41 },
    { type: 'string', maxLength: 2 },
    { type: 'string', pattern: '^[A-Z]{3}-\\d{4}$', minLength: 8 },
    { type: 'string', format: 'uri', pattern: '^https://' },
    { type: 'string', format: 'uuid', minLength: 36 },
    { type: 'string', pattern: '^[a-z]+$', minLength: 25 },
    { type: ['string', 'null'], enum: ['a', null, 3] },
    { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 3 },
    { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2 },
    { type: 'object', additionalProperties: { type: 'integer' }, required: ['total'] },
    {
      allOf: [
        { type: 'object', properties: { a: { type: 'integer', minimum: 5 } } },
        { properties: { a: { maximum: 6 } }, required: ['a'] },
      ],
    },
    {
      oneOf: [
        { type: 'integer', minimum: 0 },
        { type: 'number', maximum: 10 },
      ],
    },
  ])('fit %j', (schema) => {
    const valid = ajvVerdict(schema, {}, 'open')
    for (const value of many(schema)) expect({ value, valid: valid(value) }).toEqual({ value, valid: true })
  })

  it.each([...formatChecks.keys()])('have the format %s', (format) => {
    const valid = ajvVerdict({ type: 'string', format }, {}, 'open')
    for (const value of many({ type: 'string', format }))
      expect({ value, valid: valid(value) }).toEqual({ value, valid: true })
  })

  it('are the same for the same seed, and others for another', () => {
    const schema: FieldSchema = {
      type: 'object',
      properties: { id: { type: 'string', format: 'uuid' }, title: { type: 'string' }, score: { type: 'number' } },
      required: ['id', 'title', 'score'],
    }
    expect(sample(schema, {}, seededRandom(1))).toEqual(sample(schema, {}, seededRandom(1)))
    expect(sample(schema, {}, seededRandom(1))).not.toEqual(sample(schema, {}, seededRandom(2)))
  })

  it('suit the names of their fields', () => {
    const text: FieldSchema = { type: 'string' }
    const names = [
      'email',
      'ownerEmail',
      'created_at',
      'updatedAt',
      'html_url',
      'id',
      'due_date',
      'ip_address',
      'display_name',
    ]
    const schema: FieldSchema = {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, text])),
      required: names,
    }
    const shapes: Readonly<Record<string, RegExp>> = {
      email: /^[a-z.\d]+@example\.com$/,
      ownerEmail: /@example\.com$/,
      created_at: /^2025-1[0-2]-\d\dT\d\d:\d\d:\d\dZ$/,
      updatedAt: /^2025-.*Z$/,
      html_url: /^https:\/\/[a-z\d-]+\.example\.com\//,
      id: /^[a-z\d]{12}$/,
      due_date: /^\d{4}-\d\d-\d\d$/,
      ip_address: /^192\.0\.2\.\d+$/,
      display_name: /^[A-Z][a-z]+ [A-Z][a-z]+$/,
    }
    for (const value of many(schema) as Record<string, string>[])
      for (const name of names) expect(value[name], name).toMatch(shapes[name] as RegExp)
  })

  it('have optional fields as often as asked', () => {
    const schema: FieldSchema = { type: 'object', properties: { a: {}, b: {} }, required: ['b'] }
    const present = (optional: number): number =>
      many(schema, { optional }).filter((value) => 'a' in (value as object)).length
    expect([present(0), present(1)]).toEqual([0, 60])
    expect(present(0.5)).toBeGreaterThan(10)
    expect(present(0.5)).toBeLessThan(50)
  })

  it('leave out the fields of the other side', () => {
    const schema: FieldSchema = {
      type: 'object',
      properties: { id: { type: 'string', readOnly: true }, password: { type: 'string', writeOnly: true } },
      required: ['id', 'password'],
    }
    expect(Object.keys(sample(schema, {}, seededRandom(1), { side: 'input' }) as object)).toEqual(['password'])
    expect(Object.keys(sample(schema, {}, seededRandom(1)) as object)).toEqual(['id'])
  })

  it('end where the schema never does', () => {
    const named: NamedSchemas = {
      Tree: {
        type: 'object',
        properties: {
          left: { $ref: '#/schemas/Tree' },
          right: { $ref: '#/schemas/Tree' },
          all: { type: 'array', items: { $ref: '#/schemas/Tree' } },
        },
      },
      Expression: {
        oneOf: [
          {
            type: 'object',
            properties: {
              op: { const: 'and' },
              of: { type: 'array', minItems: 2, items: { $ref: '#/schemas/Expression' } },
            },
            required: ['op', 'of'],
          },
          { type: 'object', properties: { op: { const: 'is' }, name: { type: 'string' } }, required: ['op', 'name'] },
        ],
      },
    }
    for (const name of ['Tree', 'Expression']) {
      const schema: FieldSchema = { $ref: `#/schemas/${name}` }
      const valid = ajvVerdict(schema, named, 'open')
      for (const value of many(schema, {}, named)) expect(valid(value)).toBe(true)
    }
  })

  it('use the examples of the schema that fit', () => {
    const values = many({ type: 'string', minLength: 3, examples: ['PX1234', 'no', 7] })
    expect(values.filter((value) => value === 'PX1234').length).toBeGreaterThan(10)
    expect(values).not.toContain('no')
  })

  it.each<[string, FieldSchema]>([
    ['limits that exclude each other', { type: 'integer', minimum: 5, maximum: 4 }],
    ['two types', { allOf: [{ type: 'string' }, { type: 'integer' }] }],
    ['an endless recursion', { $ref: '#/schemas/Endless' }],
    ['a closed object that requires more', { type: 'object', additionalProperties: false, required: ['a'] }],
  ])('are refused for %s', (_, schema) => {
    const named: NamedSchemas = {
      Endless: { type: 'object', properties: { next: { $ref: '#/schemas/Endless' } }, required: ['next'] },
    }
    expect(() => sample(schema, named, seededRandom(1))).toThrow(Fault)
  })

  it('cover every type', () => {
    const types: readonly TypeName[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']
    const seen = many({ type: types }).map((value) =>
      value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value,
    )
    expect([...new Set(seen)].sort()).toEqual(['array', 'boolean', 'null', 'number', 'object', 'string'])
  })
})
