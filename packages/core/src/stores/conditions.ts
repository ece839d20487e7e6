import type { Version, WriteGroup } from '../store.ts'

/** Stands for the version that an earlier change of the same group will get: nobody can have asked for it. */
const unknownYet = ' '

/**
 * Index of the first change whose condition fails, or -1 when the group applies.
 * @param versionOf version of a live entry before the group, undefined when there is none
 */
export function firstConflict(group: WriteGroup, versionOf: (key: string) => Version | undefined): number {
  let changed: Map<string, Version | undefined> | undefined
  for (const [index, change] of group.entries()) {
    if (change.kind === 'append') continue
    const { key, ifVersion } = change
    if (ifVersion !== undefined) {
      const version = changed?.has(key) ? changed.get(key) : versionOf(key)
      const wanted = change.kind === 'put' && ifVersion === 'absent' ? undefined : ifVersion
      if (version !== wanted) return index
    }
    if (index + 1 < group.length) {
      changed ??= new Map()
      changed.set(key, change.kind === 'put' ? unknownYet : undefined)
    }
  }
  return -1
}
