// A connector of your own, in one folder of five files (tracker/): manifest, wire shapes, operations, index, README.
import { connect, isPatchbayError, jsonSchemaOf } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { faultServer } from '@patchbay/core/testing'
import { type Issue, tracker } from './tracker/index.ts'

const stored = Array.from({ length: 5 }, (_, index) => ({
  number: index + 1,
  title: `Issue ${index + 1}`,
  state: 'open',
  updated_at: '2026-01-02T03:04:05Z',
}))
// The vendor keeps its promise: one key, one issue.
const byKey = new Map<string, (typeof stored)[number]>()
await using vendor = await faultServer({
  answer: {
    'GET /repos/{repo}/issues': ({ query }) => {
      const from = Number(query.get('cursor') ?? 0)
      const found = stored.filter(({ state }) => query.get('state') === 'all' || state === query.get('state'))
      return { json: { issues: found.slice(from, from + 2), next: from + 2 < found.length ? String(from + 2) : null } }
    },
    'POST /repos/web/issues': ({ json, headers }) => {
      const key = headers['idempotency-key'] ?? ''
      const { title } = json() as { title: string }
      const made = byKey.get(key) ?? {
        number: stored.length + 1,
        title,
        state: 'open',
        updated_at: '2026-01-03T03:04:05Z',
      }
      if (!byKey.has(key)) stored.push(made)
      byKey.set(key, made)
      return { status: 201, json: made }
    },
    'POST /repos/old/issues': { status: 400, json: { code: 'repo_archived', message: 'the repository is archived' } },
    'POST /repos/{repo}/issues/{number}/close': ({ params }) => {
      const found = stored.find(({ number }) => number === Number(params.number))
      if (found !== undefined) found.state = 'closed'
      return { status: 204 }
    },
  },
})

await using connection = connect(tracker, {
  config: { url: vendor.origin },
  credential: bearer({ token: 'a-token' }),
  network: { allow: [{ host: '127.0.0.1' }] },
})
await connection.$check()
console.log(
  'address and credential are good; limits come from the manifest:',
  connection.$policies.find(({ name }) => name === 'throttle')?.settings.limits,
)

await connection.issue.close({ repo: 'web', number: 2 })
const open: Issue[] = await connection.issue.list({ repo: 'web' }).take(100)
console.log('open:', open.map(({ number }) => number).join(' '))
// The answer gets lost, and the write is repeated with its key.
vendor.next('rst-before-reply')
const made = await connection.issue.create({ repo: 'web', title: 'Paper is out' })
console.log('made:', made.number, made.title)
const keys = vendor.ledger.requests.flatMap(({ headers }) => headers['idempotency-key'] ?? [])
console.log(`${keys.length} requests with ${new Set(keys).size} key`)

await connection.issue.create({ repo: 'old', title: 'Too late' }).catch((error: unknown) => {
  if (isPatchbayError(error)) console.log(error.message)
})

// The same definition tells forms and documentation what there is.
for (const { spec } of Object.values(tracker.operations)) {
  const { properties = {} } = (jsonSchemaOf(spec.input) ?? {}) as { properties?: object }
  console.log(`${spec.name} (${spec.effect}): ${spec.summary} Takes ${Object.keys(properties).join(', ')}.`)
}
