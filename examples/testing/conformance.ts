// Conformance: the checks that every store and every connector must pass, as plain data. Run here by node:test; any runner will do.
import { after, describe, test } from 'node:test'
import { type ConnectorSubject, connectorChecks, runChecks, storeChecks } from '@patchbay/core/conformance'
import { bearer } from '@patchbay/core/credentials'
import { memoryStore } from '@patchbay/core/stores/memory'
import { fakeClock } from '@patchbay/core/testing'
import { tracker } from '../own-connector/tracker/index.ts'

// A store: an own engine passes these before it may keep anybody's cursors. Each check gets an empty one, and moves its time.
describe('the memory store', () => {
  // It lives in one process, so what needs a second handle on the same data does not apply.
  for (const check of storeChecks.filter(({ needs }) => !needs.includes('second-handle'))) {
    test(check.name, async () => {
      const clock = fakeClock()
      const store = memoryStore({ clock })
      await check.run({ store, pass: (ms) => clock.advance(ms) })
      await store.close()
    })
  }
})

// A connector: offline, on a clock that stands still. It says what its operations take and what the vendor answers.
const issue = { number: 7, title: 'Printer on fire', state: 'open', updated_at: '2026-01-02T03:04:05Z' }
const subject: ConnectorSubject = {
  connector: tracker,
  config: { url: 'https://tracker.example' },
  wrongConfigs: [{ config: { url: 'nowhere' }, path: 'url' }],
  credential: bearer({ token: 'a-token-of-the-test' }),
  secrets: ['a-token-of-the-test'],
  operations: {
    'issue.get': { input: { repo: 'web', number: 7 }, reply: { json: issue } },
    'issue.list': { input: { repo: 'web' }, reply: { json: { issues: [issue], next: null } } },
    'issue.create': { input: { repo: 'web', title: 'Paper is out' }, reply: { status: 201, json: issue } },
    'issue.close': { input: { repo: 'web', number: 7 }, reply: { status: 204 }, ignoresBody: true },
  },
  failures: [
    { operation: 'issue.get', reply: { status: 404, json: { code: 'no_issue' } }, kind: 'not-found', code: 'no_issue' },
    {
      operation: 'issue.create',
      reply: { status: 400, json: { code: 'repo_archived' } },
      kind: 'conflict',
      code: 'repo_archived',
    },
  ],
}
describe('the tracker', () => {
  for (const check of connectorChecks) test(check.name, () => check.run(subject))
})

// Without any runner, such as behind a button "Test connection". Never rejects: read the results.
after(async () => {
  const results = await runChecks(connectorChecks, { open: () => subject })
  const count = (outcome: string): number => results.filter((result) => result.outcome === outcome).length
  console.log(`the tracker: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`)
})
