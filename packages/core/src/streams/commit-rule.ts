import type { StreamPage } from '../stream.ts'
import type { TopTwo } from './position.ts'
import type { Chunk, StoredProgress } from './reader-state.ts'

/** A part of a page that is acknowledged as one. */
export interface Segment<Item> {
  /** What the consumer gets: the page's records without those that it already had. */
  readonly records: readonly Item[]
  acked: boolean
  /** Which page of this read, from 1. */
  readonly page: number
  /** Set on the last segment of a page: the vendor's position after it. */
  readonly cursor: string | undefined
  /** Wall-clock milliseconds at which the page came. */
  readonly arrivedAt: number
  /** Latest positions of all its records, also of those that were left out (time cursors). */
  readonly top: TopTwo
  /** Ids of the last records of the page, on its last segment (opaque, inclusive cursors). */
  readonly tail: readonly string[]
}

/** Where reading stands, as far as the segments at the front of the line are acknowledged. */
export interface Advance {
  readonly progress: StoredProgress
  /** How many segments from the front of the line it covers. */
  readonly covered: number
  /** The last page of this read before the cursor; 0 while the cursor has not moved (opaque cursors). */
  readonly page: number
}

/**
 * When the cursor may move, and what must be remembered for the records that will be read once more: derived from a stream's declared
 * order, boundary and lag, and never configured.
 */
export interface CommitRule<Item> {
  /** Takes a page: leaves out what was handed over before, checks the declared order, cuts it into segments. */
  take(page: StreamPage<Item>, arrivedAt: number): readonly Segment<Item>[]
  /** Where reading would stand with these acknowledgements; `drained`: the vendor has no more pages. Changes nothing. */
  advance(line: readonly Segment<Item>[], drained: boolean): Advance
  /** Makes an advance the present state, once it is stored. The segments are those that it covers. */
  adopt(advance: Advance, covered: readonly Segment<Item>[]): void
  /** Ids of the segment's records that will or may be read once more after the advance. */
  remember(segment: Segment<Item>, advance: Advance): Omit<Chunk, 'number'> | undefined
  /** Whether nothing of the chunk can be read again after the advance. */
  forgets(chunk: Chunk, advance: Advance, drained: boolean): boolean
}

/** Cuts the records of a page into segments of at most `size`; at least one, so that a page's cursor has a place. */
export function cut<Item>(
  records: readonly Item[],
  size: number,
  make: (part: readonly Item[], last: boolean) => Segment<Item>,
): Segment<Item>[] {
  if (records.length <= size) return [make(records, true)]
  const segments: Segment<Item>[] = []
  for (let at = 0; at < records.length; at += size) {
    segments.push(make(records.slice(at, at + size), at + size >= records.length))
  }
  return segments
}

/** The number of acknowledged segments at the front of the line, and of their records. */
export function front<Item>(line: readonly Segment<Item>[]): { readonly covered: number; readonly records: number } {
  let covered = 0
  let records = 0
  for (const segment of line) {
    if (!segment.acked) break
    covered++
    records += segment.records.length
  }
  return { covered, records }
}
