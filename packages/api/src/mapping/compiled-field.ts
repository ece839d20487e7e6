import type { Segment } from '../expression/reads.ts'
import { isObject, setOwn } from '../expression/values.ts'
import type { State } from './state.ts'

/** Reads a field of the model out of the current value; null and undefined: there is none. `out` is the object that the field is in. */
export type Read = (value: unknown, state: State, out: Record<string, unknown>) => unknown

/** What a record is put together in. */
export interface Holder {
  value: unknown
}

/** Puts the value of a field back where it came from; names in `lost` what it cannot put back. */
export type Back = (value: unknown, holder: Holder, lost: string[], at: string) => void

export interface CompiledField {
  readonly read: Read
  /** Undefined: there is no way back; why stands among the irreversible fields. */
  readonly back: Back | undefined
}

/**
 * Builds an object out of fields in the order of the spec, so that complete records have one shape. `optional`: undefined instead of an object
 * without fields.
 */
export function objectReader(fields: readonly (readonly [string, CompiledField])[], optional = false): Read {
  const keys = fields.map(([key]) => key)
  const reads = fields.map(([, { read }]) => read)
  const plain = keys.every((key) => !(key in Object.prototype))
  return (value, state) => {
    const out: Record<string, unknown> = {}
    let empty = optional
    for (let index = 0; index < reads.length; index++) {
      const found = (reads[index] as Read)(value, state, out)
      if (found === null || found === undefined) continue
      empty = false
      if (plain) out[keys[index] as string] = found
      else setOwn(out, keys[index] as string, found)
    }
    // A table may have kept its value in a field that no rule names.
    if (empty) for (const _ in out) return out
    return empty ? undefined : out
  }
}

export function objectBack(fields: readonly (readonly [string, CompiledField])[]): Back {
  return (value, holder, lost, at) => {
    if (!isObject(value)) return
    for (const [key, { back }] of fields) {
      if (!Object.hasOwn(value, key) || value[key] === undefined) continue
      const field = at === '' ? key : `${at}.${key}`
      if (back === undefined) lost.push(field)
      else back(value[key], holder, lost, field)
    }
    const known = new Set(fields.map(([key]) => key))
    for (const key of Object.keys(value)) if (!known.has(key)) lost.push(at === '' ? key : `${at}.${key}`)
  }
}

/** Sets the value at a path of names; objects on the way are made. */
export function put(holder: Holder, path: readonly Segment[], value: unknown): void {
  if (path.length === 0) {
    holder.value = value
    return
  }
  if (!isObject(holder.value)) holder.value = {}
  let at = holder.value as Record<string, unknown>
  for (const [index, segment] of path.entries()) {
    const key = segment as string
    if (index === path.length - 1) setOwn(at, key, value)
    else {
      if (!Object.hasOwn(at, key) || !isObject(at[key])) setOwn(at, key, {})
      at = at[key] as Record<string, unknown>
    }
  }
}
