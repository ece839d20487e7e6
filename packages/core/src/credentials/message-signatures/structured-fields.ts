import { withoutSpaces } from '../../http/structured-field.ts'

/**
 * The part of RFC 9651 that signatures need: dictionaries of inner lists, byte sequences and items, read strictly and written in the one
 * canonical form. Strings, tokens and bytes stay apart, since a signature covers how they are written.
 */
export type Bare =
  | { readonly kind: 'string' | 'token'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'integer' | 'date'; readonly number: number }
  | { readonly kind: 'decimal'; readonly number: number }
  | { readonly kind: 'boolean'; readonly flag: boolean }

export type Parameters = ReadonlyMap<string, Bare>

export interface Item {
  readonly bare: Bare
  readonly parameters: Parameters
}

export interface InnerList {
  readonly items: readonly Item[]
  readonly parameters: Parameters
}

export type Member = Item | InnerList

const patterns = {
  key: /[a-z*][a-z0-9_.*-]*/y,
  token: /[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*/y,
  decimal: /-?\d{1,12}\.\d{1,3}(?!\d)/y,
  integer: /-?\d{1,15}(?![\d.])/y,
  string: /"((?:[ !#-[\]-~]|\\["\\])*)"/y,
  bytes: /:([A-Za-z0-9+/]*={0,2}):/y,
  boolean: /\?([01])/y,
  date: /@(-?\d{1,15})(?![\d.])/y,
} as const

/** Undefined for anything malformed. A repeated key counts with its last value, as the RFC says. */
export function parseDictionary(text: string): ReadonlyMap<string, Member> | undefined {
  const reader = new Reader(withoutSpaces(text))
  const members = new Map<string, Member>()
  if (reader.done) return members
  for (;;) {
    const key = reader.match('key')?.[0]
    if (key === undefined) return undefined
    const member = reader.take('=') ? reader.member() : reader.parametersOf({ kind: 'boolean', flag: true })
    if (member === undefined) return undefined
    members.delete(key)
    members.set(key, member)
    reader.blanks()
    if (reader.done) return members
    if (!reader.take(',')) return undefined
    reader.blanks()
    if (reader.done) return undefined
  }
}

export const isInnerList = (member: Member): member is InnerList => 'items' in member

export function serializeMember(member: Member): string {
  if (!isInnerList(member)) return serializeItem(member)
  return `(${member.items.map(serializeItem).join(' ')})${serializeParameters(member.parameters)}`
}

export function serializeItem({ bare, parameters }: Item): string {
  return `${serializeBare(bare)}${serializeParameters(parameters)}`
}

export function serializeParameters(parameters: Parameters): string {
  return [...parameters]
    .map(([key, bare]) => (bare.kind === 'boolean' && bare.flag ? `;${key}` : `;${key}=${serializeBare(bare)}`))
    .join('')
}

function serializeBare(bare: Bare): string {
  switch (bare.kind) {
    case 'string':
      return `"${bare.text.replace(/["\\]/g, '\\$&')}"`
    case 'token':
      return bare.text
    case 'bytes':
      return `:${bare.bytes.toString('base64')}:`
    case 'integer':
      return String(bare.number)
    case 'date':
      return `@${bare.number}`
    case 'decimal':
      return Number.isInteger(bare.number) ? bare.number.toFixed(1) : String(bare.number)
    case 'boolean':
      return bare.flag ? '?1' : '?0'
  }
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get done(): boolean {
    return this.#at === this.#text.length
  }

  take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  blanks(): void {
    while (this.take(' ') || this.take('\t'));
  }

  match(name: keyof typeof patterns): RegExpExecArray | undefined {
    const pattern = patterns[name]
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) return undefined
    this.#at = pattern.lastIndex
    return found
  }

  member(): Member | undefined {
    if (!this.take('(')) return this.item()
    const items: Item[] = []
    for (;;) {
      while (this.take(' '));
      if (this.take(')')) break
      const item = this.item()
      if (item === undefined || !(this.#text[this.#at] === ' ' || this.#text[this.#at] === ')')) return undefined
      items.push(item)
    }
    const parameters = this.#parameters()
    return parameters === undefined ? undefined : { items, parameters }
  }

  item(): Item | undefined {
    const bare = this.#bare()
    return bare === undefined ? undefined : this.parametersOf(bare)
  }

  parametersOf(bare: Bare): Item | undefined {
    const parameters = this.#parameters()
    return parameters === undefined ? undefined : { bare, parameters }
  }

  #parameters(): Parameters | undefined {
    const parameters = new Map<string, Bare>()
    while (this.take(';')) {
      while (this.take(' '));
      const key = this.match('key')?.[0]
      if (key === undefined) return undefined
      const bare: Bare | undefined = this.take('=') ? this.#bare() : { kind: 'boolean', flag: true }
      if (bare === undefined) return undefined
      parameters.delete(key)
      parameters.set(key, bare)
    }
    return parameters
  }

  #bare(): Bare | undefined {
    const integer = this.match('integer')
    if (integer !== undefined) return { kind: 'integer', number: Number(integer[0]) }
    const decimal = this.match('decimal')
    if (decimal !== undefined) return { kind: 'decimal', number: Number(decimal[0]) }
    const string = this.match('string')
    if (string !== undefined) return { kind: 'string', text: (string[1] as string).replace(/\\(.)/g, '$1') }
    const bytes = this.match('bytes')
    if (bytes !== undefined) return { kind: 'bytes', bytes: Buffer.from(bytes[1] as string, 'base64') }
    const boolean = this.match('boolean')
    if (boolean !== undefined) return { kind: 'boolean', flag: boolean[1] === '1' }
    const date = this.match('date')
    if (date !== undefined) return { kind: 'date', number: Number(date[1]) }
    const token = this.match('token')
    return token === undefined ? undefined : { kind: 'token', text: token[0] }
  }
}
