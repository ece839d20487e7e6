/** Levels of nesting that are written at most; manifests have 64. */
const deepest = 80

/**
 * JSON as RFC 8785 (JCS) writes it: keys in the order of their UTF-16 code units, no blanks, numbers as ECMAScript prints them. One text for
 * one value, so that a hash of it is the value's own.
 * @throws TypeError for what JSON has no text for, a lone surrogate, and nesting beyond 80 levels
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > deepest) throw new TypeError(`the value is nested deeper than ${deepest} levels`)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (typeof value === 'string') return textOf(value)
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join()}]`
  if (typeof value !== 'object') throw new TypeError(`JSON has no text for a ${typeof value}`)
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  fields.sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${fields.map(([name, field]) => `${textOf(name)}:${canonicalJson(field, depth + 1)}`).join()}}`
}

function textOf(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('a text holds half of a surrogate pair')
  return JSON.stringify(text)
}
