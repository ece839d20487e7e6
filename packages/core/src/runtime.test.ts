import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Runtime } from './runtime.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('one state per key for all who ask', () => {
  const runtime = new Runtime()
  const state = runtime.keep('a', () => ({}))
  expect(runtime.keep('a', () => ({}))).toBe(state)
  expect(runtime.keep('b', () => ({}))).not.toBe(state)
})

test('a state that somebody holds is never split, however many other keys come', async () => {
  const runtime = new Runtime()
  const held = runtime.keep('held', () => ({ opened: true }))
  for (let count = 0; count < 25_000; count++) runtime.keep(`tenant ${count}`, () => ({ count }))
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(runtime.keep('held', () => ({ opened: false }))).toBe(held)
})

test('tenants that are gone do not fill the memory', async () => {
  const runtime = new Runtime()
  collect()
  const before = process.memoryUsage().heapUsed
  for (let count = 0; count < 100_000; count++) {
    runtime.keep(`tenant ${count}`, () => ({ seen: new Array(100).fill(count) }))
    // A WeakRef holds its object until the present task ends.
    if (count % 5_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  await new Promise((resolve) => setImmediate(resolve))
  // All of them would be 80 MB and more.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(30_000_000)
  expect(runtime.keep('tenant 99999', () => ({ seen: [] })).seen[0]).toBe(99_999)
})
