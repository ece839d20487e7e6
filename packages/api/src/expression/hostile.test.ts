import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileExpression } from './expression.ts'
import { ExpressionError } from './expression-error.ts'

const parsed = (json: string): unknown => JSON.parse(json) as unknown

describe('prototypes', () => {
  test('are never read', () => {
    const names = [
      'constructor',
      '__proto__',
      'prototype',
      'toString',
      'hasOwnProperty',
      '"__proto__".constructor',
      'constructor.name',
    ]
    for (const name of names) {
      for (const value of [{}, [], 'text', 1, true, null, Object.create({ inherited: 1 }), () => 1, new Map()]) {
        expect(compileExpression(name).evaluate(value), name).toBeNull()
        expect(compileExpression(`[${name}]`).evaluate(value) ?? [null], name).toEqual([null])
      }
    }
    expect(compileExpression('inherited').evaluate(Object.create({ inherited: 1 }))).toBeNull()
    expect(compileExpression('*').evaluate(Object.create({ inherited: 1 }))).toEqual([])
  })

  test('are never changed, and the key is an ordinary one', () => {
    const source = parsed('{"__proto__": {"polluted": 1}, "pairs": [["__proto__", {"polluted": 1}], ["toString", 1]]}')
    const expressions = [
      '{"__proto__": {polluted: `1`}}',
      'merge(@, @)',
      'from_items(pairs)',
      'group_by(pairs, &[0])',
      '`{"__proto__": {"polluted": 1}}`',
    ]
    for (const text of expressions) {
      const result = compileExpression(text).evaluate(source) as Record<string, unknown>
      expect(Object.getPrototypeOf(result), text).toBe(Object.prototype)
      expect(Object.hasOwn(result, '__proto__'), text).toBe(true)
      expect(result.polluted, text).toBeUndefined()
      expect(({} as Record<string, unknown>).polluted, text).toBeUndefined()
    }
    expect(compileExpression('"__proto__".polluted').evaluate(source)).toBe(1)
  })
})

test('who changes a result does not change the next one', () => {
  const literal = compileExpression('`{"a": [1]}`')
  const result = literal.evaluate(null) as { a: number[] }
  expect(() => result.a.push(2)).toThrow(TypeError)
  expect(literal.evaluate(null)).toEqual({ a: [1] })
})

describe('budgets', () => {
  const list = Array.from({ length: 1000 }, (_, index) => ({ id: index, text: 'x'.repeat(100) }))
  const big = { list, long: 'a'.repeat(2_000_000), pattern: `b${'a'.repeat(500_000)}` }

  test('end evaluations that grow', () => {
    const doubling = (depth: number): string => ['[@, @]', ...Array.from({ length: depth }, () => '[@, @]')].join(' | ')
    const cases: readonly [string, string][] = [
      [doubling(60), 'output-budget'],
      [`to_string(${doubling(40)})`, 'output-budget'],
      [`(${doubling(40)}) == (${doubling(40)} | [@][0])`, 'step-budget'],
      ['list[*].[$.list[*].[$.list[*].id]]', 'step-budget'],
      ['list[?$.list[?$.list[?id]]]', 'step-budget'],
      ['map(&$.list, list)', 'output-budget'],
      ['reverse(map(&$.list, list))', 'output-budget'],
      ['sort_by(list[*].{id: id, all: $}, &id)', 'output-budget'],
      ['[list, list][].[$.list] | [0:900]', 'output-budget'],
      ['list[*].$', 'syntax'],
      ['list[*].{all: $}', 'output-budget'],
      ["pad_left('', `1000000000`)", 'output-budget'],
      ["replace(long, 'a', 'aaaaaaaaaa')", 'step-budget'],
      ['contains(long, pattern)', 'step-budget'],
      ['list[*].[contains($.long, $.pattern)]', 'step-budget'],
      ['list[*].length($.long)', 'step-budget'],
      ["join('', map(&text, zip(list, list)[][] | [@, @, @, @, @, @][]))", 'output-budget'],
      ['map(&`"'.concat('y'.repeat(4000), '"`, list)'), 'output-budget'],
      ['sort(list[*].to_string(@) | [@, @, @, @, @, @, @, @, @][])', 'step-budget'],
    ]
    for (const [text, code] of cases) {
      const start = performance.now()
      expect(() => compileExpression(text).evaluate(big), text.slice(0, 80)).toThrow(expect.objectContaining({ code }))
      expect(performance.now() - start, text.slice(0, 80)).toBeLessThan(1500)
    }
  })

  test('are those of the caller', () => {
    const names = compileExpression('list[*].{id: id}')
    expect(() => names.evaluate(big, { steps: 500 })).toThrow(expect.objectContaining({ code: 'step-budget' }))
    expect(() => names.evaluate(big, { output: 500 })).toThrow(expect.objectContaining({ code: 'output-budget' }))
    expect(names.evaluate(big)).toHaveLength(1000)
  })

  test('selecting from a value of any size is free', () => {
    const huge = { rows: Array.from({ length: 90_000 }, (_, index) => ({ index, pad: 'x'.repeat(50) })) }
    expect(compileExpression('rows[?index == `7`]').evaluate({ rows: huge.rows.slice(0, 30_000) })).toHaveLength(1)
    expect(compileExpression('rows').evaluate(huge)).toBe(huge.rows)
    expect(compileExpression('rows[*]').evaluate(huge)).toHaveLength(90_000)
    expect(compileExpression('sort_by(rows, &pad)').evaluate(huge, { steps: 10_000_000 })).toHaveLength(90_000)
    expect(compileExpression('max_by(rows, &index)').evaluate(huge, { steps: 1_000_000 })).toBe(huge.rows.at(-1))
  })
})

describe('expressions', () => {
  test('that nest or chain too deeply, or are too long, are refused without a stack overflow', () => {
    const cases: readonly [string, string][] = [
      ['('.repeat(65), 'too-deep'],
      [`${'('.repeat(4000)}a${')'.repeat(4000)}`, 'too-deep'],
      ['!'.repeat(8000), 'too-deep'],
      [`${'[*].a'.repeat(1000)}`, 'too-deep'],
      [`a${'||a'.repeat(2000)}`, 'too-deep'],
      [`a${'|[@]'.repeat(1500)}`, 'too-deep'],
      [`a${'[]'.repeat(3000)}`, 'too-deep'],
      ['{a:'.repeat(2000), 'too-deep'],
      ['a'.repeat(8193), 'too-long'],
      ['['.repeat(8192), 'too-deep'],
      ['&'.repeat(8192), 'syntax'],
    ]
    for (const [text, code] of cases) {
      expect(() => compileExpression(text), text.slice(0, 40)).toThrow(expect.objectContaining({ code }))
    }
    expect(compileExpression(`a${'.a'.repeat(4000)}`).evaluate({})).toBeNull()
    expect(compileExpression(`a${'[0]'.repeat(2500)}`).evaluate({})).toBeNull()
  })

  test('values that nest deeply give a typed error where they would have to be walked', () => {
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level++) deep = [deep]
    for (const text of ['@ == `[[1]]` || [@]', 'to_string(@)', '@ == [@][0]', '{a: @}']) {
      const run = (): unknown => compileExpression(text).evaluate(deep)
      expect(run, text).toThrow(ExpressionError)
    }
    expect(compileExpression('[0][0]').evaluate(deep)).toBeInstanceOf(Array)
  })

  test('any text over any value gives a JSON value or a typed error', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        '.',
        '[',
        ']',
        '[]',
        '[?',
        '*',
        '{',
        '}',
        '(',
        ')',
        ',',
        ':',
        '@',
        '$',
        '$x',
        '&',
        '&&',
        '||',
        '|',
        '!',
        '==',
        '<',
        '`1`',
        "'t'",
        '"q"',
        '0',
        '-1',
        '+',
        '-',
        '/',
        '//',
        '%',
        'let ',
        ' in ',
        '=',
        'length',
        'sort_by',
        'map',
        'to_string',
        'items',
        'split',
        '\u{1f600}',
        '\\',
        '`',
        "'",
        '"',
        '\n',
      ],
    )
    const soup = fc.oneof(
      fc.string({ maxLength: 60, unit: 'binary' }),
      fc.array(piece, { maxLength: 25 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(soup, fc.jsonValue({ maxDepth: 4 }), (text, value) => {
        try {
          expect(compileExpression(text).evaluate(value)).not.toBeUndefined()
        } catch (error) {
          if (!(error instanceof ExpressionError)) throw error
          expect(error.line).toBeGreaterThan(0)
          expect(error.offset).toBeLessThanOrEqual(text.length)
          expect(error.remedy).not.toBe('')
        }
      }),
      { numRuns: 8000 },
    )
  })
})

test('no code is generated, and frozen intrinsics are enough', () => {
  const url = new URL('./expression.ts', import.meta.url).href
  const program = `
    import { compileExpression } from ${JSON.stringify(url)}
    const text = "people[?age > \`1\`].{n: upper(name), toString: age} | sort_by(@, &n) | [0]"
    console.log(JSON.stringify(compileExpression(text).evaluate({ people: [{ name: 'a', age: 2 }] })))`
  const flags = [
    '--disallow-code-generation-from-strings',
    '--disable-proto=delete',
    '--frozen-intrinsics',
    '--no-warnings',
  ]
  const output = execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  expect(JSON.parse(output)).toEqual({ n: 'A', toString: 2 })
})
