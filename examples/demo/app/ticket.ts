import type { Issue as GithubIssue } from '../connectors/github/index.ts'
import type { Issue as JiraIssue } from '../connectors/jira/index.ts'

/** The app's one model of a ticket, wherever it lives and whichever way it came in. */
export interface Ticket {
  /** `<source>:<key>`. */
  readonly id: string
  readonly source: 'github' | 'jira'
  /** As people name it there: `acme/shop#12`, `SHOP-12`. */
  readonly key: string
  readonly title: string
  readonly state: 'open' | 'closed'
  /** A name that people of that source know; null for nobody. */
  readonly assignee: string | null
  readonly labels: readonly string[]
  /** ISO 8601 in UTC, as exact as the source tells. */
  readonly createdAt: string
  readonly updatedAt: string
  /** Where a person opens it. */
  readonly url: string
}

export function ticketOfGithub(issue: GithubIssue, repository: string): Ticket {
  const key = `${repository}#${issue.number}`
  const { title, state, assignee, labels, createdAt, updatedAt, url } = issue
  return { id: `github:${key}`, source: 'github', key, title, state, assignee, labels, createdAt, updatedAt, url }
}

export function ticketOfJira(issue: JiraIssue, site: string): Ticket {
  const { key, summary, done, assignee, labels, createdAt, updatedAt } = issue
  const state = done ? 'closed' : 'open'
  const url = `${site}/browse/${key}`
  return { id: `jira:${key}`, source: 'jira', key, title: summary, state, assignee, labels, createdAt, updatedAt, url }
}

/** Where the app's store keeps a ticket. */
export const ticketKey = (id: string): string => `ticket/${id}`
