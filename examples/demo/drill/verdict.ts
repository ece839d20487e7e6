// Holds what the app's store has against what the vendors say is true.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '@patchbay/core'
import { type Ticket, ticketKey } from '../app/ticket.ts'
import type { TrueRecord } from '../vendors/record-book.ts'
import type { HooksTruth } from '../vendors/webhooks.ts'

export interface Verdict {
  /** Effects that the store shows: versions of records, or webhooks. */
  readonly applied: number
  /** Things that the vendor has and the app has not, or not in their last state. */
  readonly lost: number
  /** Effects beyond the first of the same thing. */
  readonly duplicates: number
  /** Effects of things that the vendor never showed. */
  readonly invented: number
  /** A few of what is wrong, in words. */
  readonly examples: readonly string[]
}

class Tally {
  lost = 0
  duplicates = 0
  invented = 0
  readonly examples: string[] = []

  add(what: 'lost' | 'duplicates' | 'invented', count: number, example: string): void {
    this[what] += count
    if (this.examples.length < 5) this.examples.push(`${what}: ${example}`)
  }
}

/** A stream: every record in its last state, and every version applied once and really shown. */
export async function judgeStream(
  source: Ticket['source'],
  store: Store,
  truth: readonly TrueRecord[],
): Promise<Verdict> {
  const tally = new Tally()
  const applied = new Map<string, number>()
  for await (const value of logOf(store, `applied/${source}`)) {
    for (const one of JSON.parse(value) as string[]) {
      const space = one.lastIndexOf(' ')
      const version = `${one.slice(0, space)} ${Date.parse(one.slice(space + 1))}`
      applied.set(version, (applied.get(version) ?? 0) + 1)
    }
  }
  const shown = new Set(truth.flatMap(({ key, versions }) => versions.map((time) => `${key} ${time}`)))
  for (const [version, times] of applied) {
    if (times > 1) tally.add('duplicates', times - 1, `${source} ${version} took effect ${times} times`)
    if (!shown.has(version)) tally.add('invented', 1, `${source} ${version}`)
  }
  const tickets = await ticketsOf(store, source)
  for (const record of truth) {
    const ticket = tickets.get(record.key)
    const isThere = ticket !== undefined && same(ticket, record) && applied.has(`${record.key} ${record.updatedAt}`)
    if (!isThere) tally.add('lost', 1, `${source} ${record.key}, ${difference(ticket, record)}`)
  }
  return { applied: [...applied.values()].reduce((sum, times) => sum + times, 0), ...tally }
}

/** Webhooks: each genuine delivery handled once with the very bytes that were sent, no forged one at all, and the tickets that they show. */
export async function judgeWebhooks(store: Store, truth: HooksTruth): Promise<Verdict> {
  const tally = new Tally()
  const handled = new Map<string, string[]>()
  for await (const value of logOf(store, 'handled/github')) {
    const [id, sha256] = JSON.parse(value) as [string, string]
    handled.set(id, [...(handled.get(id) ?? []), sha256])
  }
  for (const { id, event, sha256 } of truth.deliveries) {
    const digests = handled.get(id) ?? []
    handled.delete(id)
    if (!digests.includes(sha256)) tally.add('lost', 1, `webhook ${event} ${id}`)
    if (digests.length > 1) tally.add('duplicates', digests.length - 1, `webhook ${event} ${id}`)
  }
  for (const id of handled.keys()) tally.add('invented', 1, `webhook ${id}, which GitHub did not send`)
  const tickets = await ticketsOf(store, 'github')
  for (const { key, updatedAt } of truth.tickets) {
    const ticket = tickets.get(key)
    if (ticket === undefined || Date.parse(ticket.updatedAt) !== updatedAt)
      tally.add('lost', 1, `ticket ${key} of the webhooks, last changed ${new Date(updatedAt).toISOString()}`)
  }
  return { applied: truth.deliveries.length - tally.lost + tally.duplicates, ...tally }
}

/** Files of the app in which a secret stands in the clear. */
export function secretsInTheClear(folder: string, secrets: readonly string[]): readonly string[] {
  const token = /\b[ar]t_[A-Za-z0-9_-]{32}/
  return readdirSync(folder).filter((name) => {
    const text = readFileSync(join(folder, name), 'latin1')
    return token.test(text) || secrets.some((secret) => text.includes(secret))
  })
}

function same(ticket: Ticket, record: TrueRecord): boolean {
  return (
    ticket.title === record.title &&
    (ticket.state === 'closed') === record.closed &&
    ticket.assignee === record.assignee &&
    ticket.labels.join() === record.labels.join() &&
    Date.parse(ticket.createdAt) === record.createdAt &&
    Date.parse(ticket.updatedAt) === record.updatedAt
  )
}

function difference(ticket: Ticket | undefined, record: TrueRecord): string {
  const time = new Date(record.updatedAt).toISOString()
  return ticket === undefined
    ? `changed ${time}: no such ticket`
    : `changed ${time}: the ticket is of ${ticket.updatedAt}`
}

async function ticketsOf(store: Store, source: Ticket['source']): Promise<ReadonlyMap<string, Ticket>> {
  const prefix = ticketKey(`${source}:`)
  const tickets = new Map<string, Ticket>()
  for (let after = ''; ; ) {
    const entries = await store.list(prefix, { after, limit: 1000 })
    for (const { key, value } of entries) tickets.set(key.slice(prefix.length), JSON.parse(value) as Ticket)
    if (entries.length < 1000) return tickets
    after = entries.at(-1)?.key ?? after
  }
}

async function* logOf(store: Store, log: string): AsyncGenerator<string> {
  for (let after = 0; ; ) {
    const records = await store.read(log, after, 1000)
    for (const { value } of records) yield value
    if (records.length < 1000) return
    after = records.at(-1)?.offset ?? after
  }
}
