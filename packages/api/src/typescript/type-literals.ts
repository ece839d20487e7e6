/** A text of TypeScript and how tightly it holds together. */
export interface TypeText {
  readonly text: string
  readonly binding: 'single' | 'prefix' | 'intersection' | 'union'
}

export const unknownType: TypeText = { text: 'unknown', binding: 'single' }
export const neverType: TypeText = { text: 'never', binding: 'single' }

export function single(text: string): TypeText {
  return { text, binding: 'single' }
}

/** `A | B`, each member once; unknown swallows the others. */
export function unionOf(members: readonly TypeText[]): TypeText {
  const texts = [...new Map(members.map((member) => [member.text, member])).values()].filter(
    ({ text }) => text !== 'never',
  )
  const [first] = texts
  if (first === undefined) return neverType
  if (texts.some(({ text }) => text === 'unknown')) return unknownType
  return texts.length === 1 ? first : { text: texts.map(({ text }) => text).join(' | '), binding: 'union' }
}

/** `A & B`, each member once; unknown adds nothing. */
export function intersectionOf(members: readonly TypeText[]): TypeText {
  const texts = [...new Map(members.map((member) => [member.text, member])).values()].filter(
    ({ text }) => text !== 'unknown',
  )
  const [first] = texts
  if (first === undefined) return unknownType
  if (texts.length === 1) return first
  const parts = texts.map(({ text, binding }) => (binding === 'union' ? `(${text})` : text))
  return { text: parts.join(' & '), binding: 'intersection' }
}

export function readonlyArray({ text, binding }: TypeText): TypeText {
  return { text: `readonly ${binding === 'single' ? text : `(${text})`}[]`, binding: 'prefix' }
}

/** The type that has this JSON value alone. */
export function literalType(value: unknown): TypeText {
  if (typeof value === 'string') return single(quoted(value))
  if (typeof value !== 'object' || value === null) return single(String(value))
  if (Array.isArray(value))
    return { text: `readonly [${value.map((item) => literalType(item).text).join(', ')}]`, binding: 'prefix' }
  const fields = Object.entries(value).map(
    ([name, field]) => `readonly ${propertyName(name)}: ${literalType(field).text}`,
  )
  return single(fields.length === 0 ? 'Readonly<Record<string, never>>' : `{ ${fields.join('; ')} }`)
}

/** A string literal in single quotes; nothing in the value can end it. */
export function quoted(value: string): string {
  const inside = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inside.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}

export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)
}
