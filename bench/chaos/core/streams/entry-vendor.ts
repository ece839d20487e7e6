import type { SeededRandom } from '@patchbay/core/testing'

export interface Entry {
  readonly id: string
  readonly at: string
}

export interface EntryPage {
  readonly items: readonly Entry[]
  readonly next?: string | undefined
  readonly cursor?: string | undefined
}

/** `times`: by time of change, with late arrivals. `log`: a change log with opaque cursors. `window`: newest first, one cursor at the end. */
export const feeds = ['times', 'log', 'window'] as const
export type Feed = (typeof feeds)[number]

/** For how long entries may come in behind the newest ones. */
export const lagMs = 150
const stepMs = 10
const pageSize = 12
/** Share of the pages that the vendor gives twice. */
const repeats = 0.04

/** A vendor whose lists grow with every page that is asked for. It keeps everything it ever had: the truth. */
export class EntryVendor {
  readonly #random: SeededRandom
  readonly #entries: Record<Feed, Entry[]> = { times: [], log: [], window: [] }
  /** A page by time that is to be asked for once more. */
  #again: { readonly cursor: string | undefined; readonly page: string; readonly answer: EntryPage } | undefined
  /** While false, nothing is added. */
  grows = true

  constructor(random: SeededRandom) {
    this.#random = random
  }

  ids(feed: Feed): readonly string[] {
    return this.#entries[feed].map(({ id }) => id)
  }

  page(feed: Feed, cursor: string | undefined, page: string | undefined): EntryPage {
    if (this.grows) for (let more = this.#random.below(9); more > 0; more--) this.#add(feed)
    if (feed === 'times') return this.#times(cursor, page)
    return feed === 'log' ? this.#log(cursor, page) : this.#window(cursor, page)
  }

  #add(feed: Feed): void {
    const entries = this.#entries[feed]
    const late = feed === 'times' && this.#random.next() < 0.2 ? this.#random.below(lagMs - 4 * stepMs) : 0
    const at = new Date(Math.floor((Date.now() - late) / stepMs) * stepMs).toISOString()
    const entry = { id: `${feed}-${entries.length}`, at }
    let place = entries.length
    while (feed === 'times' && sortKey(entries[place - 1]) > sortKey(entry)) place--
    entries.splice(place, 0, entry)
  }

  /** By time and id; a page goes on behind the last entry of the one before. */
  #times(cursor: string | undefined, page: string | undefined): EntryPage {
    // A page that comes twice comes as it was: with late arrivals in it, it would contradict the order.
    const again = this.#again
    if (again !== undefined && again.cursor === cursor && again.page === page) return again.answer
    this.#again = undefined
    const entries = this.#entries.times
    const from = cursor === undefined ? '' : new Date(cursor).toISOString()
    let start = entries.length
    while (start > 0 && (entries[start - 1] as Entry).at >= from && sortKey(entries[start - 1]) > (page ?? '')) start--
    const items = entries.slice(start, start + pageSize)
    if (items.length < pageSize) return { items }
    const answer = { items, next: sortKey(items.at(-1)) }
    if (page === undefined || this.#random.next() >= repeats) return answer
    this.#again = { cursor, page, answer }
    return { items, next: page }
  }

  /** A cursor is the number of entries before it. */
  #log(cursor: string | undefined, page: string | undefined): EntryPage {
    const entries = this.#entries.log
    const from = Number((page ?? cursor ?? 'c0').slice(1))
    const items = entries.slice(from, from + pageSize)
    const end = `c${from + items.length}`
    if (items.length < pageSize) return { items, cursor: end }
    return { items, cursor: end, next: this.#random.next() < repeats ? `c${from}` : end }
  }

  /** What came after the cursor until the first page was asked for, newest first; only the last page has the next cursor. */
  #window(cursor: string | undefined, page: string | undefined): EntryPage {
    const entries = this.#entries.window
    const from = Number((cursor ?? 'w0').slice(1))
    const [end = 0, taken = 0] = (page ?? `${entries.length}:0`).split(':').map(Number)
    const items = entries
      .slice(from, end)
      .reverse()
      .slice(taken, taken + pageSize)
    return from + taken + items.length >= end
      ? { items, cursor: `w${end}` }
      : { items, next: `${end}:${taken + items.length}` }
  }
}

function sortKey(entry: Entry | undefined): string {
  return entry === undefined ? '' : `${entry.at} ${entry.id.padStart(20, '0')}`
}
