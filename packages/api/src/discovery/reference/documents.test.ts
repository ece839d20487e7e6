import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DataDocument } from '../source-document.ts'
import { Documents } from './documents.ts'
import { pointerOf, pointerSteps, valueAt } from './json-pointer.ts'

const document = (value: unknown, location?: string): DataDocument => ({ syntax: 'json', value, location })

test('pointers name every value of a document, whatever its keys are', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const check = (at: unknown, steps: readonly (string | number)[]): void => {
        const fragment = pointerOf(...steps).slice(1)
        // A percent sign in a key is written as it is by us and escaped by others; both are found.
        const escaped = fragment.split('/').map(encodeURIComponent).join('/')
        expect(valueAt(value, pointerSteps(escaped) ?? [])?.value).toBe(at)
        if (Array.isArray(at)) for (const [index, one] of at.entries()) check(one, [...steps, index])
        else if (typeof at === 'object' && at !== null)
          for (const [key, one] of Object.entries(at)) check(one, [...steps, key])
      }
      check(value, [])
    }),
  )
})

test('any graph of references ends: at a value, or as unresolved', () => {
  const graph = fc.array(fc.nat(30), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(graph, (targets) => {
      const parts = Object.fromEntries(
        targets.map((to, at) => [`s${at}`, to < targets.length ? { $ref: `#/parts/s${to}` } : { type: 'string' }]),
      )
      const root = document({ parts })
      const documents = new Documents([root])
      for (const at of targets.keys()) {
        // By hand: follow until the end or until a place comes again.
        let here = at
        const met = new Set<number>()
        while (here < targets.length && !met.has(here)) {
          met.add(here)
          here = targets[here] ?? 0
        }
        const found = documents.resolve(`#/parts/s${at}`, root)
        if (here >= targets.length) expect(found.value).toEqual({ type: 'string' })
        else expect(found.reason).toContain('back to itself')
      }
    }),
  )
})

test('references start from their own document and see own fields only', () => {
  const root = document({ a: { $ref: 'parts/b.json#/definitions/x~1y%20z' } }, 'https://yard.example/api.json')
  const other = document({ definitions: { 'x/y z': { $ref: '../api.json#/c' } } }, 'https://yard.example/parts/b.json')
  const back = document({ ...(root.value as object), c: { type: 'integer' } }, root.location)
  const documents = new Documents([back, other])
  expect(documents.resolve('#/a', back)).toMatchObject({ value: { type: 'integer' }, document: back })
  for (const reference of ['#/constructor', '#/__proto__', '#/a/toString', '#/none', '#name', 'other.json', ''])
    expect(documents.resolve(reference, other).value === undefined || reference === '').toBe(true)
})

test('lists are reached by index, not by their own fields', () => {
  expect(valueAt([1, 2], ['1'])).toEqual({ value: 2 })
  expect(valueAt([1, 2], ['length'])).toBeUndefined()
})
