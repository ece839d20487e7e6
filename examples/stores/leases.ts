// Leases: one of many processes does the work, and one that slept through its lease cannot do harm afterwards.
import { compareVersions, isPatchbayError } from '@patchbay/core'
import { acquireLease } from '@patchbay/core/leases'
import { memoryStore } from '@patchbay/core/stores/memory'
import { fakeClock, seededRandom } from '@patchbay/core/testing'

const clock = fakeClock()
const store = memoryStore({ clock })
const take = (owner: string) =>
  acquireLease(store, 'nightly-report', { ttlMs: 10_000, owner, clock, random: seededRandom(owner) })

const first = await take('worker 1')
console.log('worker 2 gets it meanwhile:', (await take('worker 2')) !== undefined)
if (first === undefined) throw new Error('nobody else holds it')
first.lost.onCancel((reason) =>
  console.log('worker 1 hears of its loss:', isPatchbayError(reason) ? reason.message : reason),
)

// Renewed in time, and by each write through it: the write and the renewal are one step.
await clock.advance(6_000)
await first.renew()
await clock.advance(6_000)
await first.write([{ kind: 'put', key: 'report/page-1', value: 'by worker 1' }])

// Worker 1 stands still: a long garbage collection, a laptop that was closed. It counts as lost before anybody else can get it.
await clock.stall(12_000)
const second = await take('worker 2')
if (second === undefined) throw new Error('the lease has ended')
// The token rises with every holder. Whatever is protected refuses lower ones than the highest it has seen.
console.log('worker 2 has the higher token:', compareVersions(second.token, first.token) > 0)

// The fence: what worker 1 still wants to write does not happen.
await first
  .write([{ kind: 'put', key: 'report/page-2', value: 'by worker 1, too late' }])
  .catch((error: unknown) => console.log('worker 1 writes:', isPatchbayError(error) ? error.message : error))
console.log('page 2:', (await store.get('report/page-2'))?.value ?? 'not written')

// Who wants to wait, waits; here until worker 2 gives it up.
const waiting = acquireLease(store, 'nightly-report', {
  ttlMs: 10_000,
  owner: 'worker 3',
  clock,
  random: seededRandom(3),
  wait: { forMs: 60_000, everyMs: 500 },
})
await clock.advance(2_000)
await second.release()
const third = await clock.runUntil(waiting)
console.log('worker 3 gets it after the release:', third !== undefined)
await third?.release()
await store.close()
