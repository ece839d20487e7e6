import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@patchbay/core/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileSchema } from '../json-schema/compile-schema.ts'
import type { FieldSchema, NamedSchemas } from '../json-schema/field-schema.ts'
import { randomSchema } from '../json-schema/fixtures/random-schemas.ts'
import { sample } from '../json-schema/sampler.ts'
import { quoted } from './type-literals.ts'
import { SchemaTypes } from './types-of-schema.ts'

const named: NamedSchemas = {
  Incident: {
    type: 'object',
    title: 'An incident',
    description: 'What went wrong. */ export const hole = 1 /*\n@deprecated is no tag\u2028of ours',
    properties: {
      id: { type: 'string', readOnly: true, description: 'Made by the vendor.' },
      title: { type: 'string' },
      urgency: { enum: ['high', 'low'], default: 'high' },
      'created-at': { type: 'string', format: 'date-time' },
      parent: { anyOf: [{ $ref: '#/schemas/Incident' }, { type: 'null' }] },
      children: { type: 'array', items: { $ref: '#/schemas/Incident' } },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
      place: { type: 'array', prefixItems: [{ type: 'number' }, { type: 'number' }], minItems: 2, items: false },
      password: { type: 'string', writeOnly: true },
      "it's": { const: "a'\\\n" },
      old: { type: ['string', 'null'], deprecated: true },
    },
    required: ['id', 'title', 'urgency', 'old'],
  },
  Event: {
    oneOf: [
      { type: 'object', properties: { kind: { const: 'opened' }, by: { type: 'string' } }, required: ['kind', 'by'] },
      {
        type: 'object',
        properties: { kind: { const: 'closed' }, code: { type: 'integer' } },
        required: ['kind', 'code'],
      },
    ],
  },
  Record: { type: 'object', properties: { a: { type: 'boolean' } } },
}

const upload: FieldSchema = {
  type: 'object',
  properties: { file: { type: 'string', format: 'binary' }, name: { type: 'string' } },
  required: ['file'],
}

const require = createRequire(import.meta.url)
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-types-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the compiler has against a module, one line per error. */
function errorsOf(text: string): readonly string[] {
  const file = join(folder, 'module.ts')
  writeFileSync(file, text)
  const script = join(require.resolve('typescript/package.json'), '..', 'bin', 'tsc')
  const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2023', '--types', '']
  const { stdout, error } = spawnSync(process.execPath, [script, ...flags, file], { cwd: folder, encoding: 'utf8' })
  if (error !== undefined) throw error
  return stdout.split('\n').filter((line) => line.includes('error TS'))
}

function moduleOf(): string {
  const types = new SchemaTypes(named)
  const aliases = [
    `export type Given = ${types.type({ $ref: '#/schemas/Incident' }, 'input')}`,
    `export type Answered = ${types.type({ $ref: '#/schemas/Incident' }, 'output')}`,
    `export type Happened = ${types.type({ $ref: '#/schemas/Event' }, 'output')}`,
    `export type Renamed = ${types.type({ type: 'array', items: { $ref: '#/schemas/Record' } }, 'output')}`,
    `export type Upload = ${types.type(upload, 'input')}`,
  ]
  expect(types.usesHttpBody).toBe(true)
  return `type HttpBody = string | Uint8Array | AsyncIterable<Uint8Array>\n${aliases.join('\n')}\n${types.declarations()}`
}

describe('generated types', () => {
  it('take what validation takes', () => {
    const text = `${moduleOf()}
const given: Given = { title: 'a', children: [{ title: 'b', old: null }], labels: { x: 'y' }, place: [1, 2], password: 'p', old: null, "it's": "a'\\\\\\n" }
const answered: Answered = { id: '1', title: 'a', urgency: 'medium', old: 'x', parent: null, labels: null, children: [] }
declare const happened: Happened
const by: string = happened.kind === 'opened' ? happened.by : String(happened.code)
const renamed: Renamed = [{ a: true }, { a: null }, {}]
const upload: Upload = { file: new Uint8Array(1), name: undefined }
void [given, answered, by, renamed, upload]
`
    expect(errorsOf(text)).toEqual([])
  })

  it.each([
    ['a field of the vendor in an input', "const x: Given = { title: 'a', old: null, id: '1' }"],
    ['an unknown value in an input', "const x: Given = { title: 'a', old: null, urgency: 'medium' }"],
    ['a misspelled field', "const x: Given = { titel: 'a', title: 'a', old: null }"],
    ['a required field left out', 'const x: Given = { old: null }'],
    ['null in an input', "const x: Given = { title: 'a', old: null, labels: null }"],
    ['null in a required field', "const x: Answered = { id: '1', title: null, urgency: 'low', old: null }"],
    [
      'an answer with a hidden field',
      "const x: Answered = { id: '1', title: 'a', urgency: 'low', old: null, password: 'p' }",
    ],
    ['use of a field that may be null', 'declare const x: Answered; x.labels.a'],
    ['a tuple of three', "const x: Given = { title: 'a', old: null, place: [1, 2, 3] }"],
    ['another constant', "const x: Happened = { kind: 'reopened', by: 'me' }"],
    ['fields of another alternative', "const x: Happened = { kind: 'opened', code: 1 }"],
    ['change of an answer', "declare const x: Answered; x.title = 'b'"],
    ['a number for a body', 'const x: Upload = { file: 1 }'],
    ['a hole in a comment', 'console.log(hole)'],
  ])('refuse %s', (_, line) => {
    const errors = errorsOf(`${moduleOf()}\ndeclare const console: { log(value: unknown): void }\n${line}\nexport {}\n`)
    expect(errors.length).toBe(1)
    expect(errors[0]).not.toMatch(/TS1\d{3}:/)
  })

  it('are the same whatever is asked first', () => {
    const types = new SchemaTypes(named)
    for (const name of ['Record', 'Event', 'Incident'].reverse())
      for (const side of ['output', 'input'] as const) types.type({ $ref: `#/schemas/${name}` }, side)
    const others = new SchemaTypes(named)
    for (const side of ['input', 'output'] as const)
      for (const name of ['Record', 'Event', 'Incident']) others.type({ $ref: `#/schemas/${name}` }, side)
    expect(others.declarations()).toBe(types.declarations())
    expect(types.declarations()).toMatch(
      /^export type Event =[\s\S]*export interface Incident \{[\s\S]*export interface RecordInput \{[\s\S]*export interface Record_ \{/,
    )
  })

  it('keep off the names that others have', () => {
    const both: NamedSchemas = { A: { type: 'string' }, AInput: { type: 'number' }, Module: { type: 'boolean' } }
    const types = new SchemaTypes(both, ['Module'])
    expect(types.type({ $ref: '#/schemas/A' }, 'input')).toBe('AInput_')
    expect(types.type({ $ref: '#/schemas/AInput' }, 'output')).toBe('AInput')
    expect(types.type({ $ref: '#/schemas/Module' }, 'output')).toBe('Module_')
  })

  it('document fields without letting texts out of their comments', () => {
    const types = new SchemaTypes(named)
    types.type({ $ref: '#/schemas/Incident' }, 'output')
    const text = types.declarations()
    expect(text).toContain(
      ' * An incident\n * What went wrong. *\\/ export const hole = 1 /*\n * \\@deprecated is no tag\n * of ours\n',
    )
    expect(text).toContain("  /** @default \"high\" */\n  readonly urgency: 'high' | 'low' | (string & {})\n")
    expect(text).toContain("  /** Format: date-time. */\n  readonly 'created-at'?: string | null | undefined\n")
    expect(text).toContain('  /** @deprecated */\n  readonly old: string | null\n')
  })

  it('hold for samples of random schemas, on both sides', () => {
    const values: string[] = []
    fc.assert(
      fc.property(randomSchema, fc.constantFrom('input' as const, 'output' as const), fc.nat(), (drawn, side, seed) => {
        // TypeScript makes never of tuples of different lengths that have to hold together.
        if (
          /"prefixItems"/.test(JSON.stringify(drawn.schema)) &&
          /"(?:allOf|anyOf|\$ref)"/.test(JSON.stringify(drawn.schema))
        )
          return
        let value: unknown
        try {
          value = sample(drawn.schema, drawn.named, seededRandom(seed), { side })
        } catch {
          return
        }
        const types = new SchemaTypes(drawn.named)
        const type = types.type(drawn.schema, side)
        const name = `n${values.length}`
        values.push(
          `namespace ${name} {\n${types.declarations()}\nexport const value: ${type} = ${JSON.stringify(value)}${value === null ? '' : ' as const'}\n}`,
        )
      }),
      { numRuns: 500 },
    )
    expect(values.length).toBeGreaterThan(80)
    expect(errorsOf(values.join('\n'))).toEqual([])
  }, 60_000)
})

describe('string literals', () => {
  it('say the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const literal = quoted(text)
        expect(literal).not.toMatch(/[\n\r\u2028\u2029]/)
        // The same rules as JSON but for the quotes.
        const inside = literal.slice(1, -1)
        expect(
          JSON.parse(
            `"${inside.replaceAll("\\'", "'").replace(/\\.|"/gs, (found) => (found === '"' ? '\\"' : found))}"`,
          ),
        ).toBe(text)
        expect(inside.replace(/\\./gs, '')).not.toContain("'")
      }),
    )
  })
})

it('says in types what strict validation says', () => {
  const check = compileSchema({ $ref: '#/schemas/Incident' }, named, 'strict')
  expect(check({ title: 'a', old: null })).toEqual({ value: { title: 'a', old: null, urgency: 'high' } })
})
