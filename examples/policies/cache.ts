// The cache: off unless asked for. Single flight, a time to live, stale answers while the vendor is down, and writes that forget.
import { connect, defineConnector } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { fakeClock, fakeTransport } from '@patchbay/core/testing'
import { z } from 'zod'

const user = z.object({ id: z.string(), name: z.string() })
const byId = z.strictObject({ id: z.string() })
const directory = defineConnector({
  contract: 1,
  manifest: { id: 'api/directory', title: 'Directory', summary: 'Users.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'user.get': httpOperation(
      { name: 'user.get', effect: 'read', input: byId, output: user },
      { request: ({ id }) => ({ path: path`/users/${id}` }), wire: user },
    ),
    'user.rename': httpOperation(
      { name: 'user.rename', effect: 'idempotent', input: user, output: z.unknown() },
      { request: ({ id, name }) => ({ method: 'PUT', path: path`/users/${id}`, json: { name } }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

let name = 'Ada'
let down = false
const transport = fakeTransport({
  'GET /users/{id}': ({ params }) => (down ? { status: 503, json: {} } : { json: { id: params.id, name } }),
  'PUT /users/{id}': ({ json }) => {
    name = (json() as { name: string }).name
    return { json: {} }
  },
})
const clock = fakeClock()
const connection = connect(directory, {
  config: { url: 'https://directory.example' },
  transport,
  clock,
  policies: {
    // Kept for a minute; for an hour more it may stand in when the vendor cannot be reached.
    cache: { operations: { 'user.get': { ttlMs: 60_000, staleIfErrorMs: 3_600_000 } } },
    retry: false,
  },
})
connection.$events.on('decision', ({ policy, decision, reason }) => {
  if (decision === 'answer') console.log(`   ${policy}: ${decision} (${reason})`)
})
const show = async (what: string, options?: { cache: 'reload' }): Promise<void> => {
  const { name } = await connection.user.get({ id: '1' }, options)
  console.log(`${what}: ${name}, ${transport.requests.length} requests so far`)
}

// Ten callers at once are one request; each gets a copy of its own, so that none can change what the others see.
const answers = await Promise.all(Array.from({ length: 10 }, () => connection.user.get({ id: '1' })))
console.log(`${answers.length} callers at once: ${transport.requests.length} request, ${new Set(answers).size} copies`)
await show('within the minute')
await show('asked to reload', { cache: 'reload' })
await clock.advance(61_000)
await show('after the minute')
down = true
await clock.advance(61_000)
await show('the vendor is down')
down = false
// A write on the same noun forgets what is known of it, whichever way the vendor derives one from the other.
await connection.user.rename({ id: '1', name: 'Augusta Ada' })
await show('after a write')
await connection.$close()
