import { type PatchbayError, patchbayError } from '../errors.ts'
import type { Write, WriteGroup } from '../store.ts'

const longestKey = 512
const longestValue = 16 * 1024 * 1024
const longestTtlMs = 1e12

/** `at` is the place of a change, `[group, index]`; the path is only made when it is needed. */
type Place = readonly [group: number, index: number]

function invalid(field: string, message: string, at?: Place): PatchbayError {
  const path = at === undefined ? field : `groups[${at[0]}][${at[1]}].${field}`
  return patchbayError({ kind: 'invalid-input', sent: 'none', issues: [{ path, message }] }, { connector: 'store' })
}

/** Refuses what some engine could not keep exactly, so that all of them accept the same. The value itself is never shown. */
function text(value: unknown, field: string, at?: Place): string {
  if (typeof value !== 'string') throw invalid(field, 'must be a string', at)
  if (!value.isWellFormed()) throw invalid(field, 'must not hold a lone surrogate: UTF-8 has no bytes for it', at)
  return value
}

function bound(value: unknown, field: string, at?: Place): string {
  if (text(value, field, at).includes('\0')) throw invalid(field, 'must not hold NUL', at)
  return value as string
}

export function checkKey(value: unknown, field: string, at?: Place): void {
  const key = bound(value, field, at)
  // A UTF-16 unit makes at most 3 bytes, so that short keys need no counting.
  if (key === '' || (key.length * 3 > longestKey && Buffer.byteLength(key) > longestKey)) {
    throw invalid(field, `must have 1 to ${longestKey} bytes of UTF-8`, at)
  }
}

function checkChange(change: Write, at: Place): void {
  if (change.kind === 'append') checkKey(change.log, 'log', at)
  else checkKey(change.key, 'key', at)
  if (change.kind === 'delete') return
  if (text(change.value, 'value', at).length > longestValue) {
    throw invalid('value', `must have at most ${longestValue} UTF-16 units; keep larger values elsewhere`, at)
  }
  if (change.kind === 'append') return
  if (change.kind !== 'put') throw invalid('kind', "must be 'put', 'delete' or 'append'", at)
  const ttlMs = change.ttlMs ?? 1
  if (!(ttlMs > 0 && ttlMs <= longestTtlMs)) throw invalid('ttlMs', `must be above 0 and at most ${longestTtlMs}`, at)
}

export function checkGroups(groups: readonly WriteGroup[]): void {
  for (const [at, group] of groups.entries()) {
    for (const [index, change] of group.entries()) checkChange(change, [at, index])
  }
}

export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw invalid('limit', 'must be a whole number from 1 to 1000')
}

export function checkList(prefix: string, after: string, limit: number): void {
  bound(prefix, 'prefix')
  bound(after, 'after')
  checkLimit(limit)
}

export function checkOffset(log: string, offset: number, path: string): void {
  checkKey(log, 'log')
  if (!Number.isSafeInteger(offset)) throw invalid(path, 'must be a whole number')
}

export function storeClosed(): PatchbayError {
  return patchbayError(
    {
      kind: 'unavailable',
      code: 'store-closed',
      retry: 'never',
      sent: 'none',
      message: 'the store was closed; open a new one',
    },
    { connector: 'store' },
  )
}
