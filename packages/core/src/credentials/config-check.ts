import { type Issue, patchbayError } from '../errors.ts'
import { type MaybeSecret, Secret } from '../secret.ts'

const visible = /^[\x21-\x7e]+$/
const visibleWithSpaces = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** What a text may hold: anything, what fits an HTTP header value, or that without spaces. */
export type TextRule = 'any' | 'header-value' | 'no-spaces'

/**
 * Checks what a user configured and says everything that is wrong at once, each with its field and remedy. Messages never
 * repeat a value: it may be a secret in the wrong field.
 */
export class ConfigCheck {
  readonly #scheme: string
  readonly #issues: Issue[] = []

  constructor(scheme: string) {
    this.#scheme = scheme
  }

  issue(path: string, message: string): void {
    this.#issues.push({ path, message })
  }

  /** Refuses misspelled fields, which would otherwise be ignored silently. */
  only(config: unknown, fields: readonly string[], path = ''): void {
    if (typeof config !== 'object' || config === null) {
      this.issue(path, 'must be an object')
      return
    }
    for (const name of Object.keys(config))
      if (!fields.includes(name))
        this.issue(path === '' ? name : `${path}.${name}`, `is not a field; there are ${fields.join(', ')}`)
  }

  text(path: string, value: unknown, rule: TextRule = 'any'): string {
    const problem = textProblem(value, rule)
    if (problem !== undefined) this.issue(path, problem)
    return typeof value === 'string' ? value : ''
  }

  secret(path: string, value: MaybeSecret | undefined, rule: TextRule = 'any'): Secret {
    const plain: unknown = value instanceof Secret ? value.reveal() : value
    const problem = textProblem(plain, rule)
    if (problem !== undefined) this.issue(path, plain === undefined ? 'is missing: pass a string or a Secret' : problem)
    return new Secret(typeof plain === 'string' ? plain : '')
  }

  headerName(path: string, value: unknown): string {
    const name = this.text(path, value)
    if (name !== '' && !token.test(name)) this.issue(path, 'is not an HTTP field name: use letters, digits and "-"')
    return name.toLowerCase()
  }

  /** An absolute https URL without user information and fragment; http only to this machine, since secrets go there. */
  endpoint(path: string, value: unknown): string {
    const url = this.text(path, value)
    const problem = url === '' ? undefined : endpointProblem(url)
    if (problem !== undefined) this.issue(path, problem)
    return url
  }

  positive(path: string, value: unknown, fallback: number): number {
    if (value === undefined) return fallback
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value
    this.issue(path, 'must be a number above 0')
    return fallback
  }

  oneOf<T extends string>(path: string, value: unknown, choices: readonly T[]): T {
    if (choices.includes(value as T)) return value as T
    this.issue(path, `must be one of ${choices.join(', ')}`)
    return choices[0] as T
  }

  /** @throws PatchbayError `config` that lists every issue, if there is one. */
  done(): void {
    if (this.#issues.length === 0) return
    throw patchbayError({
      kind: 'config',
      code: 'credential-config',
      message: `the credential ${this.#scheme} cannot be used`,
      issues: this.#issues,
    })
  }
}

/** What is wrong with a URL to which a secret is sent. */
export function endpointProblem(url: string): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined) return 'is not an absolute URL'
  if (parsed.username !== '' || parsed.password !== '')
    return 'must not hold a user name or password: they have fields of their own'
  if (url.includes('#')) return 'must not have a fragment (#)'
  if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && loopback.test(parsed.hostname)))
    return 'must begin with https://, since a secret is sent there (http:// only for 127.0.0.1)'
  return undefined
}

function textProblem(value: unknown, rule: TextRule): string | undefined {
  if (value === undefined || value === null) return 'is missing'
  if (typeof value !== 'string') return 'must be text'
  if (value === '') return 'is empty'
  if (rule === 'any') return undefined
  if (/^\s|\s$/.test(value))
    return 'begins or ends with a space or line break: trim it (it was probably read from a file)'
  if ((rule === 'no-spaces' ? visible : visibleWithSpaces).test(value)) return undefined
  return rule === 'no-spaces'
    ? 'holds a space, a control character or a non-ASCII character'
    : 'holds a control character or a non-ASCII character'
}
