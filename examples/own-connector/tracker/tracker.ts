import { defineConnector } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { cursor, httpClient, httpOperation, pagedHttpOperation, path } from '@patchbay/core/http'
import { z } from 'zod'
import { manifest } from './manifest.ts'
import { issue, toIssue, wireIssue } from './wire.ts'

const config = z.strictObject({ url: z.url() })
export type TrackerConfig = z.infer<typeof config>

const repo = z.string()
const one = z.strictObject({ repo, number: z.int() })

const issueGet = httpOperation(
  { name: 'issue.get', effect: 'read', summary: 'Reads one issue.', input: one, output: issue },
  {
    request: ({ repo, number }) => ({ path: path`/repos/${repo}/issues/${number}` }),
    wire: wireIssue,
    output: toIssue,
  },
)

// Callers may leave out what has a default.
const list = z.strictObject({ repo, state: z.enum(['open', 'closed', 'all']).default('open') })
const issueList = pagedHttpOperation(
  { name: 'issue.list', effect: 'read', summary: 'Reads the issues of a repository.', input: list, item: issue },
  {
    request: ({ repo, state }) => ({ path: path`/repos/${repo}/issues`, query: { state, limit: 100 } }),
    items: 'issues',
    wire: wireIssue,
    output: toIssue,
    paging: cursor({ path: 'next', send: { query: 'cursor' } }),
  },
)

// The vendor does a request with one key once, so this write may be sent again.
const issueCreate = httpOperation(
  {
    name: 'issue.create',
    effect: 'write',
    idempotency: 'vendor-key',
    summary: 'Opens an issue.',
    input: z.strictObject({ repo, title: z.string().min(1) }),
    output: issue,
  },
  {
    request: ({ repo, title }) => ({
      method: 'POST',
      path: path`/repos/${repo}/issues`,
      json: { title },
      idempotencyHeader: 'idempotency-key',
    }),
    wire: wireIssue,
    output: toIssue,
  },
)

// Closing twice leaves what closing once does: idempotent, whatever the verb.
const issueClose = httpOperation(
  { name: 'issue.close', effect: 'idempotent', summary: 'Closes an issue.', input: one, output: z.void() },
  {
    request: ({ repo, number }) => ({
      method: 'POST',
      path: path`/repos/${repo}/issues/${number}/close`,
      expect: 'nothing',
    }),
  },
)

export const tracker = defineConnector({
  contract: 1,
  manifest,
  config,
  credentials: [bearer.scheme],
  operations: {
    'issue.get': issueGet,
    'issue.list': issueList,
    'issue.create': issueCreate,
    'issue.close': issueClose,
  },
  check: { operation: 'issue.list', input: { repo: 'self', state: 'open' } },
  // Limits and budgets belong to the host that is called, so that all connections to it share them.
  target: ({ url }) => new URL(url).host,
  open: async ({ url }: TrackerConfig, env) =>
    httpClient({ ...env, baseUrl: url, errors: { codes: { repo_archived: 'conflict' } } }),
})
