import { ExpressionError } from './expression-error.ts'
import { type Argument, type Comparator, type ExpressionWarning, extend, type Node, type Slice } from './syntax.ts'
import { TokenReader } from './token-reader.ts'
import { type Token, type TokenKind, tokenize } from './tokens.ts'

/** Expressions inside one another, in parentheses, brackets and arguments. */
const deepest = 64

/** How tightly a sign binds what stands before it. What is missing ends an expression. */
const powers: Readonly<Partial<Record<TokenKind, number>>> = {
  ...{ '|': 1, '||': 2, '&&': 3 },
  ...{ '==': 5, '!=': 5, '<': 5, '<=': 5, '>': 5, '>=': 5 },
  ...{ '+': 6, '-': 6, '*': 7, '/': 7, '//': 7, '%': 7 },
  ...{ '[]': 9, '[?': 21, '.': 40, '[': 55 },
}
const unaryPower = 8
const eachPower = 20
const notPower = 45
/** Signs that bind less than this end a projection: what follows them is done to the whole list. */
const projectionEnd = 10

export interface Parsed {
  readonly node: Node
  readonly warnings: readonly ExpressionWarning[]
}

/** Top-down operator precedence (Pratt), after the grammar at jmespath.org with the signs of JEP 16 and the `let` of JEP 18. */
export function parse(text: string): Parsed {
  const parser = new Parser(new TokenReader(tokenize(text)))
  const node = parser.expression(0)
  parser.end()
  return { node, warnings: parser.warnings }
}

class Parser {
  readonly warnings: ExpressionWarning[] = []
  readonly #tokens: TokenReader
  #depth = 0
  #slots = 0
  #scope: ReadonlyMap<string, number> = new Map()

  constructor(tokens: TokenReader) {
    this.#tokens = tokens
  }

  expression(power: number): Node {
    if (++this.#depth > deepest) {
      const problem = `the expression nests more than ${deepest} levels`
      throw new ExpressionError('too-deep', problem, this.#tokens.current.offset, 'split it with pipes')
    }
    let left = this.#prefix(this.#tokens.next())
    while (power < (powers[this.#tokens.current.kind] ?? 0)) left = this.#infix(left, this.#tokens.next())
    this.#depth--
    return left
  }

  end(): void {
    if (this.#tokens.current.kind !== 'end') throw this.#tokens.unexpected(this.#tokens.current)
  }

  #prefix(token: Token): Node {
    switch (token.kind) {
      case 'identifier':
        if (this.#tokens.current.kind === '(') return this.#call(token)
        if (token.value === 'let' && this.#tokens.current.kind === 'variable') return this.#let()
        return extend(undefined, token.value as string)
      case 'quoted':
        return extend(undefined, token.value as string)
      case 'literal':
        return { kind: 'literal', value: token.value }
      case 'variable': {
        const name = token.value as string
        return { kind: 'variable', name, slot: this.#scope.get(name), offset: token.offset }
      }
      case '@':
        return { kind: 'current' }
      case '$':
        return { kind: 'root' }
      case '*':
        return { kind: 'values', right: this.#projected(eachPower) }
      case '[]':
        return { kind: 'each', base: { kind: 'flatten' }, right: this.#projected(9) }
      case '[?':
        return this.#filter(undefined)
      case '[':
        if (this.#bracketFollows()) return this.#bracket(undefined)
        return { kind: 'list', items: this.#list() }
      case '{':
        return { kind: 'hash', entries: this.#entries() }
      case '!':
        return { kind: 'not', of: this.expression(notPower) }
      case '(': {
        const inner = this.expression(0)
        this.#tokens.expect(')')
        return inner
      }
      case '+':
      case '-':
        return { kind: 'arithmetic', sign: token.kind, right: this.expression(unaryPower), offset: token.offset }
      default:
        throw this.#tokens.unexpected(token)
    }
  }

  #infix(left: Node, token: Token): Node {
    switch (token.kind) {
      case '|':
        return { kind: 'pipe', left, right: this.expression(1) }
      case '||':
        return { kind: 'or', left, right: this.expression(2) }
      case '&&':
        return { kind: 'and', left, right: this.expression(3) }
      case '+':
      case '-':
      case '*':
      case '/':
      case '//':
      case '%': {
        const right = this.expression(powers[token.kind] as number)
        return { kind: 'arithmetic', sign: token.kind, left, right, offset: token.offset }
      }
      case '[]':
        return { kind: 'each', base: { kind: 'flatten', base: left }, right: this.#projected(9) }
      case '[?':
        return this.#filter(left)
      case '[':
        if (!this.#bracketFollows())
          throw this.#tokens.unexpected(this.#tokens.current, 'write an index, a slice or * in the brackets')
        return this.#bracket(left)
      case '.':
        this.#warnOfBoolean(left, token)
        if (this.#tokens.take('*')) return { kind: 'values', base: left, right: this.#projected(eachPower) }
        return join(left, this.#afterDot(40))
      default:
        return { kind: 'compare', sign: token.kind as Comparator, left, right: this.expression(5) }
    }
  }

  #warnOfBoolean(left: Node, { offset }: Token): void {
    if (left.kind !== 'not' && left.kind !== 'compare') return
    const message = 'a field of true or false is always null; "!" binds tighter than ".", so write !(a.b) to negate a.b'
    this.warnings.push({ offset, message })
  }

  /** What is done to each element of a projection. Undefined: nothing. */
  #projected(power: number): Node | undefined {
    const { kind } = this.#tokens.current
    if ((powers[kind] ?? 0) < projectionEnd) return undefined
    if (kind !== '.') return this.expression(power)
    this.#tokens.next()
    return this.#afterDot(power)
  }

  #afterDot(power: number): Node {
    const { kind } = this.#tokens.current
    if (kind === 'identifier' || kind === 'quoted' || kind === '*') return this.expression(power)
    if (this.#tokens.take('[')) return { kind: 'list', items: this.#list() }
    if (this.#tokens.take('{')) return { kind: 'hash', entries: this.#entries() }
    throw this.#tokens.unexpected(this.#tokens.current, 'behind a dot stands a name, a function, *, [...] or {...}')
  }

  #filter(base: Node | undefined): Node {
    const condition = this.expression(0)
    this.#tokens.expect(']')
    return { kind: 'filter', base, condition, right: this.#projected(21) }
  }

  #bracketFollows(): boolean {
    const { kind } = this.#tokens.current
    return kind === 'number' || kind === ':' || (kind === '*' && this.#tokens.peek(1) === ']')
  }

  /** Index, slice or star, the opening bracket being read. */
  #bracket(base: Node | undefined): Node {
    if (this.#tokens.take('*')) {
      this.#tokens.expect(']')
      return { kind: 'each', base, right: this.#projected(eachPower) }
    }
    if (this.#tokens.peek(0) === 'number' && this.#tokens.peek(1) === ']') {
      const index = this.#tokens.next().value as number
      this.#tokens.expect(']')
      return extend(base, index)
    }
    return { kind: 'each', base: { kind: 'slice', base, slice: this.#slice() }, right: this.#projected(eachPower) }
  }

  #slice(): Slice {
    const parts: (number | undefined)[] = [undefined, undefined, undefined]
    const { offset } = this.#tokens.current
    let part = 0
    while (!this.#tokens.take(']')) {
      if (this.#tokens.take(':')) {
        if (++part > 2) throw this.#tokens.unexpected(this.#tokens.current, 'a slice is [start:stop:step]')
      } else if (parts[part] === undefined) parts[part] = this.#tokens.expect('number').value as number
      else throw this.#tokens.unexpected(this.#tokens.current, 'a slice is [start:stop:step]')
    }
    const [start, stop, step = 1] = parts
    if (step === 0) {
      throw new ExpressionError(
        'invalid-value',
        'a slice cannot have the step 0',
        offset,
        'use 1, or -1 to go backwards',
      )
    }
    return { start, stop, step }
  }

  #list(): readonly Node[] {
    const items = [this.expression(0)]
    while (this.#tokens.take(',')) items.push(this.expression(0))
    this.#tokens.expect(']')
    return items
  }

  #entries(): readonly (readonly [string, Node])[] {
    const entries: (readonly [string, Node])[] = []
    do {
      const token = this.#tokens.next()
      if (token.kind !== 'identifier' && token.kind !== 'quoted')
        throw this.#tokens.unexpected(token, 'write {name: expression}')
      this.#tokens.expect(':')
      entries.push([token.value as string, this.expression(0)])
    } while (this.#tokens.take(','))
    this.#tokens.expect('}')
    return entries
  }

  #call({ value, offset }: Token): Node {
    this.#tokens.expect('(')
    const given: Argument[] = []
    if (!this.#tokens.take(')')) {
      do {
        const { offset: start } = this.#tokens.current
        const reference = this.#tokens.take('&')
        given.push({ node: this.expression(0), reference, offset: start })
      } while (this.#tokens.take(','))
      this.#tokens.expect(')')
    }
    return { kind: 'call', name: value as string, arguments: given, offset }
  }

  #let(): Node {
    const outer = this.#scope
    const inner = new Map(outer)
    const bindings: { slot: number; value: Node }[] = []
    do {
      const name = this.#tokens.expect('variable').value as string
      this.#tokens.expect('=')
      const slot = this.#slots++
      bindings.push({ slot, value: this.expression(0) })
      inner.set(name, slot)
    } while (this.#tokens.take(','))
    const word = this.#tokens.next()
    if (word.kind !== 'identifier' || word.value !== 'in')
      throw this.#tokens.unexpected(word, 'write let $a = a in ...')
    this.#scope = inner
    const body = this.expression(0)
    this.#scope = outer
    return { kind: 'let', bindings, body }
  }
}

/** A sub-expression: the right side reads what the left one gives. Paths grow together. */
function join(left: Node, right: Node): Node {
  if (right.kind === 'path' && right.base === undefined) return right.steps.reduce<Node>(extend, left)
  return { kind: 'pipe', left, right }
}
