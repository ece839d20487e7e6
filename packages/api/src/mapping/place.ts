import type { JsonSchema } from '@patchbay/core'
import type { Origin } from '../expression/reads.ts'
import type { CompileContext } from './compile-context.ts'
import { type Back, put } from './compiled-field.ts'
import type { Conversion } from './conversion.ts'

/** Where a rule stands: in the spec (for issues), in the model (for reports), and what its expressions read. */
export interface Place {
  readonly path: string
  readonly field: string
  /** Rules inside one another. */
  readonly depth: number
  readonly origin: Origin | undefined
  /** Schemas of the model's field; undefined when its schema does not tell. */
  readonly target: readonly JsonSchema[] | undefined
  /** Paths that other fields of the same source object write when the mapping is reversed. */
  readonly written: Map<string, string>
}

/** The way back of a value that was read at a path of names. */
export function backTo(
  context: CompileContext,
  names: readonly string[] | undefined,
  inverse: Conversion['inverse'],
  place: Place,
): Back | undefined {
  if (!claim(context, names, place)) return undefined
  if (typeof inverse === 'string') return context.noWayBack(place.field, inverse)
  return (value, holder, lost, at) => {
    const source = inverse(value)
    if (source === undefined) lost.push(at)
    else put(holder, names as readonly string[], source)
  }
}

/** True when this field may write the path: it is one of names, and no other field writes it or a part of it. */
export function claim(
  context: CompileContext,
  names: readonly string[] | undefined,
  { field, written }: Place,
): boolean {
  if (names === undefined) {
    context.noWayBack(field, 'it is calculated, or selected from a list')
    return false
  }
  const key = JSON.stringify(names).slice(0, -1)
  for (const [other, by] of written) {
    if (other === key || other.startsWith(`${key},`) || key.startsWith(`${other},`)) {
      context.noWayBack(field, `its place in the source is that of ${by}`)
      return false
    }
  }
  written.set(key, field)
  return true
}
