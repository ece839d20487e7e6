import { type ExpressionError, syntaxError } from './expression-error.ts'
import type { Token, TokenKind } from './tokens.ts'

/** The tokens one after the other. The last one, `end`, is there again and again. */
export class TokenReader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get current(): Token {
    return this.#tokens[this.#at] as Token
  }

  peek(ahead: number): TokenKind {
    return this.#tokens[this.#at + ahead]?.kind ?? 'end'
  }

  next(): Token {
    const token = this.current
    if (token.kind !== 'end') this.#at++
    return token
  }

  /** Reads one of this kind if it is there. */
  take(kind: TokenKind): boolean {
    if (this.current.kind !== kind) return false
    this.next()
    return true
  }

  expect(kind: TokenKind): Token {
    const token = this.next()
    if (token.kind !== kind) throw this.unexpected(token, `write "${kind}" here`)
    return token
  }

  unexpected({ kind, offset }: Token, remedy?: string): ExpressionError {
    if (kind === 'end') return syntaxError('the expression ends too early', offset, remedy ?? 'complete it')
    if (kind === 'number') return syntaxError('a bare number stands here', offset, 'write `1` in backticks')
    if (kind === '&') {
      return syntaxError('"&" stands outside of a function', offset, 'write it as an argument: map(&a, b)')
    }
    if (kind === '(') return syntaxError('"(" cannot stand here', offset, 'names of functions have no quotes')
    return syntaxError(`"${kind}" cannot stand here`, offset, remedy ?? 'see the grammar at jmespath.org')
  }
}
