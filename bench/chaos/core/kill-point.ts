import type { SeededRandom } from '@patchbay/core/testing'

/**
 * Where a life ends, counted in progress and not in time.
 *
 * - `write`: the process ends itself at the n-th write of its store: before the write reaches the engine, a moment after it did (in the
 *   middle of the transaction or just behind it), or when it is durable and nobody has heard of it yet.
 * - `request`: it is killed from outside at the n-th request between it and the other side: before the other side worked on it, in the
 *   middle of the answer, or after the answer.
 */
export interface KillPoint {
  readonly at: 'write' | 'request'
  /** From 1, within one life. */
  readonly nth: number
  readonly phase: 'before' | 'during' | 'after'
  /** Share, 0 to 1, of the bytes that still pass in the middle of a message, or of the longest delay behind an event. */
  readonly part: number
}

/** How far apart the points of a subject lie. */
export interface Reach {
  readonly writes: number
  readonly requests: number
}

const kinds = (['write', 'request'] as const).flatMap((at) =>
  (['before', 'during', 'after'] as const).map((phase) => ({ at, phase })),
)

/** An endless row of points: every kind once before any kind comes again, early points more often than late ones. */
export function* killPoints(random: SeededRandom, reach: Reach): Generator<KillPoint, never> {
  for (;;) {
    for (const { at, phase } of random.shuffle(kinds)) {
      const most = at === 'write' ? reach.writes : reach.requests
      const nth = 1 + Math.floor(most * random.next() ** 2)
      yield { at, phase, nth, part: random.next() }
    }
  }
}

/** Milliseconds behind an event, for the points that have any. */
export function delayMs(point: KillPoint, longest: number): number {
  return point.part * longest
}

export function pointText({ at, nth, phase, part }: KillPoint): string {
  return `${phase} ${at} ${nth} (${part.toFixed(3)})`
}
