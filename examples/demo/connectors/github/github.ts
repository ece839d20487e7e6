import { type Connection, defineConnector, type StreamSpec } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { httpClient, linkHeader, pagedHttpOperation, path } from '@patchbay/core/http'
import { z } from 'zod'
import { manifest } from './manifest.ts'
import { type Issue, issue, toIssue, wireIssue } from './wire.ts'

const config = z.strictObject({ url: z.url().default('https://api.github.com') })
export type GithubConfig = z.infer<typeof config>

const repository = z.strictObject({ owner: z.string(), repo: z.string() })
export type Repository = z.infer<typeof repository>

const issueList = pagedHttpOperation(
  {
    name: 'issue.list',
    effect: 'read',
    summary: 'Lists issues and pull requests of a repository, open and closed, in the order of their creation.',
    input: repository.extend({ updatedSince: z.iso.datetime().optional() }),
    item: issue,
  },
  {
    request: ({ owner, repo, updatedSince }) => ({
      path: path`/repos/${owner}/${repo}/issues`,
      query: { state: 'all', sort: 'created', direction: 'asc', since: updatedSince, per_page: 100 },
    }),
    wire: wireIssue,
    output: toIssue,
    paging: linkHeader(),
  },
)

export const github = defineConnector({
  contract: 1,
  manifest,
  config,
  credentials: [bearer.scheme],
  operations: { 'issue.list': issueList },
  target: ({ url }) => new URL(url).host,
  open: async ({ url }: GithubConfig, env) =>
    httpClient({ ...env, baseUrl: url, headers: { accept: 'application/vnd.github+json' } }),
})

/**
 * Changes of a repository's issues.
 *
 * Pages are numbered, so the order must not change while they are read. Ordered by update, a record that changes between two pages moves
 * to the end, all others move up by one, and the first of the next page is never seen. Ordered by creation, records only ever come in: later
 * pages may repeat some, and what comes in on a page that was read already has a newer update and is part of the next read.
 */
export const issueChanges = ({ owner, repo }: Repository): StreamSpec<Connection<typeof github>, Issue> => ({
  name: `${owner}/${repo} issues`,
  order: 'none',
  // `since` is "at or after", and times are cut to seconds.
  boundary: 'inclusive',
  lagMs: 3000,
  cursorKind: 'time',
  record: issue,
  key: ({ number }) => String(number),
  position: ({ updatedAt }) => updatedAt,
  read: (connection, { cursor }) =>
    connection.issue.list({ owner, repo, updatedSince: cursor }).pages({ prefetch: true }),
})
