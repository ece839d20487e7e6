import { describe, expect, it } from 'vitest'
import type { Store, WriteGroup, WriteResult } from '../../store.ts'
import { memoryStore } from '../../stores/memory.ts'
import { type FakeClock, fakeClock, seededRandom } from '../../testing/index.ts'
import { QueueConsumer } from './consumer.ts'
import type { ConsumerOptions, ItemOutcome, QueueTask, TryResult } from './consumer-options.ts'
import { WorkQueue } from './work-queue.ts'

/** Data is `key value`. */
function setup(options: Partial<ConsumerOptions> & { readonly store?: Store; readonly clock?: FakeClock } = {}) {
  const clock = options.clock ?? fakeClock()
  const store = options.store ?? memoryStore({ clock })
  const queue = new WorkQueue(store, 'q/')
  const handled: string[] = []
  const ends: [string, ItemOutcome, number][] = []
  const make = (
    handle: (task: QueueTask) => Promise<TryResult> | TryResult = () => ({ kind: 'done' }),
    more: Partial<ConsumerOptions> = {},
    own = new WorkQueue(store, 'q/'),
  ) =>
    new QueueConsumer(own, {
      clock,
      random: seededRandom(1),
      concurrency: () => 4,
      keyOf: ({ data }) => data.split(' ')[0] || undefined,
      delayMs: (attempts) => [1000, 5000][attempts - 1],
      onPoison: 'park',
      onEnd: ({ id }, outcome, attempts) => ends.push([id, outcome, attempts]),
      retentionMs: 3_600_000,
      deadRetentionMs: 3_600_000,
      historyRecords: 100,
      ...options,
      ...more,
      handle: async (task) => {
        handled.push(task.item.id)
        return handle(task)
      },
    })
  return { clock, store, queue, handled, ends, make }
}

const fail: TryResult = { kind: 'failed', reason: 'no' }

describe('QueueConsumer', () => {
  it('handles items once, in order per key, and nothing again after a restart', async () => {
    const { queue, make, handled, clock } = setup()
    for (let index = 0; index < 30; index++) await queue.put(`m${index}`, `k${index % 3} ${index}`)
    expect(await queue.put('m0', 'again')).toBe(false)
    const running = new Set<string>()
    const order: Record<string, number[]> = {}
    const consumer = make(async ({ item, key }) => {
      expect(running.has(key ?? '')).toBe(false)
      running.add(key ?? '')
      await new Promise<void>((resolve) => clock.afterInput(resolve))
      order[key ?? ''] = [...(order[key ?? ''] ?? []), Number(item.data.split(' ')[1])]
      running.delete(key ?? '')
      return { kind: 'done' }
    })
    await consumer.start()
    await consumer.idle()
    expect(handled).toHaveLength(30)
    for (const list of Object.values(order)) expect(list).toEqual([...list].sort((a, b) => a - b))
    await consumer.stop()
    const second = make()
    await second.start()
    await second.idle()
    await second.stop()
    expect(handled).toHaveLength(30)
    expect(clock.pending).toEqual({ timers: 0, intervals: 0, afterInput: 0 })
  })

  it('retries by the schedule while the key waits and others go on', async () => {
    const { queue, make, handled, ends, clock } = setup()
    for (const [id, data] of [
      ['a1', 'a 1'],
      ['a2', 'a 2'],
      ['b1', 'b 1'],
    ] as const)
      await queue.put(id, data)
    const consumer = make(({ item, attempt }) => (item.id === 'a1' && attempt < 3 ? fail : { kind: 'done' }))
    await consumer.start()
    await consumer.idle()
    expect(handled).toEqual(['a1', 'b1'])
    await queue.put('a3', 'a 3')
    await clock.advance(999)
    expect(handled).toEqual(['a1', 'b1'])
    await clock.advance(1)
    expect(handled).toEqual(['a1', 'b1', 'a1'])
    await clock.advance(5000)
    expect(handled).toEqual(['a1', 'b1', 'a1', 'a1', 'a2', 'a3'])
    expect(ends.filter(([id]) => id === 'a1')).toEqual([
      ['a1', 'retry', 1],
      ['a1', 'retry', 2],
      ['a1', 'done', 3],
    ])
    await consumer.stop()
  })

  it('parks a poisoned key over restarts, until it is released', async () => {
    const { queue, make, handled, ends, clock, store } = setup()
    for (const [id, data] of [
      ['a1', 'a 1'],
      ['a2', 'a 2'],
      ['b1', 'b 1'],
    ] as const)
      await queue.put(id, data)
    let broken = true
    const handle = ({ item }: QueueTask) => (item.id === 'a1' && broken ? fail : ({ kind: 'done' } as const))
    const first = make(handle)
    await first.start()
    await clock.advance(10_000)
    expect(ends.at(-1)).toEqual(['a1', 'parked', 3])
    expect((await queue.held()).map(({ id, state }) => [id, state])).toEqual([
      ['a1', 'parked'],
      ['a2', 'behind'],
    ])
    await first.stop()
    const second = make(handle)
    await second.start()
    await queue.put('a3', 'a 3')
    await clock.advance(60_000)
    expect(handled.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a1', 'a1'])
    await queue.command({ kind: 'release', key: 'a' })
    await clock.advance(1000)
    expect(ends.at(-1)).toEqual(['a1', 'parked', 4])
    broken = false
    await queue.command({ kind: 'release', key: 'a' })
    await clock.advance(1000)
    expect(handled.slice(-3)).toEqual(['a1', 'a2', 'a3'])
    await second.stop()
    expect(await store.list('q/held/')).toEqual([])
  })

  it('obeys an order of its own process before it counts as idle', async () => {
    const { make, ends, queue } = setup()
    await queue.put('a1', 'a 1')
    let broken = true
    const consumer = make(() => (broken ? fail : { kind: 'done' }), { delayMs: () => undefined }, queue)
    await consumer.start()
    await consumer.idle()
    expect(ends).toEqual([['a1', 'parked', 1]])
    broken = false
    await queue.command({ kind: 'release', key: 'a' })
    await consumer.idle()
    expect(ends.at(-1)).toEqual(['a1', 'done', 2])
    await consumer.stop()
  })

  it('discards the item that holds its key back', async () => {
    const { queue, make, handled, clock } = setup()
    await queue.put('a1', 'a 1')
    await queue.put('a2', 'a 2')
    const consumer = make(({ item }) => (item.id === 'a1' ? fail : { kind: 'done' }))
    await consumer.start()
    await clock.advance(10_000)
    await queue.command({ kind: 'discard', id: 'a1' })
    await clock.advance(1000)
    expect(handled.at(-1)).toBe('a2')
    expect(await queue.dead()).toMatchObject([{ id: 'a1', state: 'dead', reason: 'discarded', data: 'a 1' }])
    await consumer.stop()
  })

  it('puts items without a key aside when no try is left, and replays them', async () => {
    const { queue, make, handled, ends, clock } = setup({ keyOf: () => undefined })
    await queue.put('x', 'data')
    let broken = true
    const consumer = make(() => (broken ? fail : { kind: 'done' }))
    await consumer.start()
    await clock.advance(10_000)
    expect(ends.at(-1)).toEqual(['x', 'dead', 3])
    expect(await queue.replay('other')).toBe('unknown')
    broken = false
    expect(await queue.replay('x')).toBe('replayed')
    expect(await queue.replay('x')).toBe('pending')
    await clock.advance(1000)
    expect([handled.length, ends.at(-1)]).toEqual([4, ['x', 'done', 1]])
    expect(await queue.dead()).toEqual([])
    // Once more, now out of the log's history; the older records of the id do not count.
    expect(await queue.replay('x')).toBe('replayed')
    await clock.advance(1000)
    expect(handled).toHaveLength(5)
    await consumer.stop()
    const second = make()
    await second.start()
    await second.idle()
    expect(handled).toHaveLength(5)
    await second.stop()
  })

  it('settles an item once, whoever tries: of two consumers that both handled it, one writes', async () => {
    const { queue, make, store } = setup()
    for (let index = 0; index < 20; index++) await queue.put(`m${index}`, `k${index} x`)
    const effect = ({ item }: QueueTask): TryResult => ({
      kind: 'done',
      writes: [{ kind: 'append', log: 'effects', value: item.id }],
    })
    const consumers = [make(effect), make(effect)]
    await Promise.all(consumers.map((consumer) => consumer.start()))
    await Promise.all(consumers.map((consumer) => consumer.idle()))
    await Promise.all(consumers.map((consumer) => consumer.stop()))
    const effects = (await store.read('effects', 0)).map(({ value }) => value)
    expect([effects.length, new Set(effects).size]).toEqual([20, 20])
  })

  it('fails the try when a condition of the handler does not hold, and writes nothing', async () => {
    const { queue, make, store, ends, clock } = setup()
    await queue.put('m', 'k x')
    await store.write([[{ kind: 'put', key: 'taken', value: '1' }]])
    const consumer = make(() => ({
      kind: 'done',
      writes: [
        { kind: 'append', log: 'effects', value: 'm' },
        { kind: 'put', key: 'taken', value: '2', ifVersion: 'absent' },
      ],
    }))
    await consumer.start()
    await clock.advance(0)
    expect(ends).toEqual([['m', 'retry', 1]])
    expect(await store.read('effects', 0)).toEqual([])
    await consumer.stop()
  })

  it('bounds the log, the state and the held items', async () => {
    const { queue, make, store, clock } = setup({ historyRecords: 50, retentionMs: 1000 })
    const consumer = make()
    await consumer.start()
    for (let index = 0; index < 2000; index++) await queue.put(`m${index}`, `k${index % 7} x`)
    await clock.advance(2000)
    await consumer.stop()
    expect((await store.read('q/log', 0, 1000)).length).toBeLessThanOrEqual(51)
    expect(await store.list('q/state/', { limit: 1000 })).toEqual([])
    expect(await store.list('q/held/')).toEqual([])
  })

  it('is fair: a key with many items does not keep others waiting', async () => {
    const { queue, make, handled } = setup({ concurrency: () => 1 })
    for (let index = 0; index < 50; index++) await queue.put(`big${index}`, `big ${index}`)
    await queue.put('small', 'small 1')
    const consumer = make()
    await consumer.start()
    await consumer.idle()
    expect(handled.indexOf('small')).toBeLessThan(3)
    await consumer.stop()
  })

  it('does not let a waiting key fill the window', async () => {
    const { queue, make, handled, clock } = setup({ window: 8 })
    await queue.put('a0', 'a 0')
    for (let index = 1; index < 100; index++) await queue.put(`a${index}`, `a ${index}`)
    for (let index = 0; index < 20; index++) await queue.put(`b${index}`, `b ${index}`)
    const consumer = make(({ item }) => (item.id === 'a0' ? fail : { kind: 'done' }))
    await consumer.start()
    await consumer.idle()
    expect(handled.filter((id) => id.startsWith('b'))).toHaveLength(20)
    await clock.advance(7000)
    expect(handled.filter((id) => id.startsWith('a'))).toEqual(['a0', 'a0', 'a0'])
    await consumer.stop()
  })

  it('pauses and resumes', async () => {
    const { queue, make, handled } = setup()
    const consumer = make()
    consumer.pause()
    await consumer.start()
    await queue.put('m', 'k x')
    await consumer.idle()
    expect(handled).toEqual([])
    consumer.resume()
    await consumer.idle()
    expect(handled).toEqual(['m'])
    await consumer.stop()
  })

  it('survives a store that fails now and then, also one that wrote before it failed', async () => {
    const clock = fakeClock()
    const inner = memoryStore({ clock })
    const random = seededRandom('flaky')
    const flaky: Store = {
      get: (key) => (random.next() < 0.1 ? Promise.reject(new Error('read')) : inner.get(key)),
      list: (...input) => inner.list(...input),
      read: (...input) => (random.next() < 0.1 ? Promise.reject(new Error('read')) : inner.read(...input)),
      trim: (...input) => inner.trim(...input),
      close: () => inner.close(),
      write: async (groups: readonly WriteGroup[]): Promise<readonly WriteResult[]> => {
        const dice = random.next()
        if (dice < 0.1) throw new Error('not written')
        const results = await inner.write(groups)
        if (dice < 0.2) throw new Error('written, and the answer lost')
        return results
      },
    }
    const { make } = setup({ store: flaky, clock })
    const good = new WorkQueue(inner, 'q/')
    for (let index = 0; index < 200; index++) await good.put(`m${index}`, `k${index % 9} x`)
    const effect = ({ item, attempt }: QueueTask): TryResult =>
      random.next() < 0.2 && attempt < 3
        ? fail
        : { kind: 'done', writes: [{ kind: 'append', log: 'effects', value: item.id }] }
    const consumer = make(effect)
    await consumer.start()
    await clock.advance(600_000)
    await consumer.stop()
    const effects = (await inner.read('effects', 0, 1000)).map(({ value }) => value)
    expect([effects.length, new Set(effects).size]).toEqual([200, 200])
    expect(await inner.list('q/held/')).toEqual([])
  })
})
