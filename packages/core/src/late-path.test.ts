import { expect, test } from 'vitest'
import type { Call } from './call.ts'
import type { CallOptions } from './call-options.ts'
import { defineConnector } from './connector.ts'
import * as firstUse from './first-use.ts'
import { LatePath, type UsingCode } from './late-path.ts'
import { lazy } from './lazy.ts'
import { operation } from './operation.ts'
import { deadlinePolicy } from './policies/deadline.ts'
import { type Bench, bench } from './policies/fixtures/drive-gate.ts'
import { type LateCode, lateCode } from './policies/fixtures/late-code.ts'
import { unchecked } from './schema.ts'

interface Here extends Bench {
  readonly late: LateCode<UsingCode>
  readonly path: LatePath
  /** Inputs that reached the operation. */
  readonly ran: unknown[]
  /** How many calls are over. */
  over(): number
  send(input: string, options?: CallOptions): Promise<unknown>
}

/** A path whose code is not there yet. */
async function setUp(): Promise<Here> {
  const here = bench()
  const ran: unknown[] = []
  const get = operation(
    { name: 'item.get', effect: 'read', input: unchecked<string>(), output: unchecked<unknown>() },
    async (_client: object, input) => {
      ran.push(input)
      return input
    },
  )
  const connector = defineConnector({
    contract: 1,
    manifest: { id: 'api/example', title: 'Example', summary: 'A vendor under the test.', version: '1.0.0' },
    config: unchecked<object>(),
    credentials: [],
    operations: { 'item.get': get },
    open: async () => ({}),
  })
  const client = lazy(async (): Promise<unknown> => ({}))
  await client()
  const late = lateCode<UsingCode>(firstUse)
  let over = 0
  const ended = (): void => {
    over++
  }
  const outer = [deadlinePolicy({ timeoutMs: 1_000 })]
  const path = new LatePath({ connector, operation: get, client, outer, inner: [], retry: undefined, ended }, late.code)
  const send = (input: string, options: CallOptions = {}): Promise<unknown> => {
    const call: Call = here.call(options, get.spec, input)
    return path.run(call)
  }
  return { ...here, late, path, ran, over: () => over, send }
}

test('first calls wait for the code, and go on in their order', async () => {
  const { send, late, ran, over } = await setUp()
  const calls = ['a', 'b', 'c'].map((input) => send(input))
  expect([late.loads, ran]).toEqual([1, []])
  await late.arrive()
  expect(await Promise.all(calls)).toEqual(['a', 'b', 'c'])
  expect([ran, over()]).toEqual([['a', 'b', 'c'], 3])
})

test('a caller’s signal ends a call while the code is on its way, with its own reason', async () => {
  const { send, late, ran, over } = await setUp()
  const controller = new AbortController()
  const call = send('a', { signal: controller.signal })
  const reason = { why: 'user left' }
  controller.abort(reason)
  await expect(call).rejects.toBe(reason)
  await expect(send('b', { signal: controller.signal })).rejects.toBe(reason)
  await late.arrive()
  expect([ran, over()]).toEqual([[], 2])
})

test('the deadline holds while the code is on its way, and leaves nothing behind', async () => {
  const { send, late, ran, over, clock } = await setUp()
  const tooLate = expect(send('a')).rejects.toMatchObject({
    ...{ kind: 'timeout', code: 'deadline', sent: 'none', attempts: 0 },
    ...{ connector: 'api/example', operation: 'item.get' },
  })
  const passed = expect(send('b', { deadline: new Date(clock.now() - 1) })).rejects.toMatchObject({ code: 'deadline' })
  await clock.advance(1_050)
  await tooLate
  await passed
  await late.arrive()
  await clock.advance(100)
  expect([ran, over(), clock.pending]).toEqual([[], 2, { timers: 0, intervals: 0, afterInput: 0 }])
})

test('the wait counts: the deadline runs from the start of the call', async () => {
  const { send, late, clock } = await setUp()
  const call = send('a')
  await clock.advance(900)
  await late.arrive()
  expect(await call).toBe('a')
  await clock.advance(200)
  expect(clock.pending).toEqual({ timers: 0, intervals: 0, afterInput: 0 })
})

test('code that cannot be loaded fails the call, and the next one loads it again', async () => {
  const { send, late, over } = await setUp()
  const failed = expect(send('a')).rejects.toMatchObject({
    ...{ kind: 'unexpected', code: 'code-not-loaded', retry: 'later', sent: 'none' },
  })
  await late.fail()
  await failed
  const next = send('b')
  await late.arrive()
  expect([await next, late.loads, over()]).toEqual(['b', 2, 2])
})
