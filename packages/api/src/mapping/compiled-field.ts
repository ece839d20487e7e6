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

/** Builds an object out of fields in the order of the spec, so that complete records have one shape. */
export function objectReader(fields: readonly (readonly [string, CompiledField])[]): Read {
  const keys = fields.map(([key]) => key)
  const reads = fields.map(([, { read }]) => read)
  const plain = keys.every((key) => !(key in Object.prototype))
  return (value, state) => {
    const out: Record<string, unknown> = {}
    for (let index = 0; index < reads.length; index++) {
      const found = (reads[index] as Read)(value, state, out)
      if (found === null || found === undefined) continue
      if (plain) out[keys[index] as string] = found
      else setOwn(out, keys[index] as string, found)
    }
    return out
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
