import { describe, expect, test } from 'vitest'
import { compileExpression } from './expression.ts'
import { fails, holds } from './fixtures/specification-cases.ts'

describe('the grammar', () => {
  test('identifiers, sub-expressions, indexes', () => {
    holds([
      ['zero', 0],
      ['missing', null],
      ['"with-dash"', 'd'],
      ['"\\u00e9\\""', 1],
      ['object.x', 1],
      ['object . x', 1],
      ['object.missing.more', null],
      ['object."x"', 1],
      ['people[0].name', 'Ada'],
      ['people[-1].name', 'Edsger'],
      ['people[9]', null],
      ['people[-9]', null],
      ['object[0]', null],
      ['text[0]', null],
      ['numbers.length', null],
      ['@.zero', 0],
      ['nested[0][1]', 2],
    ])
    fails('syntax', [
      '',
      ' ',
      '.',
      'a.',
      '.a',
      'a..b',
      'a b',
      '1',
      '-1',
      'a.1',
      'a[',
      'a]',
      'a[b]',
      'a["b"]',
      '"a',
      'a-b c',
    ])
    fails('syntax', [
      '"\\z"',
      'é',
      '#',
      'a = b',
      '"a"(b)',
      "a.'b'",
      'a.`1`',
      '[a,]',
      '{a}',
      '{a: b,}',
      "{'a': b}",
      '((a)',
      'a)',
      '!',
    ])
  })

  test('slices are those of Python, and project', () => {
    holds([
      ['numbers[0:2]', [3, 1]],
      ['numbers[::-1]', [2, 1, 3]],
      ['numbers[:-1]', [3, 1]],
      ['numbers[-2:]', [1, 2]],
      ['numbers[10:]', []],
      ['numbers[-10:10]', [3, 1, 2]],
      ['numbers[2:0:-1]', [2, 1]],
      ['numbers[::2]', [3, 2]],
      ['numbers[1:1]', []],
      ['numbers[::-2]', [2, 3]],
      ['numbers[:0:-1]', [2, 1]],
      ['numbers[9::-1]', [2, 1, 3]],
      ['numbers[99999999999999999999:]', []],
      ['text[0:2]', null],
      ['people[:2].name', ['Ada', 'Grace']],
      ['[0:1]', null],
    ])
    fails('invalid-value', ['numbers[::0]', 'numbers[0:1:0]'])
    fails('syntax', ['numbers[1:2:3:4]', 'numbers[a:b]', 'numbers[1 2]', 'numbers[1:2 3]', 'numbers[-]'])
  })

  test('projections leave nulls out, stop at pipes and parentheses, and are null for other types', () => {
    holds([
      ['people[*].name', ['Ada', 'Grace', 'Edsger']],
      ['people[*].born', ['1815', '1906']],
      ['holes[*]', [1, 2]],
      ['holes[]', [1, 2]],
      ['object[*]', null],
      ['object.*', [1, 2]],
      ['people.*', null],
      ['empty.list[*].a', []],
      ['empty.object.*', []],
      ['deep.list[*].tags', [['p', 'q'], ['r']]],
      ['deep.list[*].tags[0]', ['p', 'r']],
      ['deep.list[*].tags | [0]', ['p', 'q']],
      ['(deep.list[*].tags)[0]', ['p', 'q']],
      ['deep.list[].tags[]', ['p', 'q', 'r']],
      ['deep.list[*].tags[*]', [['p', 'q'], ['r']]],
      ['deep.*[0].tags[1]', ['q']],
      ['{o: {p: object, q: object}}.o.*.x', [1, 1]],
      ['{o: {p: {r: object}, q: {r: object}}}.o.*.r.x', [1, 1]],
      ['nested[]', [1, 2, 3, [4], 5]],
      ['nested[][]', [1, 2, 3, 4, 5]],
      ['object[]', null],
      ['deep.*[0].tags', [['p', 'q']]],
      ['people[?age > `70`].name', ['Grace', 'Edsger']],
      ['people[?born].name', ['Ada', 'Grace']],
      ['people[?!born].name', ['Edsger']],
      ['object[?x]', null],
      ["people[?name == 'Ada'] | [0].age", 36],
      ['numbers[?@ > `1`]', [3, 2]],
    ])
    fails('syntax', ['people[*', '*name', 'people[*]name', '[?a', 'people[?]', 'a[*]b'])
  })

  test('or, and, not: what counts as true', () => {
    holds([
      ['missing || zero', 0],
      ['zero || yes', 0],
      ['empty.list || empty.object || empty.text || no || missing', null],
      ['zero && yes', true],
      ['empty.list && yes', []],
      ['!zero', false],
      ['!empty.list', null],
      ['!(empty.list)', true],
      ['!!text', true],
      ['missing && yes || zero', 0],
      ['yes && no || zero', 0],
      ['no || yes && zero', 0],
    ])
    expect(compileExpression('!a.b').warnings).toEqual([{ offset: 2, message: expect.stringContaining('!(a.b)') }])
  })

  test('comparators: equality of every type, order of numbers only', () => {
    holds([
      ['numbers == `[3, 1, 2]`', true],
      ['object == `{"y": 2, "x": 1}`', true],
      ['object != `{"x": 1}`', true],
      ['zero == no', false],
      ['missing == `null`', true],
      ['zero < `1`', true],
      ['zero >= `0`', true],
      ["'a' < 'b'", null],
      ['zero < missing', null],
      ["'1' == `1`", false],
      ['`1` == `1.0`', true],
    ])
  })

  test('multi-select, literals, raw text', () => {
    holds([
      ['[zero, missing]', [0, null]],
      ['{a: zero, "b c": missing}', { a: 0, 'b c': null }],
      ['missing.[zero]', null],
      ['missing.{a: zero}', null],
      ['missing | [zero]', null],
      ['people[*].[name, age] | [0]', ['Ada', 36]],
      ['people[:1].{n: name}', [{ n: 'Ada' }]],
      ['`{"a": [1, "\\`"]}`', { a: [1, '`'] }],
      ['` 1 `', 1],
      ['`"\\u00e9"`', 'é'],
      ["'a\\'b'", "a'b"],
      ["'\\n'", '\\n'],
      ["'\\\\'", '\\\\'],
      ["'\n'", '\n'],
      ["''", ''],
      ['`{"a": 1}`.a', 1],
    ])
    fails('syntax', ['`foo`', '`', '`1', "'a", '`01`', '``', '[]a', '{}', 'a.{}', '[a', '{a: b'])
  })

  test('let, variables and the root', () => {
    holds([
      ['let $n = zero in [$n, $n]', [0, 0]],
      ['let $a = zero, $b = yes in [$a, $b]', [0, true]],
      ['let $a = numbers[*] in $a[0]', 3],
      ["let $a = 'out' in people[:1].[name, $a, let $a = 'in' in $a, $a]", [['Ada', 'out', 'in', 'out']]],
      ['people[?age == max($.people[*].age)].name', ['Grace']],
      ['let', null],
      ['let || zero', 0],
    ])
    fails('undefined-variable', ['$n', "[let $n = 'a' in $n, $n]", 'let $a = $a in $a'])
    fails('syntax', ['let $a in $a', 'let $a = zero', 'let $a = zero of $a', '$a = zero'])
  })

  test('arithmetic', () => {
    holds([
      ['`1` + `2` * `3`', 7],
      ['(`1` + `2`) * `3`', 9],
      ['`7` // `2`', 3],
      ['-`7` // `2`', -4],
      ['`7` % `-3`', -2],
      ['`1` − `2` × `4` ÷ `8`', 0],
      ['numbers[0] - numbers[1] == `2`', true],
      ['-numbers[0]', -3],
      ['sum(numbers) / length(numbers)', 2],
    ])
    fails('not-a-number', ['`1` / `0`', '`1` % `0`', '`0` // `0`', '`1e308` * `10`'])
    fails('invalid-type', ["'1' + `1`", 'missing + `1`', '-text'])
    fails('syntax', ['`1` +', '* `2` +', 'a -1'])
  })
})

test('an error says where it is and what to do', () => {
  const failing = (): unknown => compileExpression('people[*].{\n  n: lenght(name)\n}')
  expect(failing).toThrow(expect.objectContaining({ code: 'unknown-function', line: 2, column: 6, offset: 17 }))
  expect(failing).toThrow('line 2, column 6: there is no function lenght(); the functions are length')
})

test('it tells which paths of its source it reads', () => {
  const paths = (text: string): readonly string[] => compileExpression(text).paths
  expect(paths('a.b[0].c')).toEqual(['a.b[].c'])
  expect(paths('@')).toEqual(['@'])
  expect(paths('a[?type == \'x\' && $.mode].{i: id, n: "full name"}')).toEqual([
    'a[]."full name"',
    'a[].id',
    'a[].type',
    'mode',
  ])
  expect(paths('a[].b[].c | [0].d')).toEqual(['a[].b[].c.d'])
  expect(paths('sort_by(a, &when)[-1].who')).toEqual(['a[].when', 'a[].who'])
  expect(paths('length(a.*.b)')).toEqual(['a.*.b'])
  expect(paths('let $x = a.b in c[?d == $x.e]')).toEqual(['a.b.e', 'c[]', 'c[].d'])
  expect(paths('`1`')).toEqual([])
})
