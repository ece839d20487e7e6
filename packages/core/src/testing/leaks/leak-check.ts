import { getEventListeners } from 'node:events'
import { systemClock } from '../../clock.ts'

export interface LeakCheckOptions {
  /** Signals whose abort listeners are counted: the caller's, which outlives the call. */
  readonly signals?: readonly AbortSignal[]
  /** Anything else that must return to what it was, such as `{ 'fake timers': () => clock.pending.timers }`. */
  readonly counters?: Readonly<Record<string, () => number>>
  /** Real milliseconds given to sockets that are about to close; only what is left behind waits so long. Default 500. */
  readonly withinMs?: number
  /** Types of `process.getActiveResourcesInfo()` that belong to somebody else, such as a test runner's timers. */
  readonly ignore?: readonly string[]
}

export interface LeakCheck {
  /**
   * `withinMs` overrides the option of the check.
   * @throws Error naming each kind of thing of which there is more than before.
   */
  verify(withinMs?: number): Promise<void>
}

/**
 * Counts what keeps the process busy (sockets, servers, timers, threads, pending file work), and listeners; `verify` compares. Things
 * that do not keep the process alive, such as unref'd timers, are not seen: give a counter for them.
 */
export function leakCheck(options: LeakCheckOptions = {}): LeakCheck {
  // Made at their first use, and pipes or sockets where the output goes to another program: the first line printed is no leak.
  void [process.stdout, process.stderr]
  const before = count(options)
  return {
    async verify(withinMs = options.withinMs ?? 500) {
      const end = systemClock.monotonic() + withinMs
      let left = compare(before, count(options))
      while (left.length > 0 && systemClock.monotonic() < end) {
        // Turns the event loop without a timer of its own, which would be counted.
        await new Promise<void>((resolve) => systemClock.afterInput(resolve))
        left = compare(before, count(options))
      }
      if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`)
    },
  }
}

function count({ signals = [], counters = {}, ignore = [] }: LeakCheckOptions): Map<string, number> {
  const counts = new Map<string, number>()
  // The Immediate is what a caller's own turn of the event loop looks like.
  const others = new Set(['Immediate', ...ignore])
  for (const type of process.getActiveResourcesInfo())
    if (!others.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1)
  for (const [index, signal] of signals.entries())
    counts.set(`abort listener on signal ${index}`, getEventListeners(signal, 'abort').length)
  for (const [name, counter] of Object.entries(counters)) counts.set(name, counter())
  return counts
}

function compare(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...after]
    .map(([name, number]) => [name, number - (before.get(name) ?? 0)] as const)
    .filter(([, more]) => more > 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, more]) => `${more} ${name}`)
}
