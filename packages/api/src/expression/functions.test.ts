import { describe, test } from 'vitest'
import { fails, holds } from './fixtures/specification-cases.ts'

describe('the functions', () => {
  test('of the specification', () => {
    holds([
      ['abs(`-1.5`)', 1.5],
      ['avg(numbers)', 2],
      ['avg(empty.list)', null],
      ['ceil(`-1.5`)', -1],
      ['floor(`-1.5`)', -2],
      ["contains('foobar', 'oba')", true],
      ["contains('foobar', `1`)", false],
      ['contains(nested, `[1, 2]`)', true],
      ["ends_with('foobar', 'bar')", true],
      ["starts_with('foobar', 'bar')", false],
      ["join(', ', words)", 'b, a, c'],
      ["join('', empty.list)", ''],
      ['keys(object)', ['x', 'y']],
      ['values(object)', [1, 2]],
      ['length(text)', 7],
      ['length(object)', 2],
      ['map(&born, people)', ['1815', '1906', null]],
      ['max(numbers)', 3],
      ['max(words)', 'c'],
      ['max(empty.list)', null],
      ['min(numbers)', 1],
      ['max_by(people, &age).name', 'Grace'],
      ['min_by(people, &age).name', 'Ada'],
      ['max_by(empty.list, &age)', null],
      ['merge(object, `{"y": 3, "z": 4}`)', { x: 1, y: 3, z: 4 }],
      ['merge()', {}],
      ['not_null(missing, empty.list, zero)', []],
      ['reverse(numbers)', [2, 1, 3]],
      ['reverse(text)', '\u{1f600} evïan'],
      ['sort(numbers)', [1, 2, 3]],
      ['sort(words)', ['a', 'b', 'c']],
      ['sort(`["\uff5e", "\u{1f600}", "a", "A"]`)', ['A', 'a', '\uff5e', '\u{1f600}']],
      ['sort_by(people, &age)[*].name', ['Ada', 'Edsger', 'Grace']],
      ['sum(numbers)', 6],
      ['sum(empty.list)', 0],
      ['to_array(zero)', [0]],
      ['to_array(numbers)', [3, 1, 2]],
      ['to_array(missing)', [null]],
      ['to_string(text)', 'naïve \u{1f600}'],
      ['to_string(`{"a": [1, 2.50, "x", null, true]}`)', '{"a":[1,2.5,"x",null,true]}'],
      ["to_number('1.5e3')", 1500],
      ["to_number('-0.5')", -0.5],
      [
        "[to_number('0x10'), to_number(''), to_number(' 1'), to_number('01'), to_number('1.'), to_number('+1'), to_number(yes)]",
        [null, null, null, null, null, null, null],
      ],
      [
        '[type(zero), type(text), type(yes), type(numbers), type(object), type(missing)]',
        ['number', 'string', 'boolean', 'array', 'object', 'null'],
      ],
      ['people[].length(name)', [3, 5, 6]],
    ])
  })

  test('of JMESPath Community, and our own', () => {
    holds([
      ["[lower('ÄB'), upper('äb')]", ['äb', 'ÄB']],
      ["[trim('  a '), trim_left('  a '), trim_right('  a '), trim('xxaxx', 'x')]", ['a', 'a ', '  a', 'a']],
      ["split('a/b/c', '/')", ['a', 'b', 'c']],
      ["split('a/b/c', '/', `1`)", ['a', 'b/c']],
      ["split('\u{1f600}b', '')", ['\u{1f600}', 'b']],
      ["replace('aabaaa', 'aa', '-')", '-b-a'],
      ["replace('aabaaa', 'aa', '-', `1`)", '-baaa'],
      ["find_first('subject string', 'string')", 8],
      ["find_first('subject string', 'string', `9`)", null],
      ["find_first('subject string', 's', `1`)", 8],
      ["find_last('subject string', 's')", 8],
      ["find_last('subject string', 's', `7`)", 0],
      ["find_first('\u{1f600}ab', 'b')", 2],
      ["pad_left('7', `3`, '0')", '007'],
      ["pad_right('7', `3`)", '7  '],
      [
        'items(object)',
        [
          ['x', 1],
          ['y', 2],
        ],
      ],
      ['from_items(`[["a", 1], ["b", 2], ["a", 3]]`)', { a: 3, b: 2 }],
      [
        'zip(words, numbers)',
        [
          ['b', 3],
          ['a', 1],
          ['c', 2],
        ],
      ],
      ['group_by(people, &born)."1815"[0].name', 'Ada'],
      ["to_epoch_ms('2024-02-29T12:00:00.5Z')", 1709208000500],
      ["to_epoch_ms('2024-02-29T12:00:00+0200')", 1709200800000],
      [
        "[to_epoch_ms('2023-02-29T00:00:00Z'), to_epoch_ms('2024-02-29T12:00:00'), to_epoch_ms('x')]",
        [null, null, null],
      ],
      ['to_iso(`1709208000500`)', '2024-02-29T12:00:00.500Z'],
      ['to_iso(`1e300`)', null],
    ])
  })

  test('unknown ones, wrong numbers and types of arguments', () => {
    fails('unknown-function', ['nothing(@)', 'constructor(@)', '__proto__(@)', 'toString()'])
    fails('invalid-arity', [
      'length()',
      'length(text, text)',
      'not_null()',
      "join('')",
      'map(&a)',
      'zip()',
      "trim('a', 'b', 'c')",
    ])
    fails('invalid-type', [
      'abs(text)',
      'avg(mixed)',
      'avg(text)',
      'ceil(text)',
      'contains(zero, zero)',
      'ends_with(text, zero)',
    ])
    fails('invalid-type', [
      "join(',', mixed)",
      'join(zero, words)',
      'keys(numbers)',
      'length(zero)',
      'length(missing)',
      'map(&a, object)',
    ])
    fails('invalid-type', [
      'max(mixed)',
      'merge(object, zero)',
      'reverse(zero)',
      'sort(mixed)',
      'sort(object)',
      'sum(words)',
      'values(text)',
    ])
    fails('invalid-type', [
      'sort_by(people, &born)',
      'sort_by(people, &@)',
      'sort_by(mixed, &@)',
      'sort_by(people, age)',
      'max_by(people, &yes)',
    ])
    fails('invalid-type', [
      'length(&text)',
      'type(&a)',
      'sort_by(&a, &b)',
      'missing.length(@)',
      'group_by(people, &age)',
    ])
    fails('invalid-value', [
      "pad_left('a', `3`, 'xx')",
      "pad_left('a', `-1`)",
      "split('a', 'b', `-1`)",
      'from_items(`[["a"]]`)',
      'from_items(`[[1, 2]]`)',
    ])
    fails('syntax', ['&a', '[&a]', 'a == &b', 'length(,)', 'length(text', 'length text)'])
  })
})
