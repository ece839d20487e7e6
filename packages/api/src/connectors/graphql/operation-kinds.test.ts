import fc from 'fast-check'
import { parse } from 'graphql'
import { expect, it } from 'vitest'
import { operationKinds } from './operation-kinds.ts'

it.each<[string, [string, string][] | undefined]>([
  ['{ a }', [['', 'query']]],
  ['query { a }', [['', 'query']]],
  ['mutation M($a: [In!]! = [{ b: "}" }]) @live(if: true) { a(b: { c: $a }) }', [['M', 'mutation']]],
  ['subscription @live { a }', [['', 'subscription']]],
  ['# mutation M { a }\nquery Q { a }', [['Q', 'query']]],
  ['query Q { a(b: """ } mutation M { """) } fragment mutation on T { b } ', [['Q', 'query']]],
  [
    'fragment F on query { a } query A { ...F } mutation B { b }',
    [
      ['A', 'query'],
      ['B', 'mutation'],
    ],
  ],
  ['query query { mutation }', [['query', 'query']]],
  ['type Query { a: Int }', undefined],
  ['fragment F on T { a }', undefined],
  ['', undefined],
  ['}}} { a', [['', 'query']]],
])('finds the operations of %s', (text, expected) => {
  const found = operationKinds(text)
  expect(found === undefined ? undefined : [...found]).toEqual(expected)
})

it('agrees with the parser of graphql on documents that it takes', () => {
  const name = fc.constantFrom('a', 'query', 'mutation', 'F', 'on_', 'subscription')
  const value = fc.constantFrom(
    '1',
    '"}"',
    '"\\"{"',
    '"""\n } " \\""" """',
    '{ a: [1, "x"] }',
    '$v',
    '[{ mutation: 1 }]',
  )
  const field = fc.tuple(name, fc.option(value)).map(([one, given]) => (given === null ? one : `${one}(a: ${given})`))
  const selection = fc.array(field, { minLength: 1, maxLength: 4 }).map((fields) => `{ ${fields.join(' ')} { b } }`)
  const operation = fc
    .tuple(fc.constantFrom('query', 'mutation', 'subscription'), name, fc.option(value), selection)
    .map(([kind, own, given, set]) => `${kind} ${own}${given === null ? '' : ` @d(a: ${given})`} ${set}`)
  const fragment = fc.tuple(name, name, selection).map(([own, type, set]) => `fragment ${own}_ on ${type} ${set}`)
  const documents = fc
    .array(fc.oneof(operation, fragment), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('\n# } {\n'))
  fc.assert(
    fc.property(documents, (text) => {
      const expected = new Map<string, string>()
      for (const one of parse(text).definitions)
        if (one.kind === 'OperationDefinition') expected.set(one.name?.value ?? '', one.operation)
      expect([...(operationKinds(text) ?? [])]).toEqual([...expected])
    }),
    { numRuns: 300 },
  )
})

it('is quick with hostile text, and keeps little of it', () => {
  const started = performance.now()
  for (const text of ['"""'.repeat(50_000), '"\\'.repeat(50_000), '{'.repeat(100_000), 'query '.repeat(20_000)])
    operationKinds(text)
  for (let index = 0; index < 2_000; index++) operationKinds(`query Q${index} { a }`)
  expect(performance.now() - started).toBeLessThan(2_000)
})
