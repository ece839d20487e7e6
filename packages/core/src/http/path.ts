import { Fault } from '../errors.ts'

/** Several path segments, each encoded: the way to put a file path into a `path` template. Made by {@link segments}. */
export class Segments {
  readonly encoded: string

  constructor(encoded: string) {
    this.encoded = encoded
  }
}

export type PathValue = string | number | bigint | boolean | Segments

/**
 * A request path whose values cannot change its shape: path`/repos/${owner}/issues/${id}`. Each value becomes part of one segment, with
 * everything but unreserved characters percent-encoded (RFC 3986 section 2.3), slashes too.
 * @throws Fault `invalid-input` for an empty value, `.` and `..` (URL parsers collapse them, even encoded ones), also beside a slash or
 * backslash (servers that decode before they route collapse them), lone surrogates and numbers that are not finite. The value itself is
 * not repeated in the message.
 */
export function path(literals: TemplateStringsArray, ...values: readonly PathValue[]): string {
  let text = literals[0] as string
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as PathValue
    text += value instanceof Segments ? value.encoded : encodeSegment(value, index, literals)
    text += literals[index + 1] as string
  }
  return text
}

/** Encodes `a/b/c` segment by segment, for vendors that take a file path: path`/contents/${segments(file)}`. One leading slash is dropped. */
export function segments(text: string): Segments {
  const parts = (text.startsWith('/') ? text.slice(1) : text).split('/')
  return new Segments(parts.map((part) => encodeSegment(part, 0, undefined)).join('/'))
}

function encodeSegment(value: unknown, index: number, literals: readonly string[] | undefined): string {
  const refuse = (why: string): Fault => {
    const where = literals === undefined ? 'a path segment' : `value ${index + 1} of the path ${literals.join('{}')}`
    return new Fault({ kind: 'invalid-input', code: 'path', sent: 'none', message: `${where} ${why}` })
  }
  switch (typeof value) {
    case 'string':
      break
    case 'number':
      if (!Number.isFinite(value)) throw refuse('is not a finite number')
      return encodeText(String(value))
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      throw refuse(`is ${value === null ? 'null' : typeof value}; pass text or a number`)
  }
  if (value === '') throw refuse('is empty')
  if (dotSegment.test(value)) throw refuse('is or holds a dot segment, which would lead to another path')
  if (!value.isWellFormed()) throw refuse('has a lone surrogate, which no encoding can carry')
  return encodeText(value)
}

const dotSegment = /(?:^|[/\\])\.{1,2}(?:[/\\]|$)/
const someReserved = /[!'()*]/
const reserved = /[!'()*]/g

/** Percent-encodes all but unreserved characters; encodeURIComponent leaves five more. */
export function encodeText(text: string): string {
  const encoded = encodeURIComponent(text)
  return someReserved.test(encoded)
    ? encoded.replace(reserved, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    : encoded
}
