import { type CallOptions, isPatchbayError } from '@patchbay/core'
import type { FakeAnswer } from '@patchbay/core/testing'
import { describe, expect, it } from 'vitest'
import { type BatchOptions, batch, type Verdict } from './batch.ts'
import { flowBench } from './fixtures/flow-bench.ts'

interface Line {
  readonly id: number
  readonly status: number
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** A vendor that answers 207 with a verdict per item. */
function vendor(judge: (id: number, time: number) => number): { answer: FakeAnswer; seen: number[][] } {
  const seen: number[][] = []
  const times = new Map<number, number>()
  const answer: FakeAnswer = (request) => {
    const ids = request.json() as number[]
    seen.push(ids)
    const lines = ids.map((id) => {
      const time = (times.get(id) ?? 0) + 1
      times.set(id, time)
      return { id, status: judge(id, time) }
    })
    return { status: 207, json: lines }
  }
  return { answer, seen }
}

function sending(bench: ReturnType<typeof flowBench>, count: number, more: Partial<BatchOptions<number, string>>) {
  return batch<number, string>(bench.connection, numbers(count), {
    size: 10,
    async each(items, call: CallOptions): Promise<readonly Verdict<string>[]> {
      const input = { path: '/items', json: items, accept: [207] }
      const { value } = await bench.connection.request.write<readonly Line[]>(input, call)
      return value.map(({ id, status }) =>
        status === 200 ? { ok: true, value: `item ${id}` } : { ok: false, error: status, retry: status === 503 },
      )
    },
    ...more,
  })
}

describe('batch', () => {
  it('splits, and gives the verdicts in the order of the items', async () => {
    const { answer, seen } = vendor((id) => (id % 7 === 3 ? 422 : 200))
    const bench = flowBench(answer)
    const progress: number[] = []
    const verdicts = await bench.clock.runUntil(
      sending(bench, 25, { onProgress: ({ done, failed }) => progress.push(done, failed) }),
    )
    expect(seen.map((ids) => ids.length)).toEqual([10, 10, 5])
    expect(verdicts.map((verdict) => verdict.ok)).toEqual(numbers(25).map((id) => id % 7 !== 3))
    expect(verdicts[4]).toEqual({ ok: true, value: 'item 4' })
    expect(progress).toEqual([10, 1, 20, 3, 25, 4])
  })

  it('sends again only what failed and may pass, and only where it may be repeated', async () => {
    const judge = (id: number, time: number): number => (id % 5 === 0 && time < 3 ? 503 : id === 7 ? 422 : 200)
    const once = vendor(judge)
    const careful = flowBench(once.answer)
    const first = await careful.clock.runUntil(sending(careful, 20, {}))
    expect(first.filter(({ ok }) => !ok)).toHaveLength(5)
    expect(once.seen).toHaveLength(2)
    const { answer, seen } = vendor(judge)
    const bench = flowBench(answer)
    const verdicts = await bench.clock.runUntil(sending(bench, 20, { repeatable: true }))
    expect(verdicts.flatMap(({ ok }, id) => (ok ? [] : [id]))).toEqual([7])
    expect(seen.slice(2)).toEqual([
      [0, 5, 10, 15],
      [0, 5, 10, 15],
    ])
  })

  it('fails the items of a failed request and no others', async () => {
    let asked = 0
    const bench = flowBench((request) => {
      if (++asked === 2) return { status: 400, json: { message: 'no' } }
      return { status: 207, json: (request.json() as number[]).map((id) => ({ id, status: 200 })) }
    })
    const verdicts = await bench.clock.runUntil(sending(bench, 30, {}))
    expect(verdicts.map(({ ok }) => ok)).toEqual(numbers(30).map((id) => id < 10 || id >= 20))
    const [failed] = verdicts.filter((verdict) => !verdict.ok)
    expect(failed?.ok === false && isPatchbayError(failed.error) && failed.error.kind).toBe('invalid-input')
  })

  it('keeps to its concurrency', async () => {
    let running = 0
    let most = 0
    const bench = flowBench(async (request) => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => bench.clock.timer(100, resolve))
      running--
      return { status: 207, json: (request.json() as number[]).map((id) => ({ id, status: 200 })) }
    })
    await bench.clock.runUntil(sending(bench, 100, { concurrency: 3 }))
    expect(most).toBe(3)
    expect(bench.clock.monotonic()).toBe(400)
  })

  it('stops when it is given up, and has told what was done', async () => {
    const controller = new AbortController()
    const { answer, seen } = vendor(() => 200)
    const bench = flowBench(answer)
    const told: number[] = []
    const reason = new Error('enough')
    const work = sending(bench, 50, {
      signal: controller.signal,
      onVerdict: (_verdict, index) => {
        told.push(index)
        if (index === 19) controller.abort(reason)
      },
    })
    await expect(bench.clock.runUntil(work)).rejects.toBe(reason)
    expect(told).toEqual(numbers(20))
    expect(seen).toHaveLength(2)
  })

  it('takes a wrong number of verdicts for the bug that it is', async () => {
    const bench = flowBench(() => ({ status: 207, json: [] }))
    await expect(bench.clock.runUntil(sending(bench, 5, {}))).rejects.toMatchObject({ code: 'verdicts' })
    await expect(sending(bench, 5, { size: 0 })).rejects.toMatchObject({ kind: 'invalid-input' })
    expect(await sending(bench, 0, {})).toEqual([])
  })
})
