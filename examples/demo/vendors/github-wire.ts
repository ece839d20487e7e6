import type { Description } from './description.ts'
import type { JsonObject } from './json-schema.ts'
import type { RecordBook, VendorRecord } from './record-book.ts'

export const repository = { owner: 'acme', name: 'shop' }
export const people = ['ada', 'grace', 'linus', 'barbara', 'ken', 'radia', 'edsger', 'margaret', 'dennis', 'frances']
export const labelNames = ['bug', 'performance', 'security', 'needs-triage', 'customer', 'regression']

export const listOperation = 'GET /repos/{owner}/{repo}/issues'

export const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** Issues in the shape of the description: everything that it promises comes out of it, and what a record knows is written over it. */
export class GithubWire {
  readonly #origin: string
  readonly #issue: JsonObject
  readonly #people: readonly JsonObject[]
  readonly #labels: readonly JsonObject[]

  constructor(description: Description, origin: string) {
    this.#origin = origin
    this.#issue = description.sample('issue', ['body', 'state_reason', 'author_association', 'reactions']) as JsonObject
    const user = description.sample('simple-user') as JsonObject
    this.#people = people.map((login, index) => {
      const url = `${origin}/users/${login}`
      return { ...user, id: 1000 + index, login, url, html_url: url, repos_url: `${url}/repos`, type: 'User' }
    })
    const label = description.sample('label') as JsonObject
    this.#labels = labelNames.map((name, index) => ({
      ...label,
      id: 2000 + index,
      name,
      url: `${origin}/repos/${repository.owner}/${repository.name}/labels/${name}`,
    }))
  }

  issue(record: VendorRecord): JsonObject {
    const { number, title, closed, assignee, labels, createdAt, updatedAt } = record
    const url = `${this.#origin}/repos/${repository.owner}/${repository.name}/issues/${number}`
    const person = this.#people[assignee] ?? null
    return {
      ...this.#issue,
      id: 5_000_000 + number,
      node_id: `I_${number}`,
      url,
      repository_url: `${this.#origin}/repos/${repository.owner}/${repository.name}`,
      labels_url: `${url}/labels{/name}`,
      comments_url: `${url}/comments`,
      events_url: `${url}/events`,
      html_url: `https://github.com/${repository.owner}/${repository.name}/issues/${number}`,
      number,
      title,
      body: `Steps to repeat: open the page, wait, look. Seen by ${number % 7} customers.`,
      state: closed ? 'closed' : 'open',
      state_reason: closed ? 'completed' : null,
      user: this.#people[number % people.length] ?? null,
      assignee: person,
      assignees: person === null ? [] : [person],
      labels: labels.map((index) => this.#labels[index] as JsonObject),
      comments: number % 9,
      created_at: at(createdAt),
      updated_at: at(updatedAt),
      closed_at: closed ? at(updatedAt) : null,
    }
  }
}

/** The page that a request asks for, and the Link header beside it. */
export function listIssues(
  book: RecordBook,
  wire: GithubWire,
  url: URL,
  overlap: boolean,
): { readonly body: readonly JsonObject[]; readonly link: string | undefined } {
  const since = Date.parse(url.searchParams.get('since') ?? '1970-01-01T00:00:00Z')
  const state = url.searchParams.get('state') ?? 'open'
  const size = Math.min(100, Number(url.searchParams.get('per_page') ?? 30))
  const page = Math.max(1, Number(url.searchParams.get('page') ?? 1))
  const found = book.records.filter(
    ({ updatedAt, closed }) => updatedAt >= since && (state === 'all' || closed === (state === 'closed')),
  )
  const oldestFirst = url.searchParams.get('direction') === 'asc'
  if (url.searchParams.get('sort') === 'updated') found.sort((a, b) => a.updatedAt - b.updatedAt)
  if (!oldestFirst) found.reverse()
  const start = (page - 1) * size
  const from = overlap ? Math.max(0, start - 3) : start
  const link = (number: number, relation: string): string => {
    const target = new URL(url)
    target.searchParams.set('page', String(number))
    return `<${target.href}>; rel="${relation}"`
  }
  const last = Math.max(1, Math.ceil(found.length / size))
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
  ]
  return {
    body: found.slice(from, start + size).map((record) => wire.issue(record)),
    link: links.length === 0 ? undefined : links.join(', '),
  }
}
