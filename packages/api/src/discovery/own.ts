export type Fields = Readonly<Record<string, unknown>>

/** True for JSON objects. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An own field; names such as `constructor` and `__proto__` find what the document says or nothing. */
export function own(value: unknown, key: string): unknown {
  return isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

export function ownText(value: unknown, key: string): string | undefined {
  const found = own(value, key)
  // YAML reads an unquoted 1.0 as a number.
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : undefined
}

/** A text that says something, without the blanks around it. */
export function ownWords(value: unknown, key: string): string | undefined {
  const words = ownText(value, key)?.trim()
  return words === undefined || words === '' ? undefined : words
}

export function ownNumber(value: unknown, key: string): number | undefined {
  const found = own(value, key)
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

export function ownFlag(value: unknown, key: string): boolean | undefined {
  const found = own(value, key)
  if (found === 'true') return true
  return typeof found === 'boolean' ? found : undefined
}

/** The entries of an object field; none when it is anything else. */
export function ownEntries(value: unknown, key: string): [string, unknown][] {
  const found = own(value, key)
  return isFields(found) ? Object.entries(found) : []
}

export function ownList(value: unknown, key: string): readonly unknown[] {
  const found = own(value, key)
  return Array.isArray(found) ? found : []
}

export function textsOf(list: readonly unknown[]): string[] {
  return list.filter((entry): entry is string => typeof entry === 'string')
}
