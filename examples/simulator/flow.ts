// A host application's flow, tested without an account: the vendor is made of the integration's manifest, and misbehaves on demand.
import assert from 'node:assert/strict'
import { simulate } from '@patchbay/api/simulator'
import { pagerduty } from '@patchbay/catalog/pagerduty'
import { connect } from '@patchbay/core'
import { memoryStore } from '@patchbay/core/stores/memory'
import { fakeClock } from '@patchbay/core/testing'
import { webhookInbox } from '@patchbay/core/webhooks'

const clock = fakeClock()
const vendor = simulate(pagerduty.declared, {
  clock,
  credential: 'key',
  records: { 'incident.list': 230, 'service.list': 3 },
})
const connection = connect(pagerduty, {
  config: { region: 'us' },
  credential: vendor.credential('key'),
  transport: vendor.transport,
  clock,
})

// The flow: whatever is open becomes one line.
async function openIncidents(): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const { id, status, title } of connection.incident.list({}))
    if (status !== 'resolved') lines.push(`${id} ${status} ${title ?? ''}`)
  return lines
}

const expected = (vendor.records('incident.list') as { readonly status: string }[]).filter(
  ({ status }) => status !== 'resolved',
)
assert.equal((await clock.runUntil(openIncidents())).length, expected.length)

// The vendor has a bad minute: two failures, then too many requests. The flow does not notice.
let bad = 3
const calm = vendor.disturb({
  before: ({ errors }) => (bad-- > 1 ? errors.answer('unavailable', 'try again') : undefined),
})
assert.equal((await clock.runUntil(openIncidents())).length, expected.length)
calm()

// What the vendor saw: its own count of requests, without the key.
console.log(`${vendor.requests.length} requests, ${vendor.load.overBudget} over a limit`)
assert.ok(!JSON.stringify(vendor.requests).includes(vendor.credentialFields('key').key ?? ''))

// A webhook comes in, signed as PagerDuty signs; one with a wrong signature does not.
const inbox = webhookInbox({
  store: memoryStore({ clock }),
  clock,
  sources: { pagerduty: pagerduty.webhooks.events.source(vendor.webhookKeys('events')) },
})
const good = await clock.runUntil(inbox.receive('pagerduty', vendor.deliver('events', 'incident.triggered')))
const forged = await clock.runUntil(
  inbox.receive('pagerduty', vendor.deliver('events', 'incident.triggered', { signature: 'wrong' })),
)
assert.deepEqual([good.outcome, forged.outcome], ['accepted', 'refused'])
console.log('the flow holds')
await connection.$close()
