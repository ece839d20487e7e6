// webhook-server.ts <durable|forgetful> <folder>: the inbox over node:http, on SQLite with an fsync before each yes, or on a store that
// keeps nothing, so that everything but the durability is the same. GET /usage tells the CPU time so far. Tells its port.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { webhookPresets } from '@patchbay/api/webhooks'
import type { Store, WriteGroup, WriteResult } from '@patchbay/core'
import { sqliteStore } from '@patchbay/core/stores/sqlite'
import { webhookInbox } from '@patchbay/core/webhooks'

const [mode = '', folder = ''] = process.argv.slice(2)

const forgetful: Store = {
  get: async () => undefined,
  write: async (groups: readonly WriteGroup[]): Promise<readonly WriteResult[]> =>
    groups.map((group) => ({ applied: true, versions: group.map(() => '1') })),
  list: async () => [],
  read: async () => [],
  trim: async () => undefined,
  close: async () => undefined,
}

const store = mode === 'durable' ? sqliteStore({ file: join(folder, 'inbox.db') }) : forgetful
const inbox = webhookInbox({ store, sources: { github: { ...webhookPresets.github, secrets: ['bench secret'] } } })
const handle = inbox.nodeHandler('github')

const server = createServer((request, response) => {
  if (request.url !== '/usage') return handle(request, response)
  response.setHeader('connection', 'close')
  response.end(JSON.stringify(process.cpuUsage()))
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
