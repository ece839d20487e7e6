import type { ErrorFacts } from '../errors.ts'
import type { Write, WriteGroup, WriteResult } from '../store.ts'

/** What the store asks of its worker; each is answered once, in order. */
export type SqliteRequest =
  | { readonly kind: 'open' }
  | { readonly kind: 'write'; readonly groups: FlatGroups; readonly now: number }
  | { readonly kind: 'trim'; readonly log: string; readonly upTo: number; readonly limit: number }
  | { readonly kind: 'close' }

export interface SqliteReply {
  readonly results?: readonly WriteResult[]
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
