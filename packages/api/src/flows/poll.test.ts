import type { FakeReply } from '@patchbay/core/testing'
import { describe, expect, it } from 'vitest'
import { fixedReplies } from './fixtures/fixed-replies.ts'
import { flowBench } from './fixtures/flow-bench.ts'
import { poll } from './poll.ts'

interface Status {
  readonly state: string
}

const states = (...replies: readonly (string | FakeReply)[]) =>
  fixedReplies(replies.map((one) => (typeof one === 'string' ? { json: { state: one } } : one)))

function waiting(bench: ReturnType<typeof flowBench>, more: object = {}) {
  return poll<Status>(bench.connection, {
    ask: async (call) => (await bench.connection.resource.get<Status>({ path: '/job' }, call)).value,
    until: ({ state }) => state === 'done',
    ...more,
  })
}

describe('poll', () => {
  it('asks in growing intervals until the answer is right', async () => {
    const bench = flowBench(states('queued', 'running', 'running', 'done'))
    const seen: string[] = []
    const started = bench.clock.monotonic()
    const work = waiting(bench, {
      factor: 2,
      onProgress: ({ answer }: { answer: Status }) => seen.push(answer.state),
    })
    expect(await bench.clock.runUntil(work)).toEqual({ state: 'done' })
    expect(seen).toEqual(['queued', 'running', 'running', 'done'])
    const took = bench.clock.monotonic() - started
    expect(took).toBeGreaterThan(7000 * 0.9)
    expect(took).toBeLessThan(7000 * 1.1)
  })

  it('waits out what passes, as long as the vendor asks, and no more', async () => {
    const busy = { status: 503, headers: { 'retry-after': '20' }, json: {} }
    const bench = flowBench(states(busy, busy, 'done'))
    await bench.clock.runUntil(waiting(bench))
    expect(bench.clock.monotonic()).toBeGreaterThanOrEqual(40_000)
    const broken = flowBench(states(busy))
    const failing = waiting(broken, { failures: 2 })
    await expect(broken.clock.runUntil(failing)).rejects.toMatchObject({ kind: 'unavailable' })
    expect(broken.requests).toHaveLength(3)
    const gone = flowBench(states({ status: 404, json: {} }))
    await expect(gone.clock.runUntil(waiting(gone))).rejects.toMatchObject({ kind: 'not-found' })
    expect(gone.requests).toHaveLength(1)
  })

  it('ends at its time and with its signal, and leaves no timer', async () => {
    const late = flowBench(states('running'))
    await expect(late.clock.runUntil(waiting(late, { timeoutMs: 10_000 }))).rejects.toMatchObject({
      kind: 'timeout',
      code: 'flow-deadline',
    })
    expect(late.clock.monotonic()).toBe(10_000)
    const bench = flowBench(states('running'))
    const controller = new AbortController()
    const reason = new Error('enough')
    bench.clock.timer(5000, () => controller.abort(reason))
    await expect(bench.clock.runUntil(waiting(bench, { signal: controller.signal }))).rejects.toBe(reason)
    expect(bench.clock.monotonic()).toBe(5000)
    await bench.clock.advance(100)
    expect(bench.clock.pending.timers).toBe(0)
  })

  it('refuses a pace that makes no sense', async () => {
    const bench = flowBench(states('done'))
    await expect(waiting(bench, { factor: 0.5 })).rejects.toMatchObject({ kind: 'invalid-input' })
    await expect(waiting(bench, { timeoutMs: 0 })).rejects.toMatchObject({ kind: 'invalid-input' })
  })
})
