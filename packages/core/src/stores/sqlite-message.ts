import type { ErrorFacts } from '../errors.ts'
import type { Version, Write, WriteGroup, WriteResult } from '../store.ts'

/** What the store asks of its worker; each is answered once, in order. */
export type SqliteRequest =
  | { readonly kind: 'open' }
  | { readonly kind: 'write'; readonly groups: FlatGroups; readonly now: number }
  | { readonly kind: 'trim'; readonly log: string; readonly upTo: number; readonly limit: number }
  | { readonly kind: 'close' }

export interface SqliteReply {
  readonly results?: FlatResults
  /** Of a trim: nothing is left to remove. */
  readonly done?: boolean
  readonly failure?: ErrorFacts
}

export interface SqliteSettings {
  readonly file: string
  readonly synchronous: 'full' | 'normal'
  readonly busyTimeoutMs: number
}

/**
 * Groups as one array of strings, numbers and nulls: a third cheaper to clone between threads than objects, and nothing that
 * a caller left on its objects can make the clone fail. Per group its length, then five items per change.
 */
export type FlatGroups = readonly (string | number | null)[]

export function flatten(groups: readonly WriteGroup[]): FlatGroups {
  const flat: (string | number | null)[] = []
  for (const group of groups) {
    flat.push(group.length)
    for (const change of group) {
      if (change.kind === 'append') flat.push('append', change.log, change.value, null, null)
      else if (change.kind === 'delete') flat.push('delete', change.key, null, change.ifVersion ?? null, null)
      else flat.push('put', change.key, change.value, change.ifVersion ?? null, change.ttlMs ?? null)
    }
  }
  return flat
}

export function unflatten(flat: FlatGroups): WriteGroup[] {
  const groups: WriteGroup[] = []
  for (let at = 0; at < flat.length; ) {
    const group: Write[] = []
    const end = at + 1 + (flat[at] as number) * 5
    for (at += 1; at < end; at += 5) group.push(changeOf(flat.slice(at, at + 5)))
    groups.push(group)
  }
  return groups
}

/**
 * Per group the number of its versions and these as numbers (0 for the empty string of a delete), or -1 and the index of the condition
 * that failed.
 */
export type FlatResults = readonly number[]

export function flattenResults(results: readonly WriteResult[]): FlatResults {
  const flat: number[] = []
  for (const result of results) {
    if (result.applied) {
      flat.push(result.versions.length)
      for (const version of result.versions) flat.push(Number(version))
    } else flat.push(-1, result.conflict)
  }
  return flat
}

export function unflattenResults(flat: FlatResults): WriteResult[] {
  const results: WriteResult[] = []
  for (let at = 0; at < flat.length; ) {
    const count = flat[at++] as number
    if (count < 0) {
      results.push({ applied: false, conflict: flat[at++] as number })
      continue
    }
    const versions: Version[] = []
    for (const end = at + count; at < end; at++) versions.push(flat[at] === 0 ? '' : String(flat[at]))
    results.push({ applied: true, versions })
  }
  return results
}

function changeOf([kind, name, value, ifVersion, ttlMs]: FlatGroups): Write {
  if (kind === 'append') return { kind, log: name as string, value: value as string }
  const key = name as string
  const condition = (ifVersion ?? undefined) as string | undefined
  if (kind === 'delete') return { kind, key, ifVersion: condition }
  return {
    kind: 'put',
    key,
    value: value as string,
    ifVersion: condition,
    ttlMs: (ttlMs ?? undefined) as number | undefined,
  }
}
