import { connect } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { type FakeScript, fakeTransport } from '@patchbay/core/testing'
import { expect, it } from 'vitest'
import { github, issueChanges } from './index.ts'

/** As the description's example shows it. */
const wireIssue = {
  id: 1,
  node_id: 'MDU6SXNzdWUx',
  url: 'https://api.github.com/repos/octocat/Hello-World/issues/1347',
  html_url: 'https://github.com/octocat/Hello-World/issues/1347',
  number: 1347,
  state: 'open',
  title: 'Found a bug',
  user: { login: 'octocat', id: 1 },
  labels: [{ id: 208045946, name: 'bug', color: 'f29513' }, 'plain'],
  assignee: { login: 'octocat', id: 1 },
  pull_request: { url: 'https://api.github.com/repos/octocat/Hello-World/pulls/1347' },
  closed_at: null,
  created_at: '2011-04-22T13:33:48Z',
  updated_at: '2011-04-23T13:33:48Z',
}

function connected(script: FakeScript) {
  const transport = fakeTransport(script)
  const credential = bearer({ token: 'a-token' })
  return { transport, connection: connect(github, { config: {}, credential, transport }) }
}

const list = '/repos/octocat/Hello-World/issues'
const first = `GET ${list}?state=all&sort=created&direction=asc`

it('lists issues over pages, oldest first, open and closed', async () => {
  const next = `<https://api.github.com${list}?state=all&page=2>; rel="next"`
  const { connection, transport } = connected({
    [first]: { json: [wireIssue], headers: { link: next } },
    [`GET ${list}?page=2`]: { json: [{ ...wireIssue, number: 1348, state: 'closed', assignee: null, labels: [] }] },
  })
  const found = await connection.issue.list({ owner: 'octocat', repo: 'Hello-World' }).take(10)
  expect(found).toEqual([
    {
      number: 1347,
      title: 'Found a bug',
      state: 'open',
      url: 'https://github.com/octocat/Hello-World/issues/1347',
      assignee: 'octocat',
      labels: ['bug', 'plain'],
      createdAt: '2011-04-22T13:33:48Z',
      updatedAt: '2011-04-23T13:33:48Z',
    },
    expect.objectContaining({ number: 1348, state: 'closed', assignee: null, labels: [] }),
  ])
  expect(transport.requests[0]?.headers).toMatchObject({ authorization: 'Bearer a-token' })
})

it('asks for changes from the cursor on', async () => {
  const { connection, transport } = connected({ [`GET ${list}`]: { json: [] } })
  const cursor = '2026-01-02T03:04:05Z'
  const changes = issueChanges({ owner: 'octocat', repo: 'Hello-World' })
  for await (const { items } of changes.read(connection, { cursor })) expect(items).toEqual([])
  expect(new URL(transport.requests[0]?.url ?? '').searchParams.get('since')).toBe(cursor)
})

it('takes a 403 with a limit for a limit, and one without for a missing permission', async () => {
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-limit': '5000', 'retry-after': '60' }
  const message = 'API rate limit exceeded'
  const limited = connected({ [`GET ${list}`]: { status: 403, headers, json: { message } } })
  const options = { timeoutMs: 1000 }
  await expect(
    limited.connection.issue.list({ owner: 'octocat', repo: 'Hello-World' }, options).take(1),
  ).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 60_000 })
  const forbidden = connected({ [`GET ${list}`]: { status: 403, json: { message: 'Resource not accessible' } } })
  await expect(
    forbidden.connection.issue.list({ owner: 'octocat', repo: 'Hello-World' }).take(1),
  ).rejects.toMatchObject({
    kind: 'permission',
  })
})

it('escapes what stands in paths', async () => {
  const { connection, transport } = connected({ 'GET /repos/{owner}/{repo}/issues': { json: [] } })
  await connection.issue.list({ owner: 'a/b', repo: '..%2f' }).take(1)
  expect(transport.requests[0]?.path).toBe('/repos/a%2Fb/..%252f/issues')
})
