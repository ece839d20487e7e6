import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { patchbayError } from './errors.ts'
import { acquireLease, type Lease, type LeaseOptions } from './lease.ts'
import { compareVersions, type Store } from './store.ts'
import { memoryStore } from './stores/memory.ts'
import { sqliteStore } from './stores/sqlite.ts'
import { type FakeClock, fakeClock } from './testing/time/fake-clock.ts'
import { seededRandom } from './testing/time/seeded-random.ts'

const random = seededRandom(1)

function setUp(): { clock: FakeClock; store: Store; options: LeaseOptions } {
  const clock = fakeClock()
  return { clock, store: memoryStore({ clock }), options: { ttlMs: 1000, owner: 'test', clock, random } }
}

async function acquired(store: Store, options: LeaseOptions): Promise<Lease> {
  const lease = await acquireLease(store, 'lease', options)
  if (lease === undefined) throw new Error('the lease is not free')
  return lease
}

function through(store: Store): Store {
  return {
    get: (key) => store.get(key),
    write: (groups) => store.write(groups),
    list: (prefix, options) => store.list(prefix, options),
    read: (log, after, limit) => store.read(log, after, limit),
    trim: (log, upTo) => store.trim(log, upTo),
    close: () => store.close(),
  }
}

test('one holder at a time; the next one has a higher token', async () => {
  const { store, options } = setUp()
  const first = await acquired(store, options)
  expect(await acquireLease(store, 'lease', options)).toBeUndefined()
  await first.release()
  await first.release()
  const second = await acquired(store, options)
  expect(compareVersions(first.token, second.token)).toBeLessThan(0)
  expect(second.lost.cancelReason).toBeUndefined()
  expect(first.lost.cancelReason).toMatchObject({ kind: 'conflict', code: 'lease-released' })
})

test('the holder counts itself lost before anybody else can have the lease', async () => {
  const { clock, store, options } = setUp()
  const lease = await acquired(store, options)
  const reasons: unknown[] = []
  lease.lost.onCancel((reason) => reasons.push(reason))
  await clock.advance(899)
  expect(reasons).toEqual([])
  await clock.advance(1)
  expect(reasons).toMatchObject([{ code: 'lease-lost' }])
  expect(await acquireLease(store, 'lease', options)).toBeUndefined()
  await clock.advance(100)
  expect(await acquireLease(store, 'lease', options)).toBeDefined()
  await expect(lease.renew()).rejects.toMatchObject({ code: 'lease-lost' })
})

test('a renewal counts from when it was asked for, and keeps the token', async () => {
  const { clock, store, options } = setUp()
  let slowness = 100
  const slow: Store = {
    ...through(store),
    write: async (groups: Parameters<Store['write']>[0]) => {
      const results = await store.write(groups)
      await new Promise<void>((resolve) => clock.timer(slowness, resolve))
      return results
    },
  }
  const lease = await clock.runUntil(acquired(slow, options))
  const { token } = lease
  await clock.advance(300)
  await clock.runUntil(lease.renew())
  expect(lease.token).toBe(token)
  await clock.advance(799)
  expect(lease.lost.cancelReason).toBeUndefined()
  await clock.advance(1)
  expect(lease.lost.cancelReason).toMatchObject({ code: 'lease-lost' })

  await clock.advance(1000)
  const late = await clock.runUntil(acquired(slow, options))
  slowness = 900
  await expect(clock.runUntil(late.renew())).rejects.toMatchObject({ code: 'lease-lost' })
})

test('after a pause the loss shows at once, before any timer fires', async () => {
  const { clock, store, options } = setUp()
  const lease = await acquired(store, options)
  let stalled: Promise<void> | undefined
  clock.afterInput(() => {
    stalled = clock.stall(5000)
  })
  await clock.settle()
  await stalled
  expect(lease.lost.cancelReason).toMatchObject({ code: 'lease-lost' })

  const asleep = await acquired(store, options)
  // A machine that sleeps: the monotonic clock stands still and the wall clock does not.
  clock.jump(2000)
  expect(asleep.lost.cancelReason).toMatchObject({ code: 'lease-lost' })
})

test('a holder that slept through its lease writes nothing and releases nothing', async () => {
  const { clock, store, options } = setUp()
  const frozen = { ...clock, now: () => 0, monotonic: () => 0 }
  const sleeper = await acquired(store, { ...options, clock: frozen })
  await clock.advance(1000)
  const holder = await acquired(store, options)
  expect(sleeper.lost.cancelReason).toBeUndefined()
  const late = sleeper.write([{ kind: 'put', key: 'state', value: 'late' }])
  await expect(late).rejects.toMatchObject({ kind: 'conflict', code: 'lease-lost' })
  expect(await store.get('state')).toBeUndefined()
  await sleeper.release()
  await holder.write([{ kind: 'put', key: 'state', value: 'mine' }])
  expect((await store.get('state'))?.value).toBe('mine')
})

test('a fenced write extends the lease and passes on the conflicts of its group', async () => {
  const { clock, store, options } = setUp()
  const lease = await acquired(store, options)
  await clock.advance(800)
  const applied = await lease.write([
    { kind: 'put', key: 'a', value: '1' },
    { kind: 'append', log: 'log', value: 'x' },
  ])
  expect(applied).toEqual({ applied: true, versions: [(await store.get('a'))?.version, '1'] })
  const conflict = await lease.write([
    { kind: 'put', key: 'b', value: '1' },
    { kind: 'put', key: 'a', value: '2', ifVersion: 'absent' },
  ])
  expect(conflict).toEqual({ applied: false, conflict: 1 })
  await clock.advance(800)
  expect(lease.lost.cancelReason).toBeUndefined()
})

test('a renewal of unknown outcome costs no lease', async () => {
  const { store, options } = setUp()
  let failing = false
  const flaky: Store = {
    ...through(store),
    write: async (groups: Parameters<Store['write']>[0]) => {
      const results = await store.write(groups)
      if (failing) throw patchbayError({ kind: 'network', sent: 'maybe' })
      return results
    },
  }
  const lease = await acquired(flaky, options)
  failing = true
  await expect(lease.renew()).rejects.toMatchObject({ kind: 'network' })
  expect(lease.lost.cancelReason).toBeUndefined()
  failing = false
  await lease.renew()
  await Promise.all([lease.renew(), lease.renew(), lease.release()])
  expect(await store.get('lease')).toBeUndefined()
})

test('waits for a lease to become free, and gives up in time or when cancelled', async () => {
  const { clock, store, options } = setUp()
  const first = await acquired(store, options)
  expect(await clock.runUntil(acquireLease(store, 'lease', { ...options, wait: { forMs: 400 } }))).toBeUndefined()
  expect(clock.monotonic()).toBeLessThanOrEqual(400)

  const waiting = acquireLease(store, 'lease', { ...options, wait: { forMs: 60_000 } })
  await first.release()
  const second = await clock.runUntil(waiting)
  expect(second).toBeDefined()
  expect(clock.monotonic()).toBeLessThan(1000)

  const given = { cancelReason: new Error('enough'), onCancel: () => () => {} }
  const cancelled = acquireLease(store, 'lease', { ...options, wait: { forMs: 60_000, cancellation: given } })
  await expect(cancelled).rejects.toThrow('enough')
  await second?.release()
  expect(clock.pending.timers).toBe(0)
})

test('processes on one file hold the lease one after the other', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-lease-'))
  const file = join(folder, 'state.db')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const rounds = 15
  const program = join(import.meta.dirname, 'fixtures/lease-holder.ts')
  const holders = ['first', 'second', 'third'].map((owner) => {
    const child = spawn(process.execPath, [program, file, owner, String(rounds)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    return child
  })
  const tokens = await Promise.all(
    holders.map(async (child) => {
      const held: string[] = []
      for await (const line of createInterface({ input: child.stdout })) held.push(line)
      if (child.exitCode === null) await once(child, 'exit')
      expect(child.exitCode).toBe(0)
      return held
    }),
  )
  const store = sqliteStore({ file })
  onTestFinished(() => store.close())
  const log = (await store.read('turns', 0, 1000)).map(({ value }) => value.split(' '))
  // In and out strictly alternate, each pair by the same token, and tokens rise: no two ever held it at once.
  expect(log).toHaveLength(3 * rounds * 2)
  for (let at = 0; at < log.length; at += 2) {
    expect([log[at]?.[0], log[at + 1]?.[0]]).toEqual(['in', 'out'])
    expect(log[at]?.[1]).toBe(log[at + 1]?.[1])
    if (at > 0) expect(compareVersions(log[at - 1]?.[1] ?? '', log[at]?.[1] ?? '')).toBeLessThan(0)
  }
  expect(log.filter(([kind]) => kind === 'in').map(([, token]) => token)).toEqual(
    tokens.flat().toSorted(compareVersions),
  )
})
