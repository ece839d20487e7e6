import { type MaybeSecret, secret } from '../../secret.ts'
import { secretForms } from './secret-forms.ts'
import { emailShape, secretField, secretHeader, tokenShapes } from './token-shapes.ts'

/** What must not reach a fixture, beyond what is redacted always. */
export interface RedactOptions {
  /** Further names of header fields. */
  readonly headers?: readonly string[]
  /** Further keys of queries and forms. */
  readonly query?: readonly string[]
  /** Further places in JSON bodies: `user.name`, `items.*.phone`; `**.name` means at any depth. */
  readonly json?: readonly string[]
  /** Values that must appear nowhere, in no encoding. */
  readonly secrets?: readonly MaybeSecret[]
  /** Further shapes of tokens. */
  readonly shapes?: readonly RegExp[]
  /** Also e-mail addresses. Default false. */
  readonly emails?: boolean
}

const placeholderShape = /\[redacted-\d+\]|user-\d+@redacted\.invalid/g
/** Shorter values are replaced where they stand, but not hunted for: they would turn up by accident everywhere. */
const shortestHunted = 6

/** True for text that stands for a redacted value, wholly or in part. */
export function hasPlaceholder(text: string): boolean {
  return text.search(placeholderShape) !== -1
}

/** Matches what a text with placeholders may have been before. */
export function placeholderPattern(text: string): RegExp {
  const literals = text.split(placeholderShape).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${literals.join('[\\s\\S]+')}$`)
}

/** What is done to the parts of a message before it is written down. */
export interface Redaction {
  /** The value of a header field. `marked` are the names that the credential of this request wrote. */
  header(name: string, value: string, marked?: readonly string[]): string
  /** A field of a query or a form. */
  field(name: string, value: string, marked?: readonly string[]): string
  /** Parsed JSON, as a copy. */
  json(value: unknown): unknown
  text(text: string): string
  xml(text: string): string
}

/** Changes nothing: for comparing with what was written down. */
export const noRedaction: Redaction = {
  header: (_, value) => value,
  field: (_, value) => value,
  json: (value) => value,
  text: (text) => text,
  xml: (text) => text,
}

/**
 * Replaces secrets by numbered placeholders: equal values get the same one, so that what an answer gave and a later request repeats
 * (a token, a cursor) still fits together in the fixture.
 */
export class Redactor implements Redaction {
  readonly #headers: ReadonlySet<string>
  readonly #query: ReadonlySet<string>
  readonly #json: readonly (readonly string[])[]
  readonly #shapes: readonly RegExp[]
  readonly #emails: boolean
  readonly #placeholders = new Map<string, string>()
  readonly #known = new Set<string>()
  #forms: (readonly [form: string, value: string])[] | undefined

  constructor(options: RedactOptions = {}) {
    this.#headers = new Set((options.headers ?? []).map((name) => name.toLowerCase()))
    this.#query = new Set(options.query ?? [])
    this.#json = (options.json ?? []).map((path) => path.replace(/^\$\.?/, '').split('.'))
    this.#shapes = [...tokenShapes, ...(options.shapes ?? []).map(everywhere)]
    this.#emails = options.emails ?? false
    for (const value of options.secrets ?? []) this.learn(secret(value).reveal())
  }

  /** From now on `value` is a secret wherever it stands. */
  learn(value: string): void {
    if (value === '' || hasPlaceholder(value) || this.#known.has(value)) return
    this.#known.add(value)
    this.#forms = undefined
  }

  header(name: string, value: string, marked: readonly string[] = []): string {
    const lower = name.toLowerCase()
    if (!marked.includes(lower) && !this.#headers.has(lower) && !secretHeader.test(lower)) return this.text(value)
    for (const part of partsOf(value)) this.#suspect(part)
    return this.#placeholder(value)
  }

  field(name: string, value: string, marked: readonly string[] = []): string {
    if (!marked.includes(name) && !this.#query.has(name) && !secretField.test(name)) return this.text(value)
    return this.#secret(value)
  }

  json(value: unknown, path: readonly string[] = []): unknown {
    const name = path.at(-1) ?? ''
    const scalar = typeof value === 'string' || typeof value === 'number'
    if (
      scalar &&
      value !== '' &&
      (secretField.test(name) || this.#json.some((pattern) => matchesPath(pattern, path)))
    ) {
      return this.#secret(String(value))
    }
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map((item, index) => this.json(item, [...path, String(index)]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.text(key), this.json(item, [...path, key])]),
    )
  }

  /** Any text: pairs of URLs with a name that tells a secret, known secrets in every form, and token shapes. */
  text(text: string): string {
    let clean = text.replace(
      /([?&]([\w.%-]+)=)([^&#\s"'<>\\]+)/g,
      (whole, open: string, name: string, value: string) =>
        secretField.test(name) || this.#query.has(name) ? `${open}${this.#secret(value)}` : whole,
    )
    for (const [form, value] of this.#allForms()) clean = clean.replaceAll(form, () => this.#placeholder(value))
    for (const shape of this.#shapes)
      clean = clean.replace(shape, (found) => {
        return hasPlaceholder(found) ? found : this.#secret(found)
      })
    if (!this.#emails) return clean
    return clean.replace(emailShape, (found) => (hasPlaceholder(found) ? found : this.#placeholder(found, 'email')))
  }

  /** The first known secret that `text` still holds, told by its length only. */
  leakIn(text: string): string | undefined {
    for (const [form, value] of this.#allForms())
      if (text.includes(form)) return `a secret of ${value.length} characters${form === value ? '' : ' (encoded)'}`
    return undefined
  }

  /** Text of XML: elements and attributes with a name that tells a secret, then as any text. */
  xml(text: string): string {
    const named = text
      .replace(
        /(<(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>)([^<>]+)(?=<\/)/g,
        (whole, open: string, name: string, value: string) =>
          secretField.test(name) && value.trim() !== '' ? `${open}${this.#secret(value)}` : whole,
      )
      .replace(/(\s(?:[\w.-]+:)?([\w.-]+)=")([^"<]+)(?=")/g, (whole, open: string, name: string, value: string) =>
        secretField.test(name) ? `${open}${this.#secret(value)}` : whole,
      )
    return this.text(named)
  }

  #secret(value: string): string {
    this.#suspect(value)
    return this.#placeholder(value)
  }

  #suspect(value: string): void {
    if (value.length >= shortestHunted) this.learn(value)
  }

  /** Longest first, so that no part of a longer secret is left over. */
  #allForms(): readonly (readonly [form: string, value: string])[] {
    this.#forms ??= [...this.#known]
      .flatMap((value) => secretForms(value).map((form) => [form, value] as const))
      .toSorted(([a], [b]) => b.length - a.length)
    return this.#forms
  }

  #placeholder(value: string, kind: 'secret' | 'email' = 'secret'): string {
    if (hasPlaceholder(value) && value.replace(placeholderShape, '') === '') return value
    const known = this.#placeholders.get(value)
    if (known !== undefined) return known
    const number = this.#placeholders.size + 1
    const made = kind === 'email' ? `user-${number}@redacted.invalid` : `[redacted-${number}]`
    this.#placeholders.set(value, made)
    return made
  }
}

function everywhere(shape: RegExp): RegExp {
  return shape.global ? shape : new RegExp(shape.source, `${shape.flags}g`)
}

/** The value and what it is made of: the token after a scheme, both sides of Basic, the values of cookies and parameters. */
function partsOf(value: string): string[] {
  const parts = [value]
  const token = /^[A-Za-z][\w-]* +(\S+)$/.exec(value)?.[1]
  if (token !== undefined) parts.push(token)
  if (token !== undefined && /^basic /i.test(value)) {
    const plain = Buffer.from(token, 'base64').toString('utf8')
    parts.push(plain, plain.slice(plain.indexOf(':') + 1))
  }
  for (const [, quoted, bare] of value.matchAll(/=(?:"([^"]*)"|([^;,\s]*))/g)) parts.push(quoted ?? bare ?? '')
  // Short pieces such as `Path=/` or `v=1` are no secrets and would redact half of the fixture.
  return parts.filter((part, index) => index === 0 || part.length >= 8)
}

function matchesPath(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return path.length === 0
  if (first === '**') return path.some((_, index) => matchesPath(rest, path.slice(index)))
  const [head, ...tail] = path
  return head !== undefined && (first === '*' || first === head) && matchesPath(rest, tail)
}
