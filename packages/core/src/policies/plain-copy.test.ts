import { expect, it } from 'vitest'
import { copyFrozen, copyPlain } from './plain-copy.ts'

it('two kilobytes that name one object again and again do not fill the memory', () => {
  let answer: unknown = { value: 1 }
  for (let level = 0; level < 60; level++) answer = { a: answer, b: answer }
  expect(copyPlain(answer)).toBeUndefined()
  expect(copyFrozen(answer)).toBeUndefined()
})

it('a copy of large but honest data is whole', () => {
  const answer = { items: Array.from({ length: 50_000 }, (_, id) => ({ id, name: `item ${id}`, tags: ['a', 'b'] })) }
  const copy = copyPlain(answer)
  expect(copy?.value).toEqual(answer)
  expect(copy?.value).not.toBe(answer)
})

it("an answer's own __proto__ stays a field", () => {
  const answer: unknown = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
  const copy = copyPlain(answer)?.value as object
  expect(JSON.stringify(copy)).toBe(JSON.stringify(answer))
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  expect('polluted' in {}).toBe(false)
})
