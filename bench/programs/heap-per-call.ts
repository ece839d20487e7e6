// Allocated bytes per call of one stack, by its name, in a process of its own with room for all of it. Needs --expose-gc.
import { setTimeout as wait } from 'node:timers/promises'
import { bare, cockatielStack, patchbaySignalStack, patchbayStack, repeat, type Stack } from './policy-stacks.ts'

const stacks: Readonly<Record<string, () => Stack>> = {
  bare: () => bare,
  patchbay: patchbayStack,
  signal: patchbaySignalStack,
  cockatiel: cockatielStack,
}

const [name = '', kind = 'bytes'] = process.argv.slice(2)
const stack = (stacks[name] as () => Stack)()
const collect = globalThis.gc as () => void

async function heapAfter(calls: number): Promise<number> {
  collect()
  const before = process.memoryUsage().heapUsed
  await repeat(stack, calls)
  return process.memoryUsage().heapUsed - before
}

/** The slope between few calls and many, so that what a measurement itself costs does not count. No collection falls into either. */
async function bytesPerCall(): Promise<number> {
  const [few, many] = [3000, 18_000]
  await repeat(stack, 400_000)
  await wait(50)
  const base = await heapAfter(few)
  return ((await heapAfter(many)) - base) / (many - few)
}

/** Growth of the heap over a million calls, in bytes, and the timers that are left afterwards. */
async function growth(): Promise<{ readonly bytes: number; readonly timers: number }> {
  await repeat(stack, 100_000)
  collect()
  const before = process.memoryUsage().heapUsed
  await repeat(stack, 1_000_000)
  await wait(100)
  collect()
  const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  return { bytes: process.memoryUsage().heapUsed - before, timers }
}

process.send?.(kind === 'growth' ? await growth() : await bytesPerCall())
process.disconnect()
