/** Characters that one step of a pattern takes: exact for ASCII, an upper bound beyond. */
export interface CharacterSet {
  /** Bit i is set when the character with code i belongs to it. */
  readonly ascii: bigint
  /** True when characters beyond ASCII may belong to it. */
  readonly beyond: boolean
  /** The character beyond ASCII that it certainly has, for literals. */
  readonly literal?: string | undefined
}

export type Atom =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'group'; readonly alternatives: readonly Sequence[] }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end' | 'word' }

/** An atom with its repetition; `max` is Infinity when there is no end. */
export interface Term {
  readonly atom: Atom
  readonly min: number
  readonly max: number
}

export type Sequence = readonly Term[]

/** A construct that is outside the safe kind; the message is what to do instead. */
export class PatternRefusal extends Error {
  override readonly name = 'PatternRefusal'
}

const everyAscii = (1n << 128n) - 1n

/** Reads a pattern that `new RegExp(source, 'u')` has already accepted. */
export function parsePattern(source: string): readonly Sequence[] {
  return new Reader(source).alternatives()
}

class Reader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  alternatives(): readonly Sequence[] {
    const found: Sequence[] = [this.#sequence()]
    while (this.#take('|')) found.push(this.#sequence())
    return found
  }

  #sequence(): Sequence {
    const terms: Term[] = []
    while (this.#at < this.#source.length && !this.#sees('|') && !this.#sees(')')) {
      const atom = this.#atom()
      terms.push({ atom, ...this.#repetition() })
    }
    return terms
  }

  #atom(): Atom {
    if (this.#take('^')) return { kind: 'edge', edge: 'start' }
    if (this.#take('$')) return { kind: 'edge', edge: 'end' }
    if (this.#take('(')) return this.#group()
    if (this.#sees('[')) return setOf(this.#class())
    if (this.#take('.')) return { kind: 'set', set: { ascii: everyAscii & ~(1n << 10n) & ~(1n << 13n), beyond: true } }
    if (this.#sees('\\')) return this.#escape()
    const literal = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0)
    this.#at += literal.length
    return literalSet(literal)
  }

  #group(): Atom {
    if (this.#take('?')) {
      if (this.#sees('=') || this.#sees('!') || this.#sees('<=') || this.#sees('<!'))
        throw new PatternRefusal('looks ahead or behind; say what the whole text looks like instead')
      if (this.#take('<')) this.#at = this.#source.indexOf('>', this.#at) + 1
      else if (!this.#take(':')) throw new PatternRefusal('has a group with flags; write both cases out, as in [Aa]')
    }
    const alternatives = this.alternatives()
    this.#take(')')
    return { kind: 'group', alternatives }
  }

  #class(): string {
    const start = this.#at
    for (this.#at++; !this.#sees(']'); this.#at++) if (this.#sees('\\')) this.#at++
    this.#at++
    return this.#source.slice(start, this.#at)
  }

  #escape(): Atom {
    const rest = this.#source.slice(this.#at)
    if (/^\\(?:[1-9]|k)/.test(rest)) throw new PatternRefusal('refers back to a group; write the text out again')
    const [text = ''] =
      /^\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|.)/su.exec(
        rest,
      ) ?? []
    this.#at += text.length
    return /^\\[bB]$/.test(text) ? { kind: 'edge', edge: 'word' } : setOf(text)
  }

  #repetition(): { readonly min: number; readonly max: number } {
    const found = /^(?:([*+?])|\{(\d+)(?:(,)(\d+)?)?\})\??/.exec(this.#source.slice(this.#at))
    if (found === null) return { min: 1, max: 1 }
    this.#at += found[0].length
    const [, sign, low, comma, high] = found
    if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Number.POSITIVE_INFINITY }
    const min = Number(low)
    return { min, max: comma === undefined ? min : high === undefined ? Number.POSITIVE_INFINITY : Number(high) }
  }

  #sees(text: string): boolean {
    return this.#source.startsWith(text, this.#at)
  }

  #take(text: string): boolean {
    const seen = this.#sees(text)
    if (seen) this.#at += text.length
    return seen
  }
}

function literalSet(character: string): Atom {
  const code = character.codePointAt(0) ?? 0
  const set =
    code < 128 ? { ascii: 1n << BigInt(code), beyond: false } : { ascii: 0n, beyond: true, literal: character }
  return { kind: 'set', set }
}

/** The set of a class or an escape, asked of the engine itself: one source of truth for what `\s` and `[^-a]` take. */
function setOf(source: string): Atom {
  const one = new RegExp(`^${source}$`, 'u')
  let ascii = 0n
  for (let code = 0; code < 128; code++) if (one.test(String.fromCharCode(code))) ascii |= 1n << BigInt(code)
  // Only classes without anything that could mean more are known to stay inside ASCII.
  const beyond = !/^(?:\[(?!\^)(?:[\x20-\x5b\x5d-\x7e]|\\[dwtnrfv\W])*\]|\\[dwtnrfv\W])$/.test(source)
  const literal = ascii === 0n ? literalOf(source) : undefined
  return { kind: 'set', set: { ascii, beyond, ...(literal === undefined ? {} : { literal }) } }
}

/** The character beyond ASCII that a class or an escape writes out. */
function literalOf(source: string): string | undefined {
  const [escaped] = /\\u\{[\da-f]+\}|(?:\\u[\da-f]{4})+|\\x[\da-f]{2}/i.exec(source) ?? []
  if (escaped === undefined) return /[^\p{ASCII}]/u.exec(source)?.[0]
  const codes = [...escaped.matchAll(/[ux]\{?([\da-f]+)/gi)].map(([, code = '0']) => Number.parseInt(code, 16))
  const [first = 0] = codes
  return codes.length > 1 ? String.fromCharCode(...codes) : String.fromCodePoint(first)
}
