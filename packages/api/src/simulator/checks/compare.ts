import { isPatchbayError, type PatchbayError } from '@patchbay/core'
import { isObject, valueAt } from '../wire/own-value.ts'

/** One text for equal JSON, whatever the order of properties. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`
}

/** Forms in which numbers become text are compared by it. */
export function plainText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainText)
  if (!isObject(value)) return value === null || value === undefined ? '' : String(value)
  const entries = Object.entries(value).map(([key, inner]) => [key, plainText(inner)] as const)
  // What is empty and what is not there look the same.
  return Object.fromEntries(entries.filter(([, inner]) => inner !== ''))
}

export interface Difference {
  readonly lost: number
  readonly twice: number
  readonly strange: number
  readonly example: string
}

/** How a list that was read differs from what the vendor holds; undefined: in nothing. */
export function difference(read: readonly unknown[], held: readonly unknown[]): Difference | undefined {
  const left = new Map<string, number>()
  for (const record of held) {
    const text = canonical(record)
    left.set(text, (left.get(text) ?? 0) + 1)
  }
  const known = new Set(left.keys())
  let [twice, strange] = [0, 0]
  let example = ''
  for (const record of read) {
    const text = canonical(record)
    const count = left.get(text) ?? 0
    if (count > 0) left.set(text, count - 1)
    else if (known.has(text)) twice++
    else {
      strange++
      example ||= text
    }
  }
  const missing = [...left].filter(([, count]) => count > 0)
  const lost = missing.reduce((sum, [, count]) => sum + count, 0)
  if (lost === 0 && twice === 0 && strange === 0) return undefined
  return { lost, twice, strange, example: example || (missing[0]?.[0] ?? '') }
}

export const tell = ({ lost, twice, strange, example }: Difference): string =>
  `${lost} lost, ${twice} twice, ${strange} that the vendor does not hold${example === '' ? '' : `; for example ${example.slice(0, 200)}`}`

/** Each record once, by an identity; without one, by all of it. */
export function onceEach(records: readonly unknown[], id: string | undefined): readonly unknown[] {
  const seen = new Map<string, unknown>()
  for (const record of records) {
    const key = id === undefined ? canonical(record) : String(valueAt(record, id))
    if (!seen.has(key)) seen.set(key, record)
  }
  return [...seen.values()]
}

export async function outcomeOf<T>(
  work: Promise<T>,
): Promise<{ readonly value: T } | { readonly error: PatchbayError }> {
  try {
    return { value: await work }
  } catch (error) {
    if (isPatchbayError(error)) return { error }
    throw error
  }
}

export const inspectError = ({ message, issues = [] }: PatchbayError): string =>
  issues.length === 0 ? message : `${message} (${issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')})`

export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}
