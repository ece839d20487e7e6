import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormatsModule from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileMapping, type Mapping } from './compile-mapping.ts'
import { ticketMapping, vendorTicket, vendorTicketSchema } from './fixtures/vendor-ticket.ts'
import type { Model } from './model.ts'
import { models } from './models/index.ts'
import type { FieldSpecs, MappingSpec } from './spec.ts'

const { ticket } = models
const mapping = compileMapping(ticketMapping, { target: ticket, source: vendorTicketSchema })
const expected = {
  id: '41877',
  key: 'OPS-417',
  title: 'Build agents run out of disk during the nightly release',
  url: 'https://tracker.example.com/t/OPS-417',
  status: 'pending',
  priority: 'high',
  requester: { username: 'ada', email: 'ada@example.com', name: 'Ada Lovelace' },
  createdAt: '2026-03-01T10:00:00.000Z',
  team: { id: 'Platform' },
  related: [
    { id: '41878', title: 'Clean the caches' },
    { id: '41880', title: 'Order larger disks' },
    { id: '41881', title: 'Alert at 80 percent' },
  ],
}

/** A model without required fields and with one field of each kind. */
const anything: Model = {
  id: 'anything',
  version: '1',
  title: 'Anything',
  schema: {
    type: 'object',
    properties: {
      text: { type: 'string' },
      other: { type: 'string' },
      number: { type: 'number' },
      whole: { type: 'integer' },
      yes: { type: 'boolean' },
      word: { type: 'string', enum: ['a', 'b'] },
      list: { type: 'array', items: { type: 'object', properties: { x: { type: 'string' }, y: {} } } },
      object: { type: 'object', properties: { x: { type: 'string' }, y: { type: 'number' } } },
      open: {},
      rawText: { type: 'string' },
    },
    additionalProperties: false,
  },
}

function compile(fields: FieldSpecs, more: Partial<MappingSpec> = {}): Mapping {
  return compileMapping({ fields, ...more }, { target: anything })
}

describe('mapping a record', () => {
  test('gives the model, which its schema accepts', () => {
    expect(mapping.map(vendorTicket)).toEqual(expected)
    expect(mapping.apply(vendorTicket).value).toEqual(expected)
    const ajv = new Ajv2020({ strictRequired: false })
    ;(addFormatsModule as unknown as (ajv: Ajv2020) => void)(ajv)
    expect(ajv.validate(ticket.schema, mapping.map(vendorTicket)), JSON.stringify(ajv.errors)).toBe(true)
  })

  test('fields without a value are left out; defaults stand in for them', () => {
    const { map } = compile({
      text: 'a',
      other: { from: 'a', default: 'none' },
      object: { from: 'o', object: { x: 'x' } },
      list: { list: { from: 'l' } },
    })
    expect(map({ a: null })).toEqual({ other: 'none' })
    expect(map(null)).toEqual({ other: 'none' })
    expect(map({ a: 'A', o: {}, l: [] })).toEqual({ text: 'A', other: 'A', object: {}, list: [] })
  })

  test('tables take numbers, booleans and texts, and say what they lack', () => {
    const table = { 1: 'a', true: 'b', X: 'a' }
    const { map, apply } = compile({ word: { from: 'v', table, default: 'b' } })
    expect([1, '1', true, 'X'].map((v) => map({ v }).word)).toEqual(['a', 'a', 'b', 'a'])
    expect([2, 'x', {}, 'constructor', '__proto__'].map((v) => map({ v }).word)).toEqual(['b', 'b', 'b', 'b', 'b'])
    expect(apply({ v: 'x'.repeat(500) }).loss.unknown).toEqual([{ field: 'word', value: 'x'.repeat(100) }])
    expect(compile({ word: { from: 'v', table, ignoreCase: true } }).map({ v: 'x' })).toEqual({ word: 'a' })
    const keeping = compile({ word: { from: 'v', table, unknown: { keep: 'other' } } })
    expect(keeping.map({ v: 'new' })).toEqual({ other: 'new' })
    expect(keeping.map({ v: 7 })).toEqual({ other: '7' })
    const strict = compile({ word: { from: 'v', table, unknown: 'error' } })
    expect(() => strict.map({ v: 'new' })).toThrow(expect.objectContaining({ kind: 'protocol', code: 'unknown-value' }))
    expect(strict.map({})).toEqual({})
  })

  test("values that come as they are must be in the model's vocabulary", () => {
    const { apply } = compile({ word: { from: 'v', default: 'b' } })
    expect(apply({ v: 'a' })).toMatchObject({ value: { word: 'a' }, loss: { unknown: [] } })
    expect(apply({ v: 'c' })).toMatchObject({
      value: { word: 'b' },
      loss: { unknown: [{ field: 'word', value: 'c' }] },
    })
  })

  test('dates of every unit to every unit', () => {
    const date = (unit: 's' | 'ms' | 'iso', to: 's' | 'ms' | 'iso', value: unknown, zone?: string): unknown =>
      compile({ open: { from: 'v', date: { unit, to, ...(zone === undefined ? {} : { zone }) } } }).map({ v: value })
        .open
    expect(date('s', 'iso', 1_772_359_200)).toBe('2026-03-01T10:00:00.000Z')
    expect(date('s', 'iso', '1772359200.5')).toBe('2026-03-01T10:00:00.500Z')
    expect(date('ms', 's', 1_772_359_200_999)).toBe(1_772_359_200)
    expect(date('iso', 'ms', '2026-03-01T11:00:00.123456+01:00')).toBe(1_772_359_200_123)
    expect(date('iso', 'iso', '2026-03-01 10:00:00', 'Z')).toBe('2026-03-01T10:00:00.000Z')
    expect(date('iso', 'iso', '2026-03-01', '+02:00')).toBe('2026-02-28T22:00:00.000Z')
    for (const wrong of [
      '2026-03-01T10:00:00',
      'yesterday',
      '2026-02-30T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '',
      {},
      5,
    ]) {
      expect(date('iso', 'iso', wrong), String(wrong)).toBeUndefined()
    }
    for (const wrong of ['x', 1e18, true, null, '']) expect(date('s', 'iso', wrong), String(wrong)).toBeUndefined()
  })

  test('conversions, and what cannot be converted', () => {
    const { apply } = compile({
      text: { from: 't', text: true },
      number: { from: 'n', number: { multiply: 60 } },
      yes: { from: 'b', boolean: true },
    })
    expect(apply({ t: 1.5, n: '2', b: '0' }).value).toEqual({ text: '1.5', number: 120, yes: false })
    expect(apply({ t: { a: 1 }, n: 'two', b: 'maybe' })).toMatchObject({
      value: { text: '{"a":1}' },
      loss: { invalid: [{ field: 'number' }, { field: 'yes' }] },
    })
    const own = compile({ yes: { from: 'b', boolean: { true: ['Y'], false: ['N'] } } })
    expect([own.map({ b: 'Y' }), own.map({ b: 'N' }), own.map({ b: true })]).toEqual([
      { yes: true },
      { yes: false },
      {},
    ])
  })

  test('an expression that fails over this record costs its field; a spent budget costs the record', () => {
    const { apply } = compile({ whole: 'length(v)', text: 'w' })
    expect(apply({ v: 1, w: 'x' })).toMatchObject({ value: { text: 'x' }, loss: { invalid: [{ field: 'whole' }] } })
    const spent = compileMapping({ fields: { open: 'v[?a == `1`]' } }, { target: anything, budget: { steps: 10 } })
    expect(() => spent.map({ v: Array(100).fill({ a: 1 }) })).toThrow(expect.objectContaining({ code: 'step-budget' }))
    const growing = compile({ open: 'v[*].{a: $}' })
    expect(() => growing.map({ v: Array(5000).fill('x'.repeat(100)) })).toThrow(
      expect.objectContaining({ code: 'output-budget' }),
    )
  })

  test('names like __proto__ are ordinary', () => {
    const open: Model = { ...anything, schema: { type: 'object' } }
    const fields = JSON.parse(
      '{"__proto__": "a", "toString": "b", "constructor": {"object": {"__proto__": "a"}}}',
    ) as FieldSpecs
    const { map, reverse } = compileMapping({ fields }, { target: open })
    const value = map({ a: { polluted: 1 }, b: 2 })
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value).sort()).toEqual(['__proto__', 'constructor', 'toString'])
    expect(value.polluted).toBeUndefined()
    reverse(value)
    const back = compileMapping({ fields: { open: '"__proto__".polluted' } }, { target: anything })
    expect(JSON.stringify(back.reverse({ open: 1 }).record)).toBe('{"__proto__":{"polluted":1}}')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('loss', () => {
  test('of a record: every value of the source is mapped, kept, dropped or left out on purpose', () => {
    const { loss } = mapping.apply(vendorTicket)
    expect(loss.mapped).toEqual([
      'author.login',
      'author.mail',
      'author.names.full',
      'children[].id',
      'children[].kind',
      'children[].title',
      'created',
      'id',
      'links.web',
      'prio',
      'properties[].id',
      'properties[].value',
      'ref',
      'state.code',
      'summary',
    ])
    expect(loss.dropped).toEqual([
      'author.names.short',
      'body',
      'changed',
      'children[].done',
      'children[].estimate',
      'hidden',
      'properties[].type',
      'state.label',
      'tags[]',
      'watchers',
    ])
    expect(loss.raw).toEqual([])
    expect(loss.unknown).toEqual([])
    const kept = compileMapping({ ...ticketMapping, raw: 'raw' }, { target: ticket }).apply(vendorTicket)
    expect(kept.value.raw).toBe(vendorTicket)
    expect(kept.loss).toMatchObject({ raw: loss.dropped, dropped: [] })
  })

  test('raw is text where the model wants text', () => {
    expect(compile({}, { raw: 'rawText' }).map({ a: [1, null] })).toEqual({ rawText: '{"a":[1,null]}' })
  })

  test('known without a record', () => {
    const { coverage } = mapping
    expect(coverage.filled).toEqual(Object.keys(ticketMapping.fields))
    expect(coverage.empty).toContain('assignee')
    expect(coverage.unread).toEqual([
      'author.names.short',
      'body',
      'changed',
      'children[].done',
      'children[].estimate',
      'hidden',
      'owner.login',
      'properties[].type',
      'state.label',
      'tags[]',
      'watchers',
    ])
    expect(coverage.irreversible).toEqual([
      { field: 'team.id', reason: expect.stringContaining('calculated') },
      { field: 'related', reason: expect.stringContaining('selected') },
    ])
  })
})

describe('the way back', () => {
  test('writes what can be written, and names the rest', () => {
    const { record, lost } = mapping.reverse({ ...expected, assignee: { id: '1' } })
    expect(record).toEqual({
      id: 41_877,
      ref: 'OPS-417',
      summary: expected.title,
      links: { web: expected.url },
      state: { code: 3 },
      prio: 'P2',
      author: { login: 'ada', mail: 'ada@example.com', names: { full: 'Ada Lovelace' } },
      created: 1_772_359_200,
    })
    expect(lost).toEqual(['team.id', 'related', 'assignee'])
    expect(mapping.reverse({ status: 'cancelled' })).toEqual({ record: {}, lost: ['status'] })
    expect(mapping.reverse(undefined)).toEqual({ record: {}, lost: [] })
  })

  test('is refused for tables that are not one-to-one, and for two fields with one source', () => {
    const { coverage, reverse } = compile({
      word: { from: 'v', table: { 1: 'a', 2: 'a' } },
      text: 't',
      other: 't',
      object: { object: { x: 't.x' } },
    })
    expect(coverage.irreversible.map(({ field }) => field)).toEqual(['word', 'other', 'object.x'])
    expect(reverse({ word: 'a', text: 'T', other: 'O', object: { x: 'X' } })).toEqual({
      record: { t: 'T' },
      lost: ['word', 'other', 'object.x'],
    })
  })

  test('restores what was mapped, for every reversible rule', () => {
    const { map, reverse } = compile({
      text: 'a.b.c',
      whole: { from: 'when', date: { unit: 'iso', to: 'ms' } },
      word: { from: 'a.w', table: { one: 'a', two: 'b' } },
      yes: { from: 'y', boolean: { true: ['Y'], false: ['N'] } },
      list: { list: { from: 'items', each: { object: { x: 'name', y: 'deep.value' } } } },
      object: { from: 'part', object: { x: 'x' } },
    })
    const source = fc.record({
      a: fc.record({ b: fc.record({ c: fc.string() }), w: fc.constantFrom('one', 'two') }),
      when: fc
        .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      y: fc.constantFrom('Y', 'N'),
      items: fc.array(fc.record({ name: fc.string(), deep: fc.record({ value: fc.integer() }) })),
      part: fc.record({ x: fc.string() }),
    })
    fc.assert(
      fc.property(source, (record) => {
        expect(reverse(map(record))).toEqual({ record, lost: [] })
      }),
    )
  })
})

test('any record gives a value or a typed error, with a loss that adds up', () => {
  const leaves = (value: unknown): number =>
    typeof value !== 'object' || value === null
      ? value === null
        ? 0
        : 1
      : Object.values(value).reduce<number>((sum, part) => sum + leaves(part), 0)
  fc.assert(
    fc.property(fc.jsonValue(), (record) => {
      const { value, loss } = mapping.apply(record)
      expect(mapping.map(record)).toEqual(value)
      expect(value.status).toBeDefined()
      if (leaves(record) > 0 && typeof record === 'object')
        expect(loss.mapped.length + loss.dropped.length).toBeGreaterThan(0)
    }),
  )
})
