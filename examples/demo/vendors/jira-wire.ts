import type { Description } from './description.ts'
import type { JsonObject } from './json-schema.ts'
import type { RecordBook, VendorRecord } from './record-book.ts'

export const project = 'SHOP'
export const cloud = '11223344-a1b2-3b33-c444-def123456789'
export const people = ['Mia Krystof', 'Emma Richards', 'Alana Grant', 'Omar Haddad', 'Yuki Tanaka', 'Ines Duarte']
export const labelNames = ['bug', 'performance', 'security', 'customer', 'regression']
/** JQL reads and cuts times to minutes in the zone of whoever asks. */
export const timeZone = 'America/New_York'

export const searchOperation = 'GET /rest/api/3/search'
export const accountOperation = 'GET /rest/api/3/myself'

export const at = (ms: number): string => new Date(ms).toISOString().replace('Z', '+0000')
export const accountId = (index: number): string => `5b10a2844c20165700ede2${String(index).padStart(2, '0')}`

/** Issues in the shape of the description, with fields as its examples show them. */
export class JiraWire {
  readonly #origin: string
  readonly #bean: JsonObject
  readonly #user: JsonObject
  readonly #status: JsonObject
  readonly #category: JsonObject

  constructor(description: Description, origin: string) {
    this.#origin = origin
    this.#bean = description.sample('IssueBean', ['expand', 'id', 'self', 'key', 'fields']) as JsonObject
    this.#user = description.sample('UserDetails', ['accountId', 'displayName', 'active', 'self']) as JsonObject
    this.#status = description.sample('StatusDetails', ['self', 'name', 'id']) as JsonObject
    this.#category = description.sample('StatusCategory', ['id', 'key', 'name', 'colorName']) as JsonObject
  }

  account(): JsonObject {
    return { accountId: accountId(0), displayName: people[0] as string, active: true, timeZone }
  }

  issue(record: VendorRecord): JsonObject {
    const { number, title, closed, assignee, labels, createdAt, updatedAt } = record
    const key = `${project}-${number}`
    const [name, category] = closed
      ? ['Done', 'done']
      : number % 2 === 0
        ? ['In Progress', 'indeterminate']
        : ['To Do', 'new']
    return {
      ...this.#bean,
      id: String(10_000 + number),
      key,
      self: `${this.#origin}/rest/api/3/issue/${10_000 + number}`,
      fields: {
        summary: title,
        status: {
          ...this.#status,
          name: name as string,
          statusCategory: { ...this.#category, key: category as string, name: name as string },
        },
        assignee: assignee === -1 ? null : this.#person(assignee),
        reporter: this.#person(number % people.length),
        labels: labels.map((index) => labelNames[index] as string),
        created: at(createdAt),
        updated: at(updatedAt),
        project: { id: '10000', key: project, name: 'Shop' },
        issuetype: { id: '10001', name: 'Bug', subtask: false },
        description: {
          type: 'doc',
          version: 1,
          content: [{ type: 'paragraph', content: [{ type: 'text', text: `Seen by ${number % 7} customers.` }] }],
        },
      },
    }
  }

  #person(index: number): JsonObject {
    return { ...this.#user, accountId: accountId(index), displayName: people[index] as string, active: true }
  }
}

const query = new RegExp(
  `^project = ${project}(?: AND updated >= "(\\d{4})-(\\d\\d)-(\\d\\d) (\\d\\d):(\\d\\d)")? ORDER BY updated ASC, key ASC$`,
)

/** A page of a search; undefined for a query that this vendor does not understand. */
export function search(book: RecordBook, wire: JiraWire, url: URL, overlap: boolean): JsonObject | undefined {
  const match = query.exec(url.searchParams.get('jql') ?? '')
  if (match === null) return undefined
  const [, ...parts] = match
  const since = parts[0] === undefined ? 0 : instant(parts.map(Number))
  const found = book.records
    .filter(({ updatedAt }) => updatedAt >= since)
    .sort((a, b) => a.updatedAt - b.updatedAt || a.number - b.number)
  const startAt = Math.max(0, Number(url.searchParams.get('startAt') ?? 0) - (overlap ? 2 : 0))
  // Jira gives fewer than asked for when it likes.
  const most = Math.min(100, Number(url.searchParams.get('maxResults') ?? 50))
  const size = startAt % 7 === 3 ? Math.ceil(most * 0.8) : most
  const issues = found.slice(startAt, startAt + size).map((record) => wire.issue(record))
  return { expand: 'names,schema', startAt, maxResults: most, total: found.length, issues }
}

const wall = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })

/** The instant at which a clock in the account's zone shows that; where it shows it twice, the later one. */
function instant([year = 0, month = 1, day = 1, hour = 0, minute = 0]: readonly number[]): number {
  const asUtc = Date.UTC(year, month - 1, day, hour, minute)
  const shown = new Date(asUtc).toISOString().slice(0, 16).replace('T', ' ')
  for (let hours = 14; hours >= -12; hours--) {
    if (wall.format(asUtc + hours * 3_600_000) === shown) return asUtc + hours * 3_600_000
  }
  return asUtc
}
