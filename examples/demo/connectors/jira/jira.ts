import { type Connection, defineConnector, type StreamSpec } from '@patchbay/core'
import { bearer, oauth2Code } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { z } from 'zod'
import { manifest } from './manifest.ts'
import { walk } from './walk.ts'
import { fields, type Issue, issue, page, toIssue, wirePage } from './wire.ts'

/** `url`: `https://api.atlassian.com/ex/jira/<cloud id>` with OAuth, the site's own with an API token. */
const config = z.strictObject({ url: z.url() })
export type JiraConfig = z.infer<typeof config>

const accountGet = httpOperation(
  {
    name: 'account.get',
    effect: 'read',
    summary: 'Reads the account of the credential.',
    input: z.strictObject({}),
    output: z.object({ accountId: z.string(), timeZone: z.string() }),
  },
  {
    request: () => ({ path: path`/rest/api/3/myself` }),
    wire: z.object({ accountId: z.string(), timeZone: z.string() }),
  },
)

const issueSearch = httpOperation(
  {
    name: 'issue.search',
    effect: 'read',
    summary: 'Reads one page of the issues that a JQL query finds.',
    input: z.strictObject({ jql: z.string(), startAt: z.int().min(0).default(0) }),
    output: page,
  },
  {
    request: ({ jql, startAt }) => ({
      path: path`/rest/api/3/search`,
      query: { jql, startAt, maxResults: 100, fields: fields.join(',') },
    }),
    wire: wirePage,
    output: ({ startAt, total, issues }) => ({ startAt, total, issues: issues.map(toIssue) }),
  },
)

export const jira = defineConnector({
  contract: 1,
  manifest,
  config,
  credentials: [oauth2Code.scheme, bearer.scheme],
  operations: { 'account.get': accountGet, 'issue.search': issueSearch },
  check: { operation: 'account.get', input: {} },
  target: ({ url }) => new URL(url).host,
  open: async ({ url }: JiraConfig, env) => httpClient({ ...env, baseUrl: url }),
})

/** Changes of a project's issues, oldest first. */
export const issueChanges = ({
  project,
}: {
  readonly project: string
}): StreamSpec<Connection<typeof jira>, Issue> => ({
  name: `${project} issues`,
  order: 'ascending',
  boundary: 'inclusive',
  lagMs: 2000,
  cursorKind: 'time',
  record: issue,
  key: ({ key }) => key,
  position: ({ updatedAt }) => updatedAt,
  async *read(connection, { cursor }) {
    const { timeZone } = await connection.account.get({})
    const since = cursor === undefined ? '' : ` AND updated >= "${jqlTime(new Date(cursor), timeZone)}"`
    const jql = `project = ${project}${since} ORDER BY updated ASC, key ASC`
    yield* walk((startAt) => connection.issue.search({ jql, startAt }))
  },
})

/**
 * A time as JQL reads it: in minutes, in the account's zone. In the hour that is shown twice when clocks are set back, the minute before
 * that hour is taken: a filter may let too much through and never too little.
 */
function jqlTime(time: Date, timeZone: string): string {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  const hour = 3_600_000
  const shown = clock.format(time)
  for (const other of [time.getTime() - hour, time.getTime() + hour]) {
    if (clock.format(other) === shown) return clock.format(time.getTime() - 2 * hour)
  }
  return shown
}
