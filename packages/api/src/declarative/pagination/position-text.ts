import { Fault } from '@patchbay/core'

/** A position that no page of the list can have given. */
export function noPosition(): Fault {
  const issues = [{ path: '$page', message: 'expected the next position that a page of this list gave' }]
  return new Fault({ kind: 'invalid-input', code: 'page', sent: 'none', message: 'the input is not valid', issues })
}

/** Position texts of kinds that need more than one value: JSON, since values come from vendors and may hold any character. */
export function readPosition(text: string, parts: number): readonly string[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw noPosition()
  }
  if (!Array.isArray(value) || value.length < parts || !value.every((part) => typeof part === 'string'))
    throw noPosition()
  return value
}

/** A vendor's value that becomes part of a position or a request. */
export function idText(value: unknown, where: string): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value === 'string' && value !== '' && value.length <= 2000) return value
  const message = `the answer of the vendor has no id at ${where}`
  throw new Fault({ kind: 'protocol', code: 'cursor', sent: 'all', message })
}
