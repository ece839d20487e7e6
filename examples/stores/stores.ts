// Durable state: values with conditions and expiry, logs, and groups of changes that happen whole or not at all. One port, four engines.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isPatchbayError, type Store } from '@patchbay/core'
import { memoryStore } from '@patchbay/core/stores/memory'
import { postgresStore } from '@patchbay/core/stores/postgres'
import { redisStore } from '@patchbay/core/stores/redis'
import { sqliteStore } from '@patchbay/core/stores/sqlite'

async function show(name: string, store: Store): Promise<void> {
  // Only if nobody has changed it since: the version is what makes it safe with many writers.
  const [made] = await store.write([[{ kind: 'put', key: 'account/1', value: '100', ifVersion: 'absent' }]])
  if (made?.applied !== true) throw new Error('the store was not empty')
  const before = await store.get('account/1')
  const version = before?.version ?? 'absent'

  // A transfer: both accounts and the record of it, or nothing. Groups of one call become durable together.
  const results = await store.write([
    [
      { kind: 'put', key: 'account/1', value: '70', ifVersion: version },
      { kind: 'put', key: 'account/2', value: '30', ifVersion: 'absent' },
      { kind: 'append', log: 'transfers', value: '{"from":1,"to":2,"amount":30}' },
    ],
    // This one lost: its condition names a version that the first group has replaced. A conflict is a result, no error.
    [{ kind: 'put', key: 'account/1', value: '0', ifVersion: version }],
    [{ kind: 'put', key: 'session/9', value: 'open', ttlMs: 60_000 }],
  ])
  const entries = await store.list('account/')
  const log = await store.read('transfers', 0)
  console.log(
    `${name}: ${results.map((one) => (one.applied ? 'applied' : `conflict in change ${one.conflict}`)).join(', ')}`,
  )
  console.log('  ', entries.map(({ key, value }) => `${key}=${value}`).join(' '), '| log:', log.length, 'record')
  await store.close()
  await store.get('account/1').catch((error: unknown) => console.log('  ', isPatchbayError(error) ? error.code : error))
}

await show('memory', memoryStore())

// One file, by Node's own node:sqlite. A resolved write survives a power loss; writers wait in a thread, not in your event loop.
const folder = await mkdtemp(join(tmpdir(), 'patchbay-example-'))
await show('sqlite', sqliteStore({ file: join(folder, 'state.db') }))
const reopened = sqliteStore({ file: join(folder, 'state.db') })
console.log('   after reopening:', (await reopened.list('account/')).length, 'accounts')
await reopened.close()
await rm(folder, { recursive: true })

// The same program on a server, for many processes. Needs `pg` or `ioredis`, which is loaded at the first call.
const { PATCHBAY_EXAMPLE_POSTGRES, PATCHBAY_EXAMPLE_REDIS } = process.env
const namespace = `example_${process.pid}`
if (PATCHBAY_EXAMPLE_POSTGRES !== undefined)
  await show('postgres', postgresStore({ connection: PATCHBAY_EXAMPLE_POSTGRES, schema: namespace }))
if (PATCHBAY_EXAMPLE_REDIS !== undefined) {
  // With Redis' own defaults a crash of the server loses the last second. `requireDurable` refuses such a server.
  const store = redisStore({ connection: PATCHBAY_EXAMPLE_REDIS, prefix: `${namespace}:` })
  console.log('redis:', await store.durability())
  await show('redis', store)
}
if (PATCHBAY_EXAMPLE_POSTGRES === undefined && PATCHBAY_EXAMPLE_REDIS === undefined)
  console.log(
    'postgres, redis: set PATCHBAY_EXAMPLE_POSTGRES or PATCHBAY_EXAMPLE_REDIS to a connection string to see them',
  )
