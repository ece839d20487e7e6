import { describe, expect, it } from 'vitest'
import type { Call } from '../call.ts'
import { type Bench, bench, failure } from './fixtures/drive-gate.ts'
import { type LateCode, lateCode } from './fixtures/late-code.ts'
import { LateThrottle, type ThrottleCode } from './throttle-late.ts'
import type { ThrottleLimit } from './throttle-meters.ts'
import { makeThrottle, type ThrottleParts } from './throttle-state.ts'

interface Here extends Bench {
  readonly late: LateCode<ThrottleCode>
  readonly throttle: LateThrottle
  /** Enters as the policy does, and notes when the call was let through. */
  send(name: string, options?: Parameters<Bench['call']>[0]): Call
  readonly sent: string[]
}

function setUp(limits: readonly ThrottleLimit[] = []): Here {
  const here = bench()
  const { clock, random } = here.scope
  const queue = { concurrency: Number.POSITIVE_INFINITY, maxQueue: 100, maxWaitMs: Number.POSITIVE_INFINITY }
  const parts: ThrottleParts = {
    ...{ clock, random, limits, queue, adaptive: true, maxPauseMs: 3_600_000 },
    ...{ shared: undefined, key: '' },
  }
  const late = lateCode<ThrottleCode>({ makeThrottle })
  const throttle = new LateThrottle(late.code, parts, limits.length > 0)
  const sent: string[] = []
  return {
    ...here,
    late,
    throttle,
    sent,
    send(name, options) {
      const call = here.call(options)
      const entering = throttle.throttle === undefined ? throttle.enter(call) : throttle.throttle.queue.enter(call, 1)
      const note = (): void => void sent.push(`${name} at ${clock.monotonic()}`)
      if (entering === undefined) note()
      else entering.then(note, (reason: unknown) => sent.push(`${name} not: ${codeOf(reason)}`))
      return call
    },
  }
}

function codeOf(reason: unknown): string {
  return (reason as { facts?: { code?: string } }).facts?.code ?? String(reason)
}

const refused = (retryAfterMs?: number) => failure({ kind: 'rate-limited', status: 429, retryAfterMs })

describe('a throttle without limits', () => {
  it('loads nothing and lets everything through until the vendor says something', async () => {
    const { send, sent, throttle, late } = setUp()
    const first = send('a')
    send('b')
    throttle.leave(first, undefined)
    expect([sent, late.loads, throttle.state.inFlight]).toEqual([['a at 0', 'b at 0'], 0, 1])
  })

  it('loses no pause between the refusal and the code', async () => {
    const { send, sent, throttle, late, clock } = setUp()
    const [first, other] = [send('first'), send('other')]
    throttle.leave(first, refused(5_000))
    send('waits')
    throttle.leave(other, undefined)
    await clock.advance(1_000)
    expect([sent, late.loads]).toEqual([['first at 0', 'other at 0'], 1])
    await late.arrive()
    expect(throttle.state).toMatchObject({ inFlight: 0, waiting: 1, pausedMs: 5_000 })
    expect(first.decisions).toMatchObject([{ policy: 'throttle', decision: 'pause', numbers: { pauseMs: 5_000 } }])
    await clock.advance(5_000)
    expect(sent.at(-1)).toBe('waits at 6000')
  })

  it('knows what an answer told before the code was there', async () => {
    const { send, sent, throttle, late, clock } = setUp()
    const first = send('first')
    throttle.learn(first, { limit: 100, remaining: 0, resetMs: 2_000 })
    throttle.leave(first, undefined)
    send('waits')
    await late.arrive()
    await clock.advance(1_999)
    expect(sent).toEqual(['first at 0'])
    await clock.advance(1)
    expect(sent.at(-1)).toBe('waits at 2000')
  })

  it('compares what an answer told with what was under way then', async () => {
    const { send, sent, throttle, late, clock } = setUp()
    const [first] = [send('first'), send('second'), send('third')]
    throttle.learn(first as Call, { remaining: 2, resetMs: 1_000 })
    throttle.leave(first as Call, undefined)
    send('waits')
    await late.arrive()
    await clock.advance(1_000)
    expect(sent.at(-1)).toBe('waits at 1000')
  })

  it('knows the rate that was refused, although only the counter saw it', async () => {
    const { send, throttle, late, clock } = setUp()
    for (let tick = 0; tick < 100; tick++) {
      const call = send('call')
      await clock.advance(50)
      throttle.leave(call, tick === 99 ? refused() : undefined)
    }
    await late.arrive()
    expect(throttle.state.adaptiveRate).toBeGreaterThan(12)
    expect(throttle.state.adaptiveRate).toBeLessThan(15)
  })

  it('goes past nothing that the vendor said when its code cannot be loaded, and forgets nothing of it', async () => {
    const { send, sent, throttle, late, clock } = setUp()
    throttle.leave(send('first'), refused(5_000))
    await late.fail()
    send('fails')
    await late.fail()
    expect(sent).toEqual(['first at 0', 'fails not: code-not-loaded'])
    send('waits')
    await late.arrive()
    await clock.advance(5_000)
    expect([sent.at(-1), late.loads]).toEqual(['waits at 5000', 3])
  })

  it('a call that waits for the code can be given up', async () => {
    const { send, sent, throttle, late, clock } = setUp()
    throttle.leave(send('first'), refused(100))
    send('given up').cancel('enough', true)
    await clock.settle()
    expect(sent.at(-1)).toBe('given up not: enough')
    await late.arrive()
    expect(throttle.state).toMatchObject({ inFlight: 0, waiting: 0 })
  })
})

describe('a throttle with limits', () => {
  it('loads at once; calls wait for it and then for their turn, in their order', async () => {
    const { send, sent, late, clock } = setUp([{ units: 2, perMs: 1000, burst: 2, kind: 'bucket' }])
    expect(late.loads).toBe(1)
    for (const name of ['a', 'b', 'c', 'd']) send(name)
    await clock.advance(300)
    expect(sent).toEqual([])
    await late.arrive()
    await clock.advance(2_000)
    expect(sent).toEqual(['a at 300', 'b at 300', 'c at 800', 'd at 1300'])
  })
})
