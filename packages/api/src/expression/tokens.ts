import { ExpressionError, syntaxError } from './expression-error.ts'

export type TokenKind =
  | 'identifier'
  | 'quoted'
  | 'literal'
  | 'number'
  | 'variable'
  | 'end'
  | '.'
  | '*'
  | '['
  | ']'
  | '[]'
  | '[?'
  | '{'
  | '}'
  | '('
  | ')'
  | ','
  | ':'
  | '@'
  | '$'
  | '&'
  | '&&'
  | '|'
  | '||'
  | '!'
  | '!='
  | '='
  | '=='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '/'
  | '//'
  | '%'

export interface Token {
  readonly kind: TokenKind
  /** Name of an identifier or variable, value of a literal or number. */
  readonly value: unknown
  readonly offset: number
}

/** Longest text of an expression, in UTF-16 units. */
const longest = 8192

/** Longest first where one begins with another. */
const signs: readonly TokenKind[] = [
  ...(['[]', '[?', '&&', '||', '!=', '==', '<=', '>=', '//'] as const),
  ...([
    '.',
    '*',
    '[',
    ']',
    '{',
    '}',
    '(',
    ')',
    ',',
    ':',
    '@',
    '&',
    '|',
    '!',
    '=',
    '<',
    '>',
    '+',
    '-',
    '/',
    '%',
  ] as const),
]

/** JEP 16: the signs that mathematicians use. */
const otherSigns: Readonly<Record<string, TokenKind>> = { '\u2212': '-', '\u00f7': '/', '\u00d7': '*' }

const nameStart = /[A-Za-z_]/y
const name = /[A-Za-z_][A-Za-z0-9_]*/y
const digits = /-?[0-9]+/y

export function tokenize(text: string): readonly Token[] {
  if (text.length > longest) {
    const problem = `the expression has ${text.length} characters`
    throw new ExpressionError('too-long', problem, longest, `write it in at most ${longest}`)
  }
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const character = text[at] as string
    if (character === ' ' || character === '\t' || character === '\n' || character === '\r') {
      at++
      continue
    }
    const before = tokens.at(-1)?.kind
    const { token, end } = read(text, at, character, before === '[' || before === ':')
    tokens.push(token)
    at = end
  }
  tokens.push({ kind: 'end', value: undefined, offset: text.length })
  return tokens
}

interface Read {
  readonly token: Token
  readonly end: number
}

function read(text: string, at: number, character: string, inBrackets: boolean): Read {
  if (matches(nameStart, text, at) !== '') {
    const value = matches(name, text, at)
    return { token: { kind: 'identifier', value, offset: at }, end: at + value.length }
  }
  const value = character !== '-' || inBrackets ? matches(digits, text, at) : ''
  if (value !== '') {
    return { token: { kind: 'number', value: Number(value), offset: at }, end: at + value.length }
  }
  if (character === '"') return quoted(text, at)
  if (character === "'") return rawText(text, at)
  if (character === '`') return jsonLiteral(text, at)
  if (character === '$') {
    const value = matches(name, text, at + 1)
    const kind = value === '' ? '$' : 'variable'
    return { token: { kind, value, offset: at }, end: at + 1 + value.length }
  }
  const kind = signs.find((sign) => text.startsWith(sign, at)) ?? otherSigns[character]
  if (kind === undefined) {
    const remedy = 'names with other characters than letters, digits and _ stand in double quotes'
    throw syntaxError(`"${character}" has no meaning here`, at, remedy)
  }
  return { token: { kind, value: undefined, offset: at }, end: at + kind.length }
}

function matches(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/** Index of the closing mark; a backslash protects the character behind it. */
function closing(text: string, at: number, mark: string, what: string): number {
  for (let index = at + 1; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === mark) return index
  }
  throw syntaxError(`${what} is not closed`, at, `add the missing ${mark}`)
}

function quoted(text: string, at: number): Read {
  const end = closing(text, at, '"', 'the quoted name')
  const value = parseJson(text.slice(at, end + 1), at, 'the quoted name is not a JSON string')
  return { token: { kind: 'quoted', value, offset: at }, end: end + 1 }
}

function rawText(text: string, at: number): Read {
  const end = closing(text, at, "'", 'the text')
  const value = text.slice(at + 1, end).replaceAll("\\'", "'")
  return { token: { kind: 'literal', value, offset: at }, end: end + 1 }
}

function jsonLiteral(text: string, at: number): Read {
  const end = closing(text, at, '`', 'the literal')
  const problem = 'between backticks stands no JSON'
  const value = parseJson(text.slice(at + 1, end).replaceAll('\\`', '`'), at, problem)
  return { token: { kind: 'literal', value, offset: at }, end: end + 1 }
}

function parseJson(json: string, at: number, problem: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw syntaxError(problem, at, `write text as 'text', names as "name", JSON as \`{"a": 1}\``)
  }
}
