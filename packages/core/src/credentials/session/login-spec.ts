import type { ConfigCheck } from '../config-check.ts'
import type { Value } from '../signers/value.ts'
import { checkWritings, type Writing } from '../signers/write-values.ts'

/** Where a login's answer holds something that later steps or requests need. */
export type Taking =
  /** Dotted path of own properties in the JSON body; numbers index lists. */
  | { readonly from: 'json'; readonly path: string }
  | { readonly from: 'header'; readonly name: string }
  | { readonly from: 'cookie'; readonly name: string }
  /** The whole body, without surrounding quotes and spaces. */
  | { readonly from: 'text' }

/** One request of a login. */
export interface LoginStep {
  readonly method: string
  /** Absolute URL. */
  readonly url: Value
  readonly headers?: Readonly<Record<string, Value>> | undefined
  /** JSON body, by dotted path: `{ 'credentials.name': { secret: 'name' } }`. */
  readonly json?: Readonly<Record<string, Value>> | undefined
  readonly form?: Readonly<Record<string, Value>> | undefined
  readonly text?: Value | undefined
  readonly take?: Readonly<Record<string, Taking>> | undefined
}

/** How long a session lives. */
export type SessionLifetime =
  | { readonly ms: number }
  /** Something taken: seconds or milliseconds from now, or a point in time. */
  | { readonly taken: string; readonly unit: 's' | 'ms' | 'unix-s' | 'unix-ms' | 'iso' }

/** A vendor's way of logging in, as data: one step, or several where a challenge or nonce comes first. */
export interface LoginSpec {
  readonly steps: readonly LoginStep[]
  /** What each request carries, from what the steps took. */
  readonly writes: readonly Writing[]
  /** Default: a session is used until it is refused. */
  readonly lifetime?: SessionLifetime | undefined
  /** Statuses with which the vendor says that the session is over. Default 401. */
  readonly refusals?: readonly number[] | undefined
  /** Sent when the last connection closes. */
  readonly logout?: LoginStep | undefined
}

/** The values of a specification with their places, and what its steps take. */
export function readLogin(
  check: ConfigCheck,
  spec: LoginSpec | undefined,
): { readonly values: readonly (readonly [path: string, value: Value])[]; readonly taken: readonly string[] } {
  const values: (readonly [string, Value])[] = []
  const taken: string[] = []
  check.only(spec, ['steps', 'writes', 'lifetime', 'refusals', 'logout'], 'login')
  if (!Array.isArray(spec?.steps) || spec.steps.length === 0) check.issue('login.steps', 'must hold at least one step')
  const read = (step: LoginStep, path: string): void => {
    check.only(step, ['method', 'url', 'headers', 'json', 'form', 'text', 'take'], path)
    const bodies = [step.json, step.form, step.text].filter((body) => body !== undefined)
    if (bodies.length > 1) check.issue(path, 'must have at most one of json, form and text')
    if (typeof step.url === 'string') check.endpoint(`${path}.url`, step.url)
    values.push([`${path}.url`, step.url])
    if (step.text !== undefined) values.push([`${path}.text`, step.text])
    for (const part of ['headers', 'json', 'form'] as const)
      for (const [name, value] of Object.entries(step[part] ?? {})) values.push([`${path}.${part}.${name}`, value])
    taken.push(...Object.keys(step.take ?? {}))
  }
  for (const [index, step] of (spec?.steps ?? []).entries()) read(step, `login.steps.${index}`)
  if (spec?.logout !== undefined) read(spec.logout, 'login.logout')
  checkWritings(check, 'login.writes', spec?.writes ?? [])
  for (const [index, one] of (spec?.writes ?? []).entries()) values.push([`login.writes.${index}.value`, one.value])
  const { lifetime } = spec ?? {}
  if (lifetime !== undefined && 'taken' in lifetime && !taken.includes(lifetime.taken))
    check.issue('login.lifetime.taken', 'names nothing that a step takes')
  return { values, taken }
}
