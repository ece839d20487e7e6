/** Something about a description that was repaired, guessed or left out. */
export interface Finding {
  /** Stable and machine-readable, such as `parameter-not-declared`. */
  readonly code: string
  /** Where: a JSON pointer into the description (`#/paths/~1pets/get`), or a line and column. */
  readonly place: string
  /** What was found and what was done about it. */
  readonly message: string
}

/** Findings of one reading. A document that is wrong in every line fills no memory: after `most` they are only counted. */
export class Findings {
  readonly list: Finding[] = []
  readonly #most: number
  #left = 0

  constructor(most = 1000) {
    this.#most = most
  }

  add(code: string, place: string, message: string): void {
    if (this.list.length < this.#most) this.list.push({ code, place, message })
    else this.#left++
  }

  /** How many were left out of the list. */
  get left(): number {
    return this.#left
  }
}

/** Words out of a foreign document, fit for one line of a message. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : String(typeof value === 'object' ? kindOf(value) : value)
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
  return `"${line.length > 80 ? `${line.slice(0, 77)}...` : line}"`
}

/** `an object`, `a list`, `text`: how messages call a JSON value. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  return typeof value === 'string' ? 'text' : `a ${typeof value}`
}
