import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { sleep } from '../../clock.ts'
import { DeadlineWheel, type WheelEntry } from '../../deadline-wheel.ts'
import { fakeClock } from './fake-clock.ts'

describe('fakeClock', () => {
  it('stands still, and moves both clocks together', async () => {
    const clock = fakeClock('2026-03-01T00:00:00Z')
    expect([clock.now(), clock.monotonic()]).toEqual([Date.parse('2026-03-01T00:00:00Z'), 0])
    await clock.advance(1500)
    expect([clock.now(), clock.monotonic()]).toEqual([Date.parse('2026-03-01T00:00:01.500Z'), 1500])
  })

  it('fires in order of time, then of creation, at the exact time', async () => {
    const clock = fakeClock()
    const seen: string[] = []
    for (const [name, ms] of [
      ['late', 30],
      ['first', 10],
      ['second', 10],
      ['beyond', 31],
      ['past', -5],
    ] as const)
      clock.timer(ms, () => seen.push(`${name}@${clock.monotonic()}`))
    await clock.advance(30)
    expect(seen).toEqual(['past@0', 'first@10', 'second@10', 'late@30'])
    expect(clock.pending.timers).toBe(1)
  })

  it('fires timers that timers make within the same advance', async () => {
    const clock = fakeClock()
    const seen: number[] = []
    const again = (): void => {
      seen.push(clock.monotonic())
      if (seen.length < 4) clock.timer(10, again)
    }
    clock.timer(10, again)
    await clock.advance(35)
    expect(seen).toEqual([10, 20, 30])
  })

  it('lets promise chains settle before the next timer, however long', async () => {
    const clock = fakeClock()
    const seen: string[] = []
    const work = async (): Promise<void> => {
      await sleep(clock, 10)
      for (let link = 0; link < 50; link++) await Promise.resolve()
      seen.push(`chain@${clock.monotonic()}`)
      await sleep(clock, 5)
      seen.push(`again@${clock.monotonic()}`)
    }
    const done = work()
    clock.timer(11, () => seen.push('eleven'))
    await clock.advance(20)
    await done
    expect(seen).toEqual(['chain@10', 'eleven', 'again@15'])
  })

  it('sees timers that were made in promise chains before it began', async () => {
    const clock = fakeClock()
    let at = -1
    void Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => clock.timer(0, () => (at = clock.monotonic())))
    await clock.advance(0)
    expect(at).toBe(0)
  })

  it('runs afterInput after the promise chains and before the next timer', async () => {
    const clock = fakeClock()
    const seen: string[] = []
    clock.timer(10, () => {
      clock.afterInput(() => {
        seen.push('after input')
        clock.afterInput(() => seen.push('and again'))
      })
      void Promise.resolve().then(() => seen.push('chain'))
    })
    clock.timer(10, () => seen.push('timer'))
    await clock.advance(10)
    expect(seen).toEqual(['chain', 'after input', 'and again', 'timer'])
    expect(clock.pending).toEqual({ timers: 0, intervals: 0, afterInput: 0 })
  })

  it('repeats intervals until cancelled', async () => {
    const clock = fakeClock()
    const seen: number[] = []
    const stop = clock.interval(10, () => {
      seen.push(clock.monotonic())
      if (seen.length === 3) stop()
    })
    expect(clock.pending).toMatchObject({ timers: 0, intervals: 1 })
    await clock.advance(100)
    expect(seen).toEqual([10, 20, 30])
    expect(clock.pending.intervals).toBe(0)
  })

  it('forgets cancelled timers, also when one due at the same time cancels another', async () => {
    const clock = fakeClock()
    const seen: string[] = []
    let stop: () => void = () => undefined
    clock.timer(5, () => stop())
    stop = clock.timer(5, () => seen.push('cancelled'))
    await clock.advance(5)
    stop()
    expect(seen).toEqual([])
  })

  it('jumps and sets the wall clock without firing or delaying anything', async () => {
    const clock = fakeClock(0)
    let fired = 0
    clock.timer(100, () => fired++)
    clock.jump(3_600_000)
    await clock.settle()
    expect([clock.now(), clock.monotonic(), fired]).toEqual([3_600_000, 0, 0])
    clock.jump(-7_200_000)
    await clock.advance(100)
    expect([clock.now(), fired]).toEqual([-3_599_900, 1])
    clock.set('2030-01-01T00:00:00Z')
    expect([clock.now(), clock.monotonic()]).toEqual([Date.parse('2030-01-01T00:00:00Z'), 100])
  })

  it('stalls: timers fire late, intervals once', async () => {
    const clock = fakeClock()
    const seen: string[] = []
    clock.timer(100, () => seen.push(`timer@${clock.monotonic()}`))
    clock.interval(10, () => seen.push(`interval@${clock.monotonic()}`))
    await clock.stall(2000)
    expect(seen).toEqual(['interval@2000', 'timer@2000'])
    await clock.advance(10)
    expect(seen.at(-1)).toBe('interval@2010')
  })

  it('advances to the next timer and answers how far', async () => {
    const clock = fakeClock()
    clock.timer(250, () => undefined)
    expect([await clock.advanceToNext(), await clock.advanceToNext()]).toEqual([250, 0])
  })

  it('queues overlapping moves', async () => {
    const clock = fakeClock()
    await Promise.all([clock.advance(10), clock.advance(20)])
    expect(clock.monotonic()).toBe(30)
  })

  it('rejects with the error of a task and goes on afterwards', async () => {
    const clock = fakeClock()
    clock.timer(1, () => {
      throw new Error('from a task')
    })
    await expect(clock.advance(5)).rejects.toThrow('from a task')
    await clock.advance(5)
    expect(clock.monotonic()).toBe(6)
  })

  it('says so when a task re-arms itself for ever, and refuses what is no time', async () => {
    const clock = fakeClock()
    const again = (): void => {
      clock.timer(0, again)
    }
    again()
    await expect(clock.advance(1)).rejects.toThrow('does not get past 0 ms')
    await expect(clock.advance(-1)).rejects.toThrow('forward only')
    await expect(clock.advance(Number.POSITIVE_INFINITY)).rejects.toThrow('not a time to move by')
    expect(() => clock.timer(Number.NaN, again)).toThrow('NaN')
    expect(() => fakeClock('yesterday')).toThrow('"yesterday" is not a time')
  })

  it('runs the deadline wheel of core to the tick', async () => {
    const clock = fakeClock()
    const wheel = new DeadlineWheel(clock)
    const expired: number[] = []
    const entry = (expiresAt: number): WheelEntry => ({
      expiresAt,
      wheelNext: undefined,
      wheelPrevious: undefined,
      wheelSlot: -1,
      expire: () => expired.push(clock.monotonic()),
    })
    for (const at of [3000, 100, 1005]) wheel.arm(entry(at), clock.monotonic())
    await clock.advance(4000)
    expect(expired).toEqual([100, 1010, 3000])
    expect(clock.pending).toEqual({ timers: 0, intervals: 0, afterInput: 0 })
  })
})

describe('runUntil', () => {
  it('moves from timer to timer until the work is done', async () => {
    const clock = fakeClock()
    const work = async (): Promise<string> => {
      for (const wait of [1000, 60_000, 5]) await sleep(clock, wait)
      return `done at ${clock.monotonic()}`
    }
    expect(await clock.runUntil(work())).toBe('done at 61005')
  })

  it('passes the rejection on', async () => {
    const clock = fakeClock()
    const work = sleep(clock, 10).then(() => Promise.reject(new Error('broken')))
    await expect(clock.runUntil(work)).rejects.toThrow('broken')
  })

  it('stops at its limit', async () => {
    const clock = fakeClock()
    clock.interval(10, () => undefined)
    await expect(clock.runUntil(new Promise(() => undefined), { limitMs: 500 })).rejects.toThrow(
      'still pending after 500 ms of fake time (0 timers, 1 intervals)',
    )
    expect(clock.monotonic()).toBeLessThanOrEqual(500)
  })

  it('waits for real sockets before it moves time', async () => {
    const clock = fakeClock()
    const server = createServer((_, response) => response.end('real')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const fetched = async (): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${port}/`)
      return response.text()
    }
    const timeout = sleep(clock, 30_000).then(() => 'too late')
    expect(await clock.runUntil(Promise.race([fetched(), timeout]), { inputMs: 2000 })).toBe('real')
    expect(await clock.runUntil(fetched())).toBe('real')
    server.closeAllConnections()
    server.close()
  })
})
