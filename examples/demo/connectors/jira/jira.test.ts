import { connect } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { type FakeScript, fakeTransport } from '@patchbay/core/testing'
import { expect, it } from 'vitest'
import { issueChanges, jira } from './index.ts'

/** As the description's example shows it, with other people. */
const wireIssue = {
  expand: '',
  id: '10002',
  self: 'https://your-domain.atlassian.net/rest/api/3/issue/10002',
  key: 'ED-1',
  fields: {
    summary: 'Main order flow broken',
    status: { name: 'Done', id: '5', statusCategory: { id: 3, key: 'done', name: 'Done' } },
    assignee: { accountId: '5b10a2844c20165700ede21g', displayName: 'Somebody', active: true },
    labels: ['bug'],
    created: '2023-04-21T12:39:27.600+0000',
    updated: '2023-04-22T12:39:27.600+0200',
    unknown: [1],
  },
}
const account = { accountId: '5b10', timeZone: 'America/New_York', displayName: 'Somebody' }

function connected(script: FakeScript) {
  const transport = fakeTransport(script)
  const config = { url: 'https://api.atlassian.com/ex/jira/cloud' }
  return { transport, connection: connect(jira, { config, credential: bearer({ token: 'a-token' }), transport }) }
}

it('reads a page of a search, and asks only for the fields that it reads', async () => {
  const page = { startAt: 0, maxResults: 100, total: 1, issues: [wireIssue] }
  const { connection, transport } = connected({ 'GET /ex/jira/cloud/rest/api/3/search': { json: page } })
  expect(await connection.issue.search({ jql: 'project = ED' })).toEqual({
    startAt: 0,
    total: 1,
    issues: [
      {
        key: 'ED-1',
        summary: 'Main order flow broken',
        status: 'Done',
        done: true,
        assignee: 'Somebody',
        labels: ['bug'],
        createdAt: '2023-04-21T12:39:27.600Z',
        updatedAt: '2023-04-22T10:39:27.600Z',
      },
    ],
  })
  const sent = new URL(transport.requests[0]?.url ?? '')
  expect(sent.searchParams.get('fields')).toBe('summary,status,assignee,labels,created,updated')
})

it.each([
  ['in summer', '2026-07-01T12:00:30.500Z', '2026-07-01 08:00'],
  ['in winter', '2026-01-01T12:00:30.500Z', '2026-01-01 07:00'],
  // Clocks went back at 06:00 UTC: 01:30 was shown twice.
  ['in the hour that is shown twice, the first time', '2026-11-01T05:30:00Z', '2026-10-31 23:30'],
  ['in the hour that is shown twice, the second time', '2026-11-01T06:30:00Z', '2026-11-01 00:30'],
])('asks in the minutes of the account, never too late: %s', async (_, cursor, shown) => {
  const { connection, transport } = connected({
    'GET /ex/jira/cloud/rest/api/3/myself': { json: account },
    'GET /ex/jira/cloud/rest/api/3/search': { json: { startAt: 0, total: 0, issues: [] } },
  })
  for await (const _page of issueChanges({ project: 'ED' }).read(connection, { cursor })) {
    // Only the request is looked at.
  }
  const jql = new URL(transport.requests.at(-1)?.url ?? '').searchParams.get('jql')
  expect(jql).toBe(`project = ED AND updated >= "${shown}" ORDER BY updated ASC, key ASC`)
})

it('proves address and credential by reading the account', async () => {
  const { connection, transport } = connected({ 'GET /ex/jira/cloud/rest/api/3/myself': { json: account } })
  await connection.$check()
  expect(transport.requests).toHaveLength(1)
})

it('tells an answer of another shape by its field', async () => {
  const json = { startAt: 0, total: 1, issues: [{ ...wireIssue, fields: { ...wireIssue.fields, updated: null } }] }
  const { connection } = connected({ 'GET /ex/jira/cloud/rest/api/3/search': { json } })
  await expect(connection.issue.search({ jql: 'project = ED' })).rejects.toMatchObject({
    kind: 'protocol',
    issues: [{ path: 'issues.0.fields.updated' }],
  })
})
