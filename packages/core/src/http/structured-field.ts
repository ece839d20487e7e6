/** A bare item of a structured field; strings and tokens are both text here, byte sequences keep their base64. */
export type BareItem = string | number | boolean

export interface FieldItem {
  readonly value: BareItem
  readonly parameters: ReadonlyMap<string, BareItem>
}

/**
 * Parses a structured-field List of Items (RFC 9651 section 4.2.1). Undefined when the field is malformed: the RFC says to ignore it
 * whole. Inner lists are refused, no field that Patchbay reads has them.
 */
export function parseFieldList(text: string): readonly FieldItem[] | undefined {
  const reader = new FieldReader(text)
  const items: FieldItem[] = []
  const complete = reader.members(() => {
    const item = reader.item()
    if (item === undefined) return false
    items.push(item)
    return true
  })
  return complete ? items : undefined
}

/** Parses a structured-field Dictionary (RFC 9651 section 4.2.2); a member without value is `true`. Undefined when malformed. */
export function parseFieldDictionary(text: string): ReadonlyMap<string, FieldItem> | undefined {
  const reader = new FieldReader(text)
  const members = new Map<string, FieldItem>()
  const complete = reader.members(() => {
    const key = reader.key()
    if (key === undefined) return false
    const item = reader.take('=') ? reader.item() : reader.withParameters(true)
    if (item === undefined) return false
    members.set(key, item)
    return true
  })
  return complete ? members : undefined
}

const keyPattern = /[a-z*][a-z0-9_.*-]*/y
const tokenPattern = /[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*/y
const decimalPattern = /-?\d{1,12}\.\d{1,3}(?!\d|\.)/y
const integerPattern = /-?\d{1,15}(?!\d|\.)/y
const stringPattern = /"((?:[ !#-[\]-~]|\\["\\])*)"/y
const bytesPattern = /:([A-Za-z0-9+/=]*):/y
const booleanPattern = /\?([01])/y
const datePattern = /@(-?\d{1,15})(?!\d|\.)/y

/** Without the spaces at both ends. A pattern would start over at every space of a long run of them inside. */
export function withoutSpaces(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && text.charCodeAt(from) === space) from++
  while (to > from && text.charCodeAt(to - 1) === space) to--
  return text.slice(from, to)
}

const space = 0x20

class FieldReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = withoutSpaces(text)
  }

  /** Reads comma-separated members up to the end. */
  members(member: () => boolean): boolean {
    if (this.#text === '') return false
    for (;;) {
      if (!member()) return false
      this.#blanks()
      if (this.#at === this.#text.length) return true
      if (!this.take(',')) return false
      this.#blanks()
      if (this.#at === this.#text.length) return false
    }
  }

  key(): string | undefined {
    return this.#match(keyPattern)?.[0]
  }

  item(): FieldItem | undefined {
    const value = this.#bare()
    return value === undefined ? undefined : this.withParameters(value)
  }

  withParameters(value: BareItem): FieldItem | undefined {
    const parameters = new Map<string, BareItem>()
    while (this.take(';')) {
      while (this.take(' '));
      const key = this.key()
      if (key === undefined) return undefined
      const parameter = this.take('=') ? this.#bare() : true
      if (parameter === undefined) return undefined
      parameters.set(key, parameter)
    }
    return { value, parameters }
  }

  take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #bare(): BareItem | undefined {
    const number = this.#match(integerPattern) ?? this.#match(decimalPattern)
    if (number !== undefined) return Number(number[0])
    const quoted = this.#match(stringPattern)
    if (quoted !== undefined) return (quoted[1] as string).replace(/\\(.)/g, '$1')
    const token = this.#match(tokenPattern)
    if (token !== undefined) return token[0]
    const boolean = this.#match(booleanPattern)
    if (boolean !== undefined) return boolean[1] === '1'
    const date = this.#match(datePattern)
    if (date !== undefined) return Number(date[1])
    return this.#match(bytesPattern)?.[1]
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) return undefined
    this.#at = pattern.lastIndex
    return match
  }

  #blanks(): void {
    while (this.take(' ') || this.take('\t'));
  }
}
