import { patchbayError } from '../errors.ts'
import type { StreamPage, StreamSpec } from '../stream.ts'
import { type Advance, type CommitRule, cut, front, type Segment } from './commit-rule.ts'
import { noPositions } from './position.ts'
import type { Chunk, LoadedState, StoredProgress } from './reader-state.ts'
import { RecentIds } from './recent-ids.ts'
import { recordId } from './record-id.ts'
import { resumeIssue } from './resume-point.ts'
import type { RuleOptions } from './time-rule.ts'

/** How many records before an inclusive cursor may come again with it. */
const tailLength = 100
const rememberedCursors = 20_000

/**
 * Cursors that only the vendor understands and that come with pages.
 *
 * - ascending: the cursor moves to a page's when it and all pages before it are acknowledged. Otherwise: to the last page's, when the window
 *   was read to its end and everything is acknowledged.
 * - What was acknowledged beyond the cursor (part of a page, a page before an unacknowledged one, pages without a cursor) comes again after
 *   a restart; it is known by key and content and left out once for each time that it was handed over. The content counts, because a feed
 *   may have a newer state of the same record in that place.
 * - With an inclusive boundary, what a page repeats of the end of the page before is left out.
 */
export class OpaqueRule<Item> implements CommitRule<Item> {
  readonly #spec: StreamSpec<never, Item>
  readonly #options: RuleOptions
  readonly #cursors = new RecentIds(rememberedCursors)
  /** For each id that an earlier read handed over: the chunks that hold it, one entry per time. */
  readonly #owed = new Map<string, number[]>()
  /** How many ids of a chunk have not come again yet. */
  readonly #left = new Map<number, number>()
  /** The page with which the last id of a chunk came again. */
  readonly #settled = new Map<number, number>()
  #progress: StoredProgress
  #tail: readonly string[]
  #page = 0
  #committed = 0
  /** Last cursor among the adopted segments, moved to or not. */
  #held: { readonly cursor: string; readonly tail: readonly string[]; readonly page: number } | undefined

  constructor(spec: StreamSpec<never, Item>, { progress, chunks }: LoadedState, options: RuleOptions) {
    this.#spec = spec
    this.#options = options
    this.#progress = progress
    this.#tail = progress.tail
    if (progress.cursor !== undefined) this.#cursors.add(progress.cursor)
    for (const { number, ids } of chunks) {
      this.#left.set(number, ids.length)
      for (const id of ids) {
        const holders = this.#owed.get(id)
        if (holders === undefined) this.#owed.set(id, [number])
        else holders.push(number)
      }
    }
  }

  take(page: StreamPage<Item>, arrivedAt: number): readonly Segment<Item>[] {
    this.#page++
    const inclusive = this.#spec.boundary === 'inclusive'
    const from = inclusive ? this.#overlap(page.items) : 0
    const fresh: Item[] = []
    for (let index = from; index < page.items.length; index++) {
      const item = page.items[index] as Item
      if (this.#owed.size === 0 || !this.#settle(this.#idOf(item))) fresh.push(item)
    }
    if (page.cursor !== undefined) this.#checkCursor(page.cursor, fresh.length)
    if (inclusive && page.items.length > 0) {
      this.#tail = page.items.slice(-tailLength).map((item) => this.#idOf(item))
    }
    const number = this.#page
    const tail = this.#tail
    return cut(fresh, this.#options.batchSize, (records, last) => ({
      records,
      acked: records.length === 0,
      page: number,
      cursor: last ? page.cursor : undefined,
      arrivedAt,
      top: noPositions,
      tail: last ? tail : [],
    }))
  }

  advance(line: readonly Segment<Item>[], drained: boolean): Advance {
    const { covered, records } = front(line)
    let held = this.#held
    for (let index = 0; index < covered; index++) held = holding(line[index] as Segment<Item>) ?? held
    const moves = this.#spec.order === 'ascending' || (drained && covered === line.length)
    const reached = moves ? held : undefined
    const { cursor, tail } = reached ?? this.#progress
    return {
      progress: { ...this.#progress, cursor, tail, records: this.#progress.records + records },
      covered,
      page: reached?.page ?? this.#committed,
    }
  }

  adopt({ progress, page }: Advance, covered: readonly Segment<Item>[]): void {
    for (const segment of covered) this.#held = holding(segment) ?? this.#held
    this.#progress = progress
    this.#committed = page
  }

  remember(segment: Segment<Item>, { page }: Advance): Omit<Chunk, 'number'> | undefined {
    if (segment.page <= page || segment.records.length === 0) return undefined
    return { ids: segment.records.map((item) => this.#idOf(item)), last: undefined, page: segment.page }
  }

  forgets(chunk: Chunk, { page }: Advance, drained: boolean): boolean {
    // Read to the end behind the cursor: what has not come again by now never will.
    if (drained && page === this.#page && page > 0) return true
    const until = chunk.page ?? this.#settled.get(chunk.number)
    return until !== undefined && until <= page
  }

  /** How many records at the page's beginning repeat the end of the page before. */
  #overlap(items: readonly Item[]): number {
    const most = Math.min(this.#tail.length, items.length)
    const ids = items.slice(0, most).map((item) => this.#idOf(item))
    for (let count = most; count > 0; count--) {
      const start = this.#tail.length - count
      if (ids.slice(0, count).every((id, index) => id === this.#tail[start + index])) return count
    }
    return 0
  }

  /** True when the record was handed over by an earlier read, as often as it was. */
  #settle(id: string): boolean {
    const holders = this.#owed.get(id)
    const chunk = holders?.shift()
    if (holders === undefined || chunk === undefined) return false
    if (holders.length === 0) this.#owed.delete(id)
    const left = (this.#left.get(chunk) ?? 1) - 1
    this.#left.set(chunk, left)
    if (left === 0) this.#settled.set(chunk, this.#page)
    return true
  }

  #checkCursor(cursor: string, fresh: number): void {
    // A page without news may well repeat its cursor; records under the same cursor twice would come for ever.
    if (fresh > 0 && this.#cursors.has(cursor)) {
      throw patchbayError({
        kind: 'protocol',
        code: 'cursor-repeated',
        sent: 'all',
        message: `the stream ${this.#spec.name} gave further records under a cursor that it had given before`,
        issues: [resumeIssue(this.#progress.cursor)],
      })
    }
    this.#cursors.add(cursor)
  }

  #idOf(item: Item): string {
    return recordId(this.#spec.key(item), this.#spec.position?.(item) ?? JSON.stringify(item))
  }
}

function holding<Item>({ cursor, tail, page }: Segment<Item>) {
  return cursor === undefined ? undefined : { cursor, tail, page }
}
