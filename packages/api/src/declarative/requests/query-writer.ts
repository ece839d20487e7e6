import type { ArrayStyle, ArrayStyles, Query, QueryValue } from '@patchbay/core/http'
import { inputFault } from '../manifest-fault.ts'
import type { Manifest, Values } from '../manifest-parts.ts'
import type { PlacedInput } from './input-places.ts'

type Booleans = NonNullable<Manifest['transport']>['booleans']

export type PairsWriter = (values: Values) => Query | undefined

type Write = (pairs: Record<string, QueryValue>, value: unknown) => void

/** Writes inputs as pairs of a query or a form. Constants come first, so an input of the same name goes before them. */
export function compilePairs(
  inputs: readonly PlacedInput[],
  constants: Readonly<Record<string, unknown>>,
  booleans: Booleans,
): PairsWriter {
  const convert = scalarWriter(booleans)
  const fixed: Record<string, QueryValue> = {}
  for (const [name, value] of Object.entries(constants)) writeOther(fixed, name, value, convert)
  const hasFixed = Object.keys(fixed).length > 0
  const writers = inputs.map(({ name, as, entry }): readonly [string, Write] => {
    if (entry.style === 'deep') return [name, (pairs, value) => writeDeep(pairs, as, value, convert, 0)]
    return [name, isPlain(entry.type) ? writePlain(as) : (pairs, value) => writeOther(pairs, as, value, convert)]
  })
  return (values) => {
    let pairs: Record<string, QueryValue> | undefined = hasFixed ? { ...fixed } : undefined
    for (let index = 0; index < writers.length; index++) {
      const [name, write] = writers[index] as readonly [string, Write]
      const value = values[name]
      if (value === undefined || value === null) continue
      pairs ??= {}
      write(pairs, value)
    }
    return pairs
  }
}

/** How inputs write several values, where they differ from the vendor's usual way. */
export function arrayStyles(inputs: readonly PlacedInput[], usual: ArrayStyle | undefined): ArrayStyles | undefined {
  const styles: Record<string, ArrayStyle> = {}
  for (const { as, entry } of inputs) if (entry.style !== undefined && entry.style !== 'deep') styles[as] = entry.style
  return Object.keys(styles).length === 0 ? usual : { '*': usual ?? 'repeat', ...styles }
}

const isPlain = (type: unknown): boolean => type === 'string' || type === 'number' || type === 'integer'

const writePlain =
  (as: string): Write =>
  (pairs, value) => {
    pairs[as] = value as QueryValue
  }

type Scalar = (value: unknown) => QueryValue

function scalarWriter(booleans: Booleans): Scalar {
  const words =
    booleans === '1-0' ? (['1', '0'] as const) : booleans === 'yes-no' ? (['yes', 'no'] as const) : undefined
  return (value) => {
    if (typeof value === 'boolean' && words !== undefined) return value ? words[0] : words[1]
    // Vendors that take an object in one key take it as JSON.
    return typeof value === 'object' && value !== null && !(value instanceof Date)
      ? JSON.stringify(value)
      : (value as QueryValue)
  }
}

function writeOther(pairs: Record<string, QueryValue>, as: string, value: unknown, convert: Scalar): void {
  if (value === undefined || value === null) return
  pairs[as] = Array.isArray(value) ? (value.map(convert) as QueryValue) : convert(value)
}

/** `filter[status][gt]=1` (OpenAPI's deepObject, nested). */
function writeDeep(
  pairs: Record<string, QueryValue>,
  as: string,
  value: unknown,
  convert: Scalar,
  depth: number,
): void {
  if (depth > 20) throw inputFault(as, 'is nested too deeply for a query')
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date) {
    writeOther(pairs, as, value, convert)
    return
  }
  for (const [key, inner] of Object.entries(value)) writeDeep(pairs, `${as}[${key}]`, inner, convert, depth + 1)
}
