import { describe, expect, it } from 'vitest'
import { seededRandom } from './seeded-random.ts'
import { explore, seededScheduler } from './seeded-scheduler.ts'

describe('seededRandom', () => {
  it('repeats itself for a seed and differs between seeds', () => {
    const draw = (seed: number | string) => Array.from({ length: 5 }, seededRandom(seed).next)
    expect(draw(7)).toEqual(draw('7'))
    expect(new Set([draw(1), draw(2), draw('a'), draw('b')].flat()).size).toBe(20)
  })

  it('gives the same numbers on every machine', () => {
    const random = seededRandom('patchbay')
    expect([random.below(1000), random.below(1000), random.below(1000)]).toMatchInlineSnapshot(`
      [
        139,
        311,
        55,
      ]
    `)
    expect(random.uuid()).toMatchInlineSnapshot(`"bdfc1d62-196b-493c-b829-5d684f632ebd"`)
  })

  it('is uniform in [0, 1)', () => {
    const random = seededRandom(3)
    const buckets = new Array<number>(10).fill(0)
    for (let draw = 0; draw < 100_000; draw++) {
      const value = random.next()
      expect(value >= 0 && value < 1).toBe(true)
      buckets[Math.floor(value * 10)] = (buckets[Math.floor(value * 10)] ?? 0) + 1
    }
    // 1000 is more than ten standard deviations.
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(1000)
  })

  it('makes bytes of any length and UUIDs of version 4', () => {
    const random = seededRandom(5)
    for (const length of [0, 1, 3, 4, 5, 33]) expect(random.bytes(length)).toHaveLength(length)
    for (let round = 0; round < 50; round++)
      expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('picks, shuffles and forks', () => {
    const random = seededRandom(9)
    const list = [1, 2, 3, 4, 5, 6, 7, 8]
    expect(random.shuffle(list).toSorted()).toEqual(list)
    expect(list).toContain(random.pick(list))
    expect(() => random.pick([])).toThrow(RangeError)
    const forked = seededRandom(9).fork('network').next()
    const other = seededRandom(9)
    other.next()
    expect(other.fork('network').next()).toBe(forked)
  })
})

/** A counter whose increment reads, yields and writes: the oldest race. */
const racyCounter = () => ({
  value: 0,
  async read() {
    return this.value
  },
  async write(value: number) {
    this.value = value
  },
})

describe('seededScheduler', () => {
  const orderOf = async (seed: number): Promise<readonly string[]> => {
    const scheduler = seededScheduler(seed)
    const task = async (): Promise<void> => {
      for (const label of ['1', '2', '3']) await scheduler.step(label)
    }
    await scheduler.run({ a: task, b: task, c: task })
    return scheduler.trace
  }

  it('repeats the order for a seed, and varies it between seeds', async () => {
    expect(await orderOf(1)).toEqual(await orderOf(1))
    const orders = new Set<string>()
    for (let seed = 0; seed < 20; seed++) orders.add((await orderOf(seed)).join())
    expect(orders.size).toBeGreaterThan(15)
  })

  it('keeps the steps of one task in their order and returns every result', async () => {
    const scheduler = seededScheduler(4)
    const results = await scheduler.run({
      one: async () => {
        await scheduler.step('x')
        await scheduler.step('y')
        return 1
      },
      two: async () => 2,
    })
    expect(results).toEqual({ one: 1, two: 2 })
    expect(scheduler.trace.filter((step) => step.startsWith('one'))).toEqual(['one:start', 'one:x', 'one:y'])
  })

  it('finds a lost update, and names the seed that shows it again', async () => {
    const scenario = async (scheduler: ReturnType<typeof seededScheduler>): Promise<void> => {
      const plain = racyCounter()
      const counter = scheduler.interleave(plain)
      const increment = async (): Promise<void> => counter.write((await counter.read()) + 1)
      await scheduler.run({ left: increment, right: increment })
      expect(plain.value).toBe(2)
    }
    const found = await explore(scenario).catch((error: unknown) => error)
    expect(found).toBeInstanceOf(Error)
    const seed = /^seed (\d+): the scenario failed: expected 1 to be 2/.exec((found as Error).message)?.[1]
    expect((found as Error).message).toContain('steps: ')
    await expect(explore(scenario, { seed: Number(seed), rounds: 1 })).rejects.toThrow(`seed ${seed}:`)
  })

  it('leaves a correct program alone', async () => {
    let runs = 0
    await explore(
      async (scheduler) => {
        let lock: Promise<unknown> = Promise.resolve()
        const plain = racyCounter()
        const counter = scheduler.interleave(plain)
        const increment = (): Promise<void> => {
          const mine = lock.then(async () => counter.write((await counter.read()) + 1))
          lock = mine
          return mine
        }
        await scheduler.run({ left: increment, right: increment })
        expect(plain.value).toBe(2)
        runs++
      },
      { rounds: 25 },
    )
    expect(runs).toBe(25)
  })

  it('tells a deadlock with its seed and the tasks', async () => {
    const scheduler = seededScheduler(11)
    const forever = (): Promise<never> => new Promise(() => undefined)
    await expect(scheduler.run({ here: forever, there: forever })).rejects.toThrow(
      /^seed 11: stuck: here, there wait for each other\nsteps: /,
    )
  })

  it('reports the first failing task and lets the others go on', async () => {
    const scheduler = seededScheduler(12)
    let finished = false
    const failing = scheduler.run({
      bad: async () => {
        throw new Error('bad luck')
      },
      good: async () => {
        for (let index = 0; index < 20; index++) await scheduler.step()
        finished = true
      },
    })
    await expect(failing).rejects.toThrow('seed 12: a task failed: bad luck')
    await scheduler.step('outside a run passes at once')
    await new Promise((resolve) => setImmediate(resolve))
    expect(finished).toBe(true)
  })
})
