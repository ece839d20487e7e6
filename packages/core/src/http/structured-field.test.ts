import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseFieldDictionary, parseFieldList, withoutSpaces } from './structured-field.ts'

describe('parseFieldList', () => {
  it('reads every kind of bare item and parameter', () => {
    const items = parseFieldList('"a\\"b\\\\";x=1;y=-2.5;z , tok/en:1;a="s", 10, ?0;on=?1, :aGk=:, @1659578233')
    expect(items?.map((item) => [item.value, Object.fromEntries(item.parameters)])).toEqual([
      ['a"b\\', { x: 1, y: -2.5, z: true }],
      ['tok/en:1', { a: 's' }],
      [10, {}],
      [false, { on: true }],
      ['aGk=', {}],
      [1659578233, {}],
    ])
  })

  const broken = [
    '',
    ' ',
    ',',
    'a,',
    'a,,b',
    'a b',
    '"a',
    '"a\\x"',
    '"\u00e9"',
    'a;',
    'a;=1',
    'a;B=1',
    '(a b)',
    '1.',
    '1.2345',
    '1234567890123456',
    '--1',
    '?2',
    ':a',
    'a;b=',
    '\ta',
    '@1.5',
  ]
  it.each(broken)('refuses %j whole', (text) => {
    expect(parseFieldList(text)).toBeUndefined()
  })
})

describe('parseFieldDictionary', () => {
  it('reads members, the last of one name counts', () => {
    const members = parseFieldDictionary('limit=100, on;x=1,\t*a=tok, limit=5')
    expect([...(members ?? [])].map(([key, item]) => [key, item.value])).toEqual([
      ['limit', 5],
      ['on', true],
      ['*a', 'tok'],
    ])
  })

  it.each(['A=1', 'a=', 'a=1 b=2', '1=a', 'a=1,'])('refuses %j', (text) => {
    expect(parseFieldDictionary(text)).toBeUndefined()
  })
})

it('neither throws nor hangs on any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      parseFieldList(text)
      parseFieldDictionary(text)
    }),
  )
  const long = `"${'a'.repeat(100_000)}`
  const before = performance.now()
  expect(parseFieldList(long)).toBeUndefined()
  expect(parseFieldList('a;'.repeat(50_000))).toBeUndefined()
  expect(performance.now() - before).toBeLessThan(1000)
})

it('takes no time that grows with the square of the spaces inside', () => {
  const begun = performance.now()
  for (let count = 0; count < 20; count++) expect(parseFieldList(`a${' '.repeat(60_000)}x`)).toBeUndefined()
  expect(performance.now() - begun).toBeLessThan(1_000)
  expect([withoutSpaces('  a b '), withoutSpaces('   '), withoutSpaces('')]).toEqual(['a b', '', ''])
})
