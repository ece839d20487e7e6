import type { Version, WriteGroup, WriteResult } from '../store.ts'
import { firstConflict } from './conditions.ts'

export interface PlannedPut {
  readonly value: string
  readonly version: Version
  readonly ttlMs: number | undefined
}

/** What a batch of groups comes to, for engines that change many rows with one statement. */
export interface WritePlan {
  /** The last state of every key that was looked at: undefined where nothing is left. */
  readonly entries: ReadonlyMap<string, PlannedPut | undefined>
  /** Per log its new values, in order. */
  readonly logs: ReadonlyMap<string, readonly string[]>
  /** The results, once the offset of each log's first new record is known. */
  results(firstOffsets: ReadonlyMap<string, number>): WriteResult[]
}

/** All keys that the groups put or delete, in the one order in which every process locks them. */
export function keysOf(groups: readonly WriteGroup[]): string[] {
  const keys = new Set<string>()
  for (const group of groups) for (const change of group) if (change.kind !== 'append') keys.add(change.key)
  return [...keys].sort()
}

/**
 * Decides which groups apply.
 * @param found the versions of live entries, read under a lock
 * @param versions enough new versions for every put, rising
 */
export function planWrites(
  groups: readonly WriteGroup[],
  found: ReadonlyMap<string, Version>,
  versions: readonly Version[],
): WritePlan {
  const entries = new Map<string, PlannedPut | undefined>()
  const logs = new Map<string, string[]>()
  const outcomes: ((firstOffsets: ReadonlyMap<string, number>) => WriteResult)[] = []
  let used = 0

  const apply = (group: WriteGroup) => {
    const made = group.map((change): Version | readonly [log: string, index: number] => {
      if (change.kind === 'append') {
        const values = logs.get(change.log) ?? []
        logs.set(change.log, values)
        return [change.log, values.push(change.value) - 1]
      }
      if (change.kind === 'delete') {
        entries.set(change.key, undefined)
        return ''
      }
      const version = versions[used++] as Version
      entries.set(change.key, { value: change.value, version, ttlMs: change.ttlMs })
      return version
    })
    return (firstOffsets: ReadonlyMap<string, number>): WriteResult => ({
      applied: true,
      versions: made.map((one) => (typeof one === 'string' ? one : String((firstOffsets.get(one[0]) ?? 0) + one[1]))),
    })
  }

  for (const group of groups) {
    const conflict = firstConflict(group, (key) => (entries.has(key) ? entries.get(key)?.version : found.get(key)))
    outcomes.push(conflict < 0 ? apply(group) : () => ({ applied: false, conflict }))
  }
  return { entries, logs, results: (firstOffsets) => outcomes.map((outcome) => outcome(firstOffsets)) }
}
