import type { StreamPage } from '@patchbay/core'
import type { PaginationEntry, StreamEntry } from './manifest-parts.ts'

type Timed = Extract<StreamEntry['cursor'], { kind: 'time' }>

export interface WalkedPage {
  readonly output: { readonly items: readonly unknown[] }
  readonly last: boolean
}

export interface Walk {
  /** The pages of the list from a time on. */
  readonly pages: (begin: string | undefined) => AsyncIterable<WalkedPage>
  readonly position: (item: unknown) => string | undefined
  readonly cursor: Timed
}

/** Kinds whose next page is a place in a list that may have moved. */
const placed: ReadonlySet<PaginationEntry['kind']> = new Set(['page', 'offset', 'link-header', 'next-url'])

/** Whether pages of a stream's list may shift under it: by number, and not out of a view that stands still. */
export function mayShift(pagination: PaginationEntry, { order }: Timed): boolean {
  if (order !== 'ascending' || !placed.has(pagination.kind)) return false
  return !('view' in pagination) || pagination.view !== 'snapshot'
}

/**
 * Reads a list that is ordered by a time which changes. A record that changes while it is read moves to the end; all behind it move up, and
 * the first of the next page would never be seen. So after each page the list is asked for anew, from the last time seen, where the record
 * of that time comes again; only while one time fills whole pages does it go on by pages.
 */
export async function* walkByTime(
  { pages, position, cursor }: Walk,
  from: string | undefined,
): AsyncGenerator<StreamPage<unknown>> {
  const step = stepMs[cursor.precision ?? 'ms']
  // What is asked for is "later than": one step earlier, so that records of the same time come again.
  const back = cursor.boundary === 'exclusive' ? step : 0
  for (let begin = from; ; ) {
    let further: string | undefined
    for await (const { output, last } of pages(begin)) {
      yield { items: output.items }
      if (last) return
      further = later(begin, position(output.items.at(-1)), { step, back })
      if (further !== undefined) break
    }
    if (further === undefined) return
    begin = further
  }
}

const stepMs: Readonly<Record<NonNullable<Timed['precision']>, number>> = {
  day: 86_400_000,
  minute: 60_000,
  s: 1000,
  ms: 1,
  us: 1,
  ns: 1,
}

/** Where to ask next, when that is later than where was asked: as exact as the vendor reads it. */
function later(
  begin: string | undefined,
  reached: string | undefined,
  { step, back }: { readonly step: number; readonly back: number },
): string | undefined {
  const at = reached === undefined ? Number.NaN : Date.parse(reached)
  if (Number.isNaN(at)) return undefined
  const next = Math.floor(at / step) * step - back
  const present = begin === undefined ? Number.NEGATIVE_INFINITY : Math.floor(Date.parse(begin) / step) * step
  return next > present ? new Date(next).toISOString() : undefined
}
