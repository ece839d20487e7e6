import type { Store, WriteGroup } from '@patchbay/core'

const padding = 'x'.repeat(500)

/** A group that leaves three traces; a store that tears it leaves fewer. */
export function groupOf(id: string): WriteGroup {
  return [
    { kind: 'put', key: `first/${id}`, value: padding, ifVersion: 'absent' },
    { kind: 'append', log: 'groups', value: id },
    { kind: 'put', key: `second/${id}`, value: padding, ttlMs: 3_600_000 },
  ]
}

async function idsUnder(store: Store, prefix: string): Promise<Set<string>> {
  const ids = new Set<string>()
  for (let after: string | undefined; ; ) {
    const page = await store.list(prefix, after === undefined ? { limit: 1000 } : { after, limit: 1000 })
    for (const { key } of page) ids.add(key.slice(prefix.length))
    after = page.at(-1)?.key
    if (page.length < 1000) return ids
  }
}

export interface GroupCount {
  /** Groups of which every trace is there. */
  readonly whole: ReadonlySet<string>
  /** Ids of groups of which some trace is missing, or that stand in the log twice. */
  readonly torn: readonly string[]
}

/** Looks at everything that writers left in a store. */
export async function countGroups(store: Store): Promise<GroupCount> {
  const first = await idsUnder(store, 'first/')
  const second = await idsUnder(store, 'second/')
  const logged = new Map<string, number>()
  for (let after = 0; ; ) {
    const records = await store.read('groups', after, 1000)
    for (const { value } of records) logged.set(value, (logged.get(value) ?? 0) + 1)
    after = records.at(-1)?.offset ?? after
    if (records.length < 1000) break
  }
  const all = new Set([...first, ...second, ...logged.keys()])
  const isWhole = (id: string): boolean => first.has(id) && second.has(id) && logged.get(id) === 1
  return {
    whole: new Set([...all].filter(isWhole)),
    torn: [...all].filter((id) => !isWhole(id)),
  }
}
