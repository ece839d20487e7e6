import { expect, test } from 'vitest'
import type { Call } from '../call.ts'
import { Answer, type Gate } from '../policy.ts'
import { deadlinePolicy } from './deadline.ts'
import { type Bench, bench, failure, through } from './fixtures/drive-gate.ts'
import { type LateCode, lateCode } from './fixtures/late-code.ts'
import { LazyGate } from './lazy-gate.ts'

interface Here extends Bench {
  readonly gate: LazyGate<{ readonly kind: string }, Gate>
  readonly late: LateCode<{ readonly kind: string }>
  /** What the gate behind it was told. */
  readonly told: string[]
}

function setUp(inner: Partial<Gate> = {}): Here {
  const here = bench()
  const told: string[] = []
  const late = lateCode({ kind: 'inner' })
  const gate = new LazyGate({
    name: 'cache',
    settings: { shown: true },
    code: late.code,
    appliesTo: ({ name }) => name === 'item.get',
    make: ({ kind }): Gate => ({
      name: 'cache',
      settings: {},
      enter(call) {
        told.push(`${kind} enters ${String(call.input)}`)
        return undefined
      },
      leave: (call, error) => void told.push(`leaves ${String(call.input)}${error === undefined ? '' : ' failed'}`),
      ...inner,
    }),
  })
  return { ...here, gate, late, told }
}

const input = (here: Bench, name: string, options = {}): Call => here.call(options, {}, name)

test('shows its settings before its code is there, and begins to load for an operation that it applies to', async () => {
  const { gate, late } = setUp()
  expect(gate.settings).toEqual({ shown: true })
  expect([gate.appliesTo({ name: 'item.find' } as never), late.loads]).toEqual([false, 0])
  expect([gate.appliesTo({ name: 'item.get' } as never), late.loads]).toEqual([true, 1])
})

test('calls wait for the code, go on in their order, and are left once each', async () => {
  const here = setUp()
  const { gate, late, told } = here
  const calls = ['first', 'second', 'third'].map((name) => through(gate, input(here, name), () => name))
  await here.clock.settle()
  expect([told, late.loads]).toEqual([[], 1])
  await late.arrive()
  expect(await Promise.all(calls)).toEqual(['first', 'second', 'third'])
  expect(told.filter((line) => line.includes('enters'))).toEqual([
    'inner enters first',
    'inner enters second',
    'inner enters third',
  ])
  expect(told.filter((line) => line.includes('leaves'))).toHaveLength(3)
})

test('once it is there, it is the gate itself: nothing waits', async () => {
  const here = setUp({ enter: () => new Answer('kept'), recover: () => new Answer('old') })
  const ready = here.gate.ready()
  await here.late.arrive()
  await ready
  const call = input(here, 'late')
  expect(here.gate.enter(call)).toMatchObject({ value: 'kept' })
  expect(here.gate.recover(call, failure())).toMatchObject({ value: 'old' })
})

test('a call that is given up while the code is on its way ends at once and never reaches the gate', async () => {
  const here = setUp()
  const call = input(here, 'given up')
  const entering = here.gate.enter(call)
  call.cancel('changed my mind', true)
  await expect(entering).rejects.toBe('changed my mind')
  await here.late.arrive()
  expect(here.told).toEqual([])
})

test('the deadline holds while the code is on its way', async () => {
  const here = setUp()
  const call = input(here, 'slow', { timeoutMs: 200 })
  deadlinePolicy().enter?.(call)
  const entering = expect(here.gate.enter(call)).rejects.toMatchObject({ facts: { kind: 'timeout', code: 'deadline' } })
  await here.clock.advance(300)
  await entering
  await here.late.arrive()
  expect(here.told).toEqual([])
})

test('code that cannot be loaded fails the calls that need it, and the next call tries again', async () => {
  const here = setUp()
  const { gate, late, told } = here
  const facts = { kind: 'unexpected', code: 'code-not-loaded', retry: 'later', sent: 'none' }
  const failed = [expect(gate.enter(input(here, 'a'))).rejects.toMatchObject({ facts })]
  failed.push(expect(gate.ready()).rejects.toMatchObject({ facts, cause: { code: 'EMFILE' } }))
  await late.fail()
  await Promise.all(failed)
  const again = through(gate, input(here, 'b'), () => 'done')
  await late.arrive()
  expect(await again).toBe('done')
  expect([told, late.loads]).toEqual([['inner enters b', 'leaves b'], 2])
})
