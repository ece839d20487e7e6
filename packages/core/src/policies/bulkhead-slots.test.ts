import { expect, test } from 'vitest'
import { BulkheadGate } from './bulkhead-gate.ts'
import * as lines from './bulkhead-lines.ts'
import { type Bench, bench } from './fixtures/drive-gate.ts'
import { type LateCode, lateCode } from './fixtures/late-code.ts'

interface Here extends Bench {
  readonly gate: BulkheadGate
  readonly late: LateCode<typeof lines>
  readonly served: string[]
  /** Enters, and notes the name when the call has its slot. */
  enter(name: string, tenant?: string): ReturnType<Bench['call']>
}

/** One slot, taken, and lines whose code is not there yet. */
function full(maxQueue = 100): Here {
  const here = bench()
  const late = lateCode(lines)
  const settings = { maxInFlight: 1, maxQueue, weights: {}, share: 'connection' } as const
  const gate = new BulkheadGate(settings, here.scope, late.code)
  const served: string[] = []
  expect(gate.enter(here.call())).toBeUndefined()
  return {
    ...here,
    gate,
    late,
    served,
    enter(name, tenant = 'acme') {
      const call = here.call({ tenant })
      Promise.resolve(gate.enter(call)).then(
        () => served.push(name),
        (reason: unknown) =>
          served.push(`${name} not: ${(reason as { facts?: { code: string } }).facts?.code ?? reason}`),
      )
      return call
    },
  }
}

test('calls that come while the lines are loaded stand in them in their order, before later ones', async () => {
  const { gate, late, enter, served, clock } = full()
  for (const name of ['a', 'b', 'c']) enter(name)
  expect(late.loads).toBe(1)
  const arriving = late.arrive()
  // The code is there, but those who waited for it have not yet heard.
  queueMicrotask(() => enter('d'))
  await arriving
  for (let turn = 0; turn < 4; turn++) {
    gate.leave()
    await clock.settle()
  }
  expect(served).toEqual(['a', 'b', 'c', 'd'])
})

test('a slot that is given back meanwhile is not lost, and not given twice', async () => {
  const { gate, late, enter, served, clock } = full()
  enter('a')
  enter('b')
  gate.leave()
  await clock.settle()
  expect(served).toEqual([])
  await late.arrive()
  expect(served).toEqual(['a'])
  gate.leave()
  await clock.settle()
  expect(served).toEqual(['a', 'b'])
})

test('the queue is bounded while the lines are loaded', async () => {
  const { late, enter, gate, call } = full(2)
  enter('a')
  enter('b')
  expect(() => gate.enter(call())).toThrow(
    expect.objectContaining({ facts: expect.objectContaining({ code: 'queue-full' }) }),
  )
  await late.arrive()
})

test('who is given up while the lines are loaded leaves its place', async () => {
  const { gate, late, enter, served, clock } = full(2)
  enter('a').cancel('enough', true)
  await clock.settle()
  expect(served).toEqual(['a not: enough'])
  enter('b')
  enter('c')
  await late.arrive()
  gate.leave()
  await clock.settle()
  gate.leave()
  await clock.settle()
  expect(served).toEqual(['a not: enough', 'b', 'c'])
})

test('lines that cannot be loaded fail those who wait; the next full moment loads them again', async () => {
  const { gate, late, enter, served, clock } = full()
  enter('a')
  enter('b')
  await late.fail()
  expect(served).toEqual(['a not: code-not-loaded', 'b not: code-not-loaded'])
  enter('c')
  await late.arrive()
  gate.leave()
  await clock.settle()
  expect([served.at(-1), late.loads]).toEqual(['c', 2])
})
