import { Fault, jsonSchemaOf, validate } from '@patchbay/core'
import { describe, expect, it } from 'vitest'
import { compileSchema, type Drift, schemaOf } from './compile-schema.ts'
import type { FieldSchema, NamedSchemas } from './field-schema.ts'
import { schemaIssues } from './schema-issues.ts'

function issuesOf(schema: FieldSchema, value: unknown, named: NamedSchemas = {}): readonly string[] {
  const verdict = compileSchema(schema, named, 'strict')(value)
  return 'value' in verdict ? [] : verdict.issues.map(({ path, message }) => `${path || '(root)'}: ${message}`)
}

function strict(schema: FieldSchema, value: unknown, named: NamedSchemas = {}): boolean {
  return issuesOf(schema, value, named).length === 0
}

/** Verdict and departures of a tolerant validation. */
function tolerant(schema: FieldSchema, value: unknown, named: NamedSchemas = {}): { valid: boolean; drifts: string[] } {
  const drifts: Drift[] = []
  const verdict = compileSchema(schema, named, 'tolerant', { onDrift: (drift) => drifts.push(drift) })(value)
  return { valid: 'value' in verdict, drifts: drifts.map(({ path, keyword }) => `${path} ${keyword}`) }
}

const incident: FieldSchema = {
  type: 'object',
  properties: {
    title: { type: 'string', minLength: 1 },
    urgency: { enum: ['high', 'low'], default: 'high' },
    service: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    count: { type: 'integer', minimum: 0 },
    created_at: { type: 'string', format: 'date-time', readOnly: true },
    secret: { type: 'string', writeOnly: true },
  },
  required: ['title', 'created_at'],
}

describe('inputs', () => {
  it('says everything that is wrong, with the place of each', () => {
    expect(issuesOf(incident, { title: '', urgncy: 'high', service: { id: 7 }, count: 1.5 })).toEqual([
      'title: must have at least 1 character',
      'urgncy: is not a field; did you mean urgency?',
      'service.id: must be a string',
      'count: must be a whole number',
    ])
    expect(issuesOf(incident, { service: {} })).toEqual(['service.id: is missing', 'title: is missing'])
    expect(issuesOf({ type: 'array', items: { type: 'array', items: { type: 'null' } } }, [[null], [null, 0]])).toEqual(
      ['1.1: must be null'],
    )
  })

  it('never repeats a value', () => {
    const text = JSON.stringify([
      issuesOf(incident, { title: 5_551_234, urgency: 'hunter2', service: 'hunter2' }),
      issuesOf({ anyOf: [{ type: 'integer' }, { const: 'a' }] }, 'hunter2'),
    ])
    expect(text).not.toMatch(/hunter2|5551234/)
  })

  it('fills defaults into a copy', () => {
    const given = Object.freeze({ title: 'Slow', urgency: undefined })
    expect(compileSchema(incident, {}, 'strict')(given)).toEqual({ value: { title: 'Slow', urgency: 'high' } })
    const nested: FieldSchema = {
      type: 'object',
      properties: { list: { type: 'array', items: { type: 'object', properties: { a: { default: [1] } } } } },
    }
    const list = Object.freeze([Object.freeze({}), Object.freeze({ a: 2 })])
    const verdict = compileSchema(nested, {}, 'strict')(Object.freeze({ list }))
    expect(verdict).toEqual({ value: { list: [{ a: [1] }, { a: 2 }] } })
    const [first] = (verdict as { value: { list: { a: number[] }[] } }).value.list
    expect(first?.a).not.toBe((nested.properties?.list?.items as FieldSchema | undefined)?.properties?.a?.default)
  })

  it('gives back the same object when nothing was filled in', () => {
    const given = { title: 'Slow', urgency: 'low' }
    expect((compileSchema(incident, {}, 'strict')(given) as { value: unknown }).value).toBe(given)
  })

  it('fills defaults of the alternative that fits', () => {
    const schema: FieldSchema = {
      oneOf: [
        {
          type: 'object',
          properties: { kind: { const: 'a' }, size: { type: 'integer', default: 1 } },
          required: ['kind'],
        },
        { type: 'object', properties: { kind: { const: 'b' }, name: { type: 'string' } }, required: ['kind'] },
      ],
    }
    expect(compileSchema(schema, {}, 'strict')({ kind: 'a' })).toEqual({ value: { kind: 'a', size: 1 } })
    expect(issuesOf(schema, { kind: 'b', size: 1 })).toEqual(['size: is not a field; there are kind, name'])
    expect(issuesOf(schema, { kind: 'b', name: 1 })).toEqual(['name: must be a string'])
    expect(issuesOf(schema, { kind: 'c' })).toEqual(['(root): fits none of the 2 alternatives'])
  })

  it('closes what several schemas describe together', () => {
    const named: NamedSchemas = { Base: { type: 'object', properties: { id: { type: 'string' } } } }
    const schema: FieldSchema = {
      $ref: '#/schemas/Base',
      allOf: [{ type: 'object', properties: { name: { type: 'string' } } }],
    }
    expect(strict(schema, { id: 'a', name: 'b' }, named)).toBe(true)
    expect(issuesOf(schema, { id: 'a', nam: 'b' }, named)).toEqual(['nam: is not a field; did you mean name?'])
    expect(strict({ ...schema, additionalProperties: true }, { id: 'a', other: 1 }, named)).toBe(true)
    expect(strict({ type: 'object' }, { anything: 1 })).toBe(true)
    expect(strict({ type: 'object', properties: {} }, { anything: 1 })).toBe(false)
  })

  it('takes fields of the vendor alone for unknown', () => {
    expect(issuesOf(incident, { title: 'a', created_at: '2026-01-01T00:00:00Z' })).toEqual([
      'created_at: is set by the vendor alone; leave it out',
    ])
    const output = compileSchema(incident, {}, 'strict', { side: 'output' })
    expect(output({ title: 'a', created_at: '2026-01-01T00:00:00Z' })).toHaveProperty('value')
    expect(output({ title: 'a', created_at: '2026-01-01T00:00:00Z', secret: 'x' })).toHaveProperty('issues')
    expect(output({ title: 'a' })).toHaveProperty('issues')
  })

  it('keeps bodies of bytes as they are', () => {
    const schema: FieldSchema = { type: 'object', properties: { file: { type: 'string', format: 'binary' } } }
    const body = (async function* () {})()
    for (const file of ['text', new Uint8Array(1), body]) expect(strict(schema, { file })).toBe(true)
    expect(issuesOf(schema, { file: 1 })).toEqual(['file: must be a string, bytes or a stream of bytes'])
  })

  it.each<[FieldSchema, readonly unknown[], readonly unknown[]]>([
    [{ type: 'number' }, [0, -1.5, 1e300], [Number.NaN, Number.POSITIVE_INFINITY, '1', 1n, true, null]],
    [{ type: 'integer' }, [1, -0, 1e20], [1.5]],
    [{ type: ['integer', 'string'] }, [1, 'a'], [1.5, null]],
    [{ type: 'object' }, [{}, Object.create(null)], [[], null, new Date(0), new Map(), () => 1]],
    [{ minLength: 2, maxLength: 2 }, ['ab', '\u{1f600}\u{1f600}', 7], ['\u{1f600}', 'abc']],
    [{ multipleOf: 0.1 }, [0.3, 1, 1e-1], [0.25, 1e-20]],
    [{ multipleOf: 3 }, [9, -3, 0], [10]],
    [{ enum: [{ a: [1] }, null] }, [{ a: [1] }, null], [{ a: [1, 2] }, {}, undefined]],
    [{ const: 0 }, [0, -0], [false, '0', null]],
    [{ const: null }, [null], [0]],
    [
      { uniqueItems: true },
      [[1, '1', true, [1], { a: 1 }]],
      [
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
        [0, -0],
      ],
    ],
    [{ prefixItems: [{ type: 'string' }], items: false }, [[], ['a']], [['a', 1], [1]]],
    [{ prefixItems: [{ type: 'string' }], items: { type: 'null' } }, [['a', null]], [['a', 'b']]],
    [{ exclusiveMinimum: 1, maximum: 2 }, [1.1, 2], [1, 2.1]],
    [{ oneOf: [{ type: 'integer' }, { minimum: 2 }] }, [1, 2.5], [3, 1.5]],
    [{ anyOf: [{ type: 'integer' }, { minimum: 2 }] }, [1, 2.5, 3], [1.5]],
    [{ type: 'string', format: 'x-vendor' }, ['anything'], []],
    [{}, [1, null, {}, []], []],
  ])('%j', (schema, good, bad) => {
    for (const value of good) expect({ value, valid: strict(schema, value) }).toEqual({ value, valid: true })
    for (const value of bad) expect({ value, valid: strict(schema, value) }).toEqual({ value, valid: false })
  })
})

describe('hostile values', () => {
  const tree: NamedSchemas = {
    Tree: {
      type: 'object',
      properties: { child: { $ref: '#/schemas/Tree' }, list: { items: { $ref: '#/schemas/Tree' } } },
    },
    Fork: {
      anyOf: [
        { type: 'object', properties: { next: { $ref: '#/schemas/Fork' }, a: {} }, required: ['a'] },
        { type: 'object', properties: { next: { $ref: '#/schemas/Fork' }, b: {} }, required: ['b'] },
        { type: 'object', properties: { next: { $ref: '#/schemas/Fork' }, end: {} }, required: ['end'] },
      ],
    },
  }

  function nested(depth: number, key: string, base: object = {}): unknown {
    let value: unknown = base
    for (let level = 0; level < depth; level++) value = { [key]: value }
    return value
  }

  it.each(['strict', 'tolerant'] as const)('gives an issue for values that are too deep (%s)', (mode) => {
    const check = compileSchema({ $ref: '#/schemas/Tree' }, tree, mode)
    expect(check(nested(150, 'child'))).toHaveProperty('value')
    expect(check(nested(100_000, 'child'))).toEqual({
      issues: [{ path: '', message: 'is nested more than 200 levels deep' }],
    })
  })

  it.each(['strict', 'tolerant'] as const)('gives up on alternatives that multiply (%s)', (mode) => {
    const check = compileSchema({ $ref: '#/schemas/Fork' }, tree, mode)
    expect(check({ a: 1, next: { b: 1, next: { end: 1 } } })).toHaveProperty('value')
    const start = performance.now()
    const verdict = check(nested(40, 'next'))
    expect(verdict).toEqual({ issues: [{ path: '', message: 'has too many alternatives to look through' }] })
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  it.each(['strict', 'tolerant'] as const)('ends on values that hold themselves (%s)', (mode) => {
    const around: unknown[] = []
    around.push(around, around)
    const onDrift = (): void => {}
    const named: NamedSchemas = { Nest: { type: 'array', items: { $ref: '#/schemas/Nest' } } }
    expect(compileSchema({ $ref: '#/schemas/Nest' }, named, mode, { onDrift })(around)).toHaveProperty('issues')
    const unique = compileSchema({ type: 'array', uniqueItems: true }, named, mode, { onDrift })
    expect(unique([around, [1]])).toHaveProperty(mode === 'strict' ? 'issues' : 'value')
    expect(unique([1n, 2n, Symbol('a')])).toHaveProperty('value')
  })

  it('bounds the issues of one value', () => {
    expect(issuesOf({ type: 'array', items: { type: 'string' } }, Array(10_000).fill(0)).length).toBe(50)
  })

  it('looks at own fields alone', () => {
    const schema: FieldSchema = {
      type: 'object',
      properties: Object.fromEntries(
        ['toString', 'constructor', 'name'].map((name) => [name, { type: 'string' as const }]),
      ),
      required: ['toString'],
    }
    expect(issuesOf(schema, {})).toEqual(['toString: is missing'])
    expect(tolerant(schema, {}).valid).toBe(false)
    expect(tolerant({ ...schema, required: [] }, {}).valid).toBe(true)
    expect(issuesOf(schema, { toString: 'a', valueOf: 1 })).toEqual([
      'valueOf: is not a field; there are toString, constructor, name',
    ])
  })

  it('keeps __proto__ data', () => {
    const value: unknown = JSON.parse('{"__proto__": {"admin": true}}')
    expect(issuesOf({ type: 'object', required: [] }, value)).toEqual([
      '__proto__: is not a field; there are no fields',
    ])
    const declared: FieldSchema = {
      type: 'object',
      properties: JSON.parse(
        '{"__proto__": {"type": "object", "properties": {"b": {"default": 1}}, "additionalProperties": true}}',
      ),
    }
    const verdict = compileSchema(declared, {}, 'strict')(value) as { value: object }
    expect(JSON.stringify(verdict.value)).toBe('{"__proto__":{"admin":true,"b":1}}')
    expect(Object.getPrototypeOf(verdict.value)).toBe(Object.prototype)
  })
})

describe('answers of vendors', () => {
  it('keeps unknown fields and the very object', () => {
    const value = { title: 'a', created_at: 'x', extra: { deep: true } }
    expect(compileSchema({ ...incident, additionalProperties: false }, {}, 'tolerant')(value)).toEqual({ value })
    expect((compileSchema(incident, {}, 'tolerant')(value) as { value: unknown }).value).toBe(value)
  })

  it('takes null for absent, except where the field is required', () => {
    expect(tolerant(incident, { title: 'a', created_at: 'x', urgency: null, service: null }).valid).toBe(true)
    expect(tolerant(incident, { title: null, created_at: 'x' }).valid).toBe(false)
    expect(tolerant({ ...incident, required: ['title', 'secret'] }, { title: 'a' }).valid).toBe(true)
    expect(tolerant({ properties: { a: { type: ['string', 'null'] } }, required: ['a'] }, { a: null }).valid).toBe(true)
    expect(tolerant({ type: 'array', items: { type: 'string' } }, [null]).valid).toBe(false)
  })

  it('tells of values that departed, and accepts them', () => {
    expect(tolerant(incident, { title: '', created_at: 'no date', urgency: 'medium', count: -1 })).toEqual({
      valid: true,
      drifts: ['title minLength', 'urgency enum', 'count minimum'],
    })
    expect(tolerant(incident, { title: 'a', created_at: '', urgency: 3 })).toEqual({ valid: false, drifts: [] })
    expect(tolerant({ items: { pattern: '^a$' }, maxItems: 1 }, ['a', 'b'])).toEqual({
      valid: true,
      drifts: [' maxItems', '1 pattern'],
    })
  })

  it('checks the shape', () => {
    expect(tolerant(incident, { title: 'a', created_at: 'x', service: {} }).valid).toBe(false)
    expect(tolerant(incident, []).valid).toBe(false)
    expect(tolerant({ const: 'a' }, 'b').valid).toBe(false)
  })

  it('prefers the alternative that fits exactly', () => {
    const schema: FieldSchema = {
      oneOf: [
        { type: 'object', properties: { kind: { enum: ['a'] }, x: { enum: [1] } } },
        { type: 'object', properties: { kind: { enum: ['b'] }, x: { enum: [2] } } },
      ],
    }
    expect(tolerant(schema, { kind: 'b', x: 2 })).toEqual({ valid: true, drifts: [] })
    expect(tolerant(schema, { kind: 'c', x: 2 })).toEqual({ valid: true, drifts: ['kind enum', 'x enum'] })
    expect(tolerant({ type: 'object', properties: { in: schema } }, { in: { kind: 'a', x: 3 } }).drifts).toEqual([
      'in.x enum',
    ])
  })
})

describe('schemas', () => {
  it('compile what a value reaches', () => {
    const schema: FieldSchema = { type: 'object', properties: { a: { $ref: '#/schemas/Bad' }, b: { type: 'string' } } }
    const check = compileSchema(schema, { Bad: { pattern: '(a+)+$' } }, 'strict')
    expect(check({ b: 'x' })).toHaveProperty('value')
    expect(() => check({ a: 'x' })).toThrow(Fault)
  })

  it('are refused when they are nested without measure', () => {
    let schema: FieldSchema = {}
    for (let level = 0; level < 50_000; level++) schema = { items: schema }
    expect(() => compileSchema(schema, {}, 'strict')([])).toThrow(Fault)
    expect(schemaIssues(schema, {}).at(-1)?.message).toBe('is nested more than 200 levels deep')
  })

  it('tell their issues without a value', () => {
    const named: NamedSchemas = {
      Loop: { allOf: [{ $ref: '#/schemas/Around' }] },
      Around: { anyOf: [{ $ref: '#/schemas/Loop' }] },
      Incident: { type: 'object' },
    }
    const schema: FieldSchema = {
      properties: {
        a: { $ref: '#/schemas/Incidnt' },
        b: { items: { $ref: '#/schemas/Loop' } },
        c: { type: 'string', pattern: '(a|a)*$', minLength: 3, maxLength: 2 },
        d: { enum: [] },
        e: { type: 'integer', default: 'x' },
        f: { $ref: 'https://example.com/schema.json' },
        g: { type: 'object', properties: { h: { type: 'string' } }, default: { h: 1 } },
      },
    }
    const issues = schemaIssues(schema, named, 'input').map(({ path, message }) => `${path}: ${message}`)
    expect(issues).toEqual([
      'input.properties.a.$ref: "#/schemas/Incidnt" names no schema; did you mean #/schemas/Incident?',
      expect.stringMatching(/^input\.properties\.b\.items\.\$ref: .* by way of itself/),
      expect.stringMatching(/^input\.properties\.c\.pattern: .* can take too long/),
      'input.properties.c.minLength: is above maxLength; swap them',
      'input.properties.d.enum: is empty; list at least one value',
      'input.properties.e.default: does not fit its own schema: must be a whole number',
      'input.properties.f.$ref: "https://example.com/schema.json" has to be #/schemas/<Name>, with a name of letters, digits and _',
      'input.properties.g.default.h: does not fit its own schema: must be a string',
    ])
    expect(schemaIssues(incident, named)).toEqual([])
  })

  it('are Standard Schemas that core validates with', () => {
    const named: NamedSchemas = { Node: { type: 'object', properties: { next: { $ref: '#/schemas/Node' } } } }
    const schema = schemaOf<{ next?: object }>({ $ref: '#/schemas/Node' }, named, 'strict')
    expect(validate(schema, { next: {} }, 'invalid-input', 'the input')).toEqual({ next: {} })
    expect(() => validate(schema, { next: { nxt: 1 } }, 'invalid-input', 'the input')).toThrow(
      expect.objectContaining({
        facts: expect.objectContaining({
          kind: 'invalid-input',
          issues: [{ path: 'next.nxt', message: 'is not a field; did you mean next?' }],
        }),
      }),
    )
    expect(jsonSchemaOf(schema)).toEqual({
      $ref: '#/$defs/Node',
      $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } } },
    })
  })

  it('keep data that looks like a reference', () => {
    const schema: FieldSchema = {
      type: 'object',
      properties: { $ref: { type: 'string', default: '#/schemas/None' } },
      examples: [{ $ref: '#/schemas/None' }],
    }
    expect(jsonSchemaOf(schemaOf(schema, {}, 'strict'))).toEqual(schema)
  })
})
