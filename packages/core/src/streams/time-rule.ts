import { patchbayError } from '../errors.ts'
import type { StreamPage, StreamSpec } from '../stream.ts'
import { type Advance, type CommitRule, cut, front, type Segment } from './commit-rule.ts'
import { noPositions, type Position, parsePosition, positionAt, type TopTwo, withPosition } from './position.ts'
import type { Chunk, LoadedState, StoredProgress } from './reader-state.ts'
import { RecentIds } from './recent-ids.ts'
import { recordId } from './record-id.ts'
import { resumeIssue } from './resume-point.ts'

export interface RuleOptions {
  readonly batchSize: number
  readonly maxKnown: number
  /** Wall-clock milliseconds at which this read began. */
  readonly startedAt: number
}

interface TimeSegment<Item> extends Segment<Item> {
  readonly ids: readonly string[]
  readonly positions: readonly Position[]
}

interface Found<Item> {
  readonly item: Item
  readonly id: string
  readonly position: Position
}

/**
 * Cursors that are times. Let W be the latest position of which everything before is acknowledged.
 *
 * - ascending: W moves with each acknowledged batch. Otherwise: when the window was read to its end and everything is acknowledged.
 * - The next read begins at W less the lag, and never later than the moment at which W was seen less the lag (a record dated ahead must
 *   not skip what comes before it). With an exclusive boundary and no lag it begins at the position before W: the vendor may have more records of W.
 * - Records that come again for these reasons are known by key and position, and left out.
 */
export class TimeRule<Item> implements CommitRule<Item> {
  readonly #spec: StreamSpec<never, Item>
  readonly #options: RuleOptions
  /** Handed over by reads before this one. */
  readonly #known: ReadonlySet<string>
  readonly #recent: RecentIds
  #progress: StoredProgress
  #cursor: Position | undefined
  readonly #floor: Position | undefined
  #last: Position | undefined
  #page = 0
  /** The finest step seen in this read: the vendor's times are at least that exact. */
  #stepMs = Number.POSITIVE_INFINITY
  /** Over the segments that were adopted. */
  #top: TopTwo = noPositions
  /** See {@link capOf}. */
  #cap = Number.POSITIVE_INFINITY

  constructor(spec: StreamSpec<never, Item>, { progress, chunks }: LoadedState, options: RuleOptions) {
    this.#spec = spec
    this.#options = options
    this.#progress = progress
    this.#cursor = progress.cursor === undefined ? undefined : this.#parse(progress.cursor, 'the stored cursor')
    this.#floor = this.#cursor
    this.#known = new Set(chunks.flatMap(({ ids }) => ids))
    this.#recent = new RecentIds(options.maxKnown)
  }

  take(page: StreamPage<Item>, arrivedAt: number): readonly Segment<Item>[] {
    this.#page++
    const fresh: Found<Item>[] = []
    let top = noPositions
    for (const item of page.items) {
      const position = this.#positionOf(item)
      this.#stepMs = Math.min(this.#stepMs, position.stepMs)
      // Vendors with a coarser filter than asked for give records from before the cursor again.
      if (!this.#mayComeAgain(position.key, this.#floor)) continue
      const id = recordId(position.key, this.#spec.key(item))
      const seen = this.#known.has(id) || this.#recent.has(id)
      if (this.#last !== undefined && position.key < this.#last.key) this.#checkOrder(seen)
      else this.#last = position
      top = withPosition(top, position)
      if (seen) continue
      this.#recent.add(id)
      fresh.push({ item, id, position })
    }
    if (fresh.length === 0 && top === noPositions) return []
    return cut(fresh as unknown as readonly Item[], this.#options.batchSize, (part, last) =>
      this.#segment(part as unknown as readonly Found<Item>[], last ? top : undefined, arrivedAt),
    )
  }

  advance(line: readonly Segment<Item>[], drained: boolean): Advance {
    const { covered, records } = front(line)
    let top = this.#top
    let cap = this.#cap
    for (let index = 0; index < covered; index++) {
      const segment = line[index] as Segment<Item>
      top = withPosition(withPosition(top, segment.top.second), segment.top.high)
      cap = Math.min(cap, this.#capOf(segment))
    }
    const moves = this.#spec.order === 'ascending' || (drained && covered === line.length)
    const cursor = moves ? this.#resume(top, cap) : this.#cursor
    return {
      progress: { ...this.#progress, cursor: cursor?.text, records: this.#progress.records + records },
      covered,
      page: 0,
    }
  }

  adopt({ progress }: Advance, covered: readonly Segment<Item>[]): void {
    for (const segment of covered) {
      this.#top = withPosition(withPosition(this.#top, segment.top.second), segment.top.high)
      this.#cap = Math.min(this.#cap, this.#capOf(segment))
    }
    this.#progress = progress
    this.#cursor = progress.cursor === undefined ? undefined : this.#parse(progress.cursor, 'the cursor')
  }

  remember(segment: Segment<Item>, { progress }: Advance): Omit<Chunk, 'number'> | undefined {
    const { ids, positions } = segment as TimeSegment<Item>
    const cursor = progress.cursor === undefined ? undefined : parsePosition(progress.cursor)
    const kept: string[] = []
    let last: string | undefined
    for (let index = 0; index < ids.length; index++) {
      const { key } = positions[index] as Position
      if (!this.#mayComeAgain(key, cursor)) continue
      kept.push(ids[index] as string)
      if (last === undefined || key > last) last = key
    }
    return kept.length === 0 ? undefined : { ids: kept, last }
  }

  forgets({ last }: Chunk, { progress }: Advance): boolean {
    const cursor = progress.cursor === undefined ? undefined : parsePosition(progress.cursor)
    return last === undefined || !this.#mayComeAgain(last, cursor)
  }

  #segment(part: readonly Found<Item>[], pageTop: TopTwo | undefined, arrivedAt: number): TimeSegment<Item> {
    let top = pageTop ?? noPositions
    if (pageTop === undefined) for (const { position } of part) top = withPosition(top, position)
    return {
      records: part.map(({ item }) => item),
      ids: part.map(({ id }) => id),
      positions: part.map(({ position }) => position),
      acked: part.length === 0,
      page: this.#page,
      cursor: undefined,
      arrivedAt,
      top,
      tail: [],
    }
  }

  #resume({ high, second }: TopTwo, cap: number): Position | undefined {
    if (high === undefined) return this.#cursor
    const { lagMs = 0, boundary } = this.#spec
    let target: Position | undefined
    if (lagMs > 0 || high.ms > cap) {
      const ms = Math.min(high.ms - lagMs, cap)
      target = positionAt(boundary === 'exclusive' ? ms - 1 : ms)
    } else {
      target = boundary === 'inclusive' ? high : second
    }
    if (target === undefined) return this.#cursor
    return this.#cursor === undefined || target.key > this.#cursor.key ? target : this.#cursor
  }

  /**
   * The latest moment up to which the segment leaves nothing behind. A page that came when its records were younger than the lag may miss
   * some that the vendor adds later, however far this read still goes. With a lag of nought the same holds for records younger than one step
   * of the vendor's times (another may follow within the step) and for records dated ahead of the clock. Without an order, every page
   * counts as read when the whole read began.
   */
  #capOf({ top, arrivedAt }: Segment<Item>): number {
    const { lagMs = 0, order } = this.#spec
    const settled = (order === 'ascending' ? arrivedAt : this.#options.startedAt) - lagMs - this.#stepMs
    return top.high !== undefined && top.high.ms > settled ? settled : Number.POSITIVE_INFINITY
  }

  /** Whether a read from `cursor` gives records of this position. */
  #mayComeAgain(key: string, cursor: Position | undefined): boolean {
    if (cursor === undefined) return true
    return this.#spec.boundary === 'inclusive' ? key >= cursor.key : key > cursor.key
  }

  #checkOrder(seen: boolean): void {
    // A page that comes twice is harmless; a record out of its order means that the cursor has passed others like it.
    if (seen || this.#spec.order !== 'ascending') return
    throw patchbayError({
      kind: 'protocol',
      code: 'order',
      sent: 'all',
      message: `the stream ${this.#spec.name} is declared ascending and gave a record that is older than the one before it`,
      issues: [resumeIssue(this.#progress.cursor)],
    })
  }

  #positionOf(item: Item): Position {
    const text = this.#spec.position?.(item)
    if (typeof text === 'string') return this.#parse(text, 'the position of a record')
    throw patchbayError({
      kind: 'protocol',
      code: 'no-position',
      sent: 'all',
      message: `a record of the stream ${this.#spec.name} has no position`,
      issues: [resumeIssue(this.#progress.cursor)],
    })
  }

  #parse(text: string, what: string): Position {
    const position = parsePosition(text)
    if (position !== undefined) return position
    throw patchbayError({
      kind: 'protocol',
      code: 'no-position',
      sent: 'all',
      message: `${what} of the stream ${this.#spec.name} is no ISO 8601 time`,
      issues: [resumeIssue(this.#progress?.cursor)],
    })
  }
}
