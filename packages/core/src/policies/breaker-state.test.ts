import { expect, test } from 'vitest'
import type { Call } from '../call.ts'
import * as recovery from './breaker-recovery.ts'
import { Breaker } from './breaker-state.ts'
import { CountWindow } from './breaker-window.ts'
import { type Bench, bench } from './fixtures/drive-gate.ts'
import { type LateCode, lateCode } from './fixtures/late-code.ts'

const settings = {
  ...{ failureRatio: 0.5, slowRatio: 0.8, minimumCalls: 1, breakMs: 5_000, maxBreakMs: 60_000 },
  ...{ jitter: 0, probes: 1, slowStart: 0 },
}

/** A breaker whose code for what follows an opening is not there yet. */
function setUp(): Bench & { breaker: Breaker; late: LateCode<typeof recovery>; fail(): Call } {
  const here = bench()
  const { clock, random } = here.scope
  const late = lateCode(recovery)
  const breaker = new Breaker(settings, new CountWindow(10), clock, random, late.code)
  const fail = (): Call => {
    const call = here.call()
    breaker.settle(call, 'failure', false, clock.monotonic())
    return call
  }
  return { ...here, breaker, late, fail }
}

test('successes load nothing; the first failure does, and may open at once', () => {
  const { breaker, late, call, fail } = setUp()
  breaker.succeed(call(), 0)
  expect(late.loads).toBe(0)
  fail()
  expect([late.loads, breaker.state, breaker.free]).toEqual([1, 'open', false])
})

test('no call passes an open breaker while the code is on its way', async () => {
  const { breaker, late, call, clock, fail } = setUp()
  fail()
  const refused = expect(breaker.admit(call())).rejects.toMatchObject({
    facts: { code: 'breaker-open', sent: 'none', retryAfterMs: 4_000 },
  })
  const given = call()
  const up = expect(breaker.admit(given)).rejects.toBe('enough')
  given.cancel('enough', true)
  await up
  await clock.advance(1_000)
  await late.arrive()
  await refused
  await clock.advance(4_000)
  expect(breaker.admit(call())).toBeUndefined()
  expect(breaker.state).toBe('half-open')
})

test('isolation by hand holds from the moment on, and ends with a reset, also while the code is on its way', async () => {
  const { breaker, late, call } = setUp()
  breaker.isolate()
  const waiting = breaker.admit(call())
  breaker.reset()
  await late.arrive()
  await expect(waiting).resolves.toBeUndefined()
  breaker.isolate()
  expect(() => breaker.admit(call())).toThrow(
    expect.objectContaining({ facts: expect.objectContaining({ code: 'breaker-isolated' }) }),
  )
})

test('code that cannot be loaded lets nobody through; the next call tries again', async () => {
  const { breaker, late, call, clock, fail } = setUp()
  fail()
  const failed = expect(breaker.admit(call())).rejects.toMatchObject({ facts: { code: 'code-not-loaded' } })
  await late.fail()
  await failed
  await clock.advance(5_000)
  const probe = breaker.admit(call())
  await late.arrive()
  await expect(probe).resolves.toBeUndefined()
  expect([breaker.state, late.loads]).toEqual(['half-open', 2])
})
