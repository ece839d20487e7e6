import type { SignableRequest } from '../../credential.ts'
import { Fault } from '../../errors.ts'
import { parseIsoDate } from '../../http/http-date.ts'
import { parseWait } from '../../http/retry-after.ts'
import type { HttpRequest, HttpResponse } from '../../http/transport.ts'
import type { Secret } from '../../secret.ts'
import { endpointProblem } from '../config-check.ts'
import { Scope, textOf } from '../signers/evaluate.ts'
import type { Value } from '../signers/value.ts'
import type { ObtainContext } from '../tokens/token-plan.ts'
import type { LoginStep, SessionLifetime, Taking } from './login-spec.ts'

export type Taken = Readonly<Record<string, string>>

/** What the steps' values refer to. */
export interface LoginNames {
  readonly secrets: ReadonlyMap<string, Secret>
  readonly fields: Readonly<Record<string, string>>
  readonly origin: HttpRequest['origin']
}

/** Runs one step and gives what it took, added to what earlier steps took. */
export async function runStep(
  step: LoginStep,
  name: string,
  taken: Taken,
  names: LoginNames,
  context: Omit<ObtainContext, 'refresh'>,
): Promise<Taken> {
  const { env, cancellation, deadlineAt } = context
  const { secrets, fields } = names
  // Values of a step do not refer to the step's own request.
  const empty: SignableRequest = { method: step.method, url: 'https://login.invalid/', headers: {}, body: undefined }
  const scope = new Scope({ secrets, fields, taken, request: empty, now: env.clock.now() }, env.random)
  const url = textOf(step.url, scope)
  const problem = endpointProblem(url)
  if (problem !== undefined) throw fault(name, { kind: 'config', sent: 'none' }, `its URL ${problem}`)
  const headers: Record<string, string> = { accept: 'application/json' }
  for (const [field, value] of Object.entries(step.headers ?? {})) headers[field.toLowerCase()] = textOf(value, scope)
  const body = bodyOf(step, scope, headers)
  const transport = await env.transport()
  let response: HttpResponse
  try {
    response = await transport.send({
      method: step.method,
      url,
      headers,
      body,
      cancellation,
      deadlineAt,
      limits: { maxRedirects: 0, maxBodyBytes: 1_048_576 },
      origin: hasFixedHost(step.url) ? (names.origin ?? 'tenant') : 'tenant',
      credentialMarks: { headers: Object.keys(headers).filter((field) => field !== 'accept'), query: [] },
    })
  } catch (error) {
    // Without the cause: libraries keep the request, password and all, in their errors.
    const { kind = 'network', code, retry, sent } = error instanceof Fault ? error.facts : {}
    throw fault(name, { kind, code, retry, sent }, `the request to ${new URL(url).host} failed (${code ?? kind})`)
  }
  if (response.status < 200 || response.status > 299) throw refused(name, response, env.clock.now)
  const found: Record<string, string> = {}
  for (const [key, taking] of Object.entries(step.take ?? {})) {
    const value = take(taking, response)
    if (value === undefined || value === '' || /[\r\n\0]/.test(value))
      throw fault(
        name,
        { kind: 'protocol', code: 'login-response', status: response.status },
        `the answer holds no usable "${key}"`,
      )
    found[key] = value
  }
  return { ...taken, ...found }
}

/** Whether the host of a step stands in the connector: one that a field or an answer names is checked, whatever the login's `origin`. */
function hasFixedHost(url: Value): boolean {
  const start = typeof url === 'object' && 'join' in url ? url.join[0] : url
  return typeof start === 'string' && (start === url || /^https?:\/\/[^/?#]+[/?#]/i.test(start))
}

/** Milliseconds from now; undefined when the vendor's value makes no sense. */
export function lifetimeOf(lifetime: SessionLifetime | undefined, taken: Taken, now: number): number | undefined {
  if (lifetime === undefined) return undefined
  if ('ms' in lifetime) return lifetime.ms
  const text = taken[lifetime.taken] ?? ''
  const number = text === '' ? Number.NaN : Number(text)
  const ms = {
    s: () => number * 1000,
    ms: () => number,
    'unix-s': () => number * 1000 - now,
    'unix-ms': () => number - now,
    iso: () => (parseIsoDate(text) ?? Number.NaN) - now,
  }[lifetime.unit]()
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}

function bodyOf(step: LoginStep, scope: Scope, headers: Record<string, string>): string | undefined {
  const each = (values: Readonly<Record<string, Value>>): [string, string][] =>
    Object.entries(values).map(([key, value]) => [key, textOf(value, scope)])
  if (step.json !== undefined) {
    headers['content-type'] ??= 'application/json'
    const root: Record<string, unknown> = {}
    for (const [path, value] of each(step.json)) setPath(root, path.split('.'), value)
    return JSON.stringify(root)
  }
  if (step.form !== undefined) {
    headers['content-type'] ??= 'application/x-www-form-urlencoded'
    return new URLSearchParams(each(step.form)).toString()
  }
  return step.text === undefined ? undefined : textOf(step.text, scope)
}

function setPath(root: Record<string, unknown>, path: readonly string[], value: string): void {
  const [head = '', ...rest] = path
  if (rest.length === 0)
    Object.defineProperty(root, head, { value, enumerable: true, configurable: true, writable: true })
  else {
    if (!Object.hasOwn(root, head))
      Object.defineProperty(root, head, { value: {}, enumerable: true, configurable: true, writable: true })
    setPath(root[head] as Record<string, unknown>, rest, value)
  }
}

function take(taking: Taking, response: HttpResponse): string | undefined {
  switch (taking.from) {
    case 'header':
      return [response.headers[taking.name.toLowerCase()] ?? []].flat()[0]
    case 'cookie':
      return cookieOf(response, taking.name)
    case 'text':
      return textBody(response)
        .trim()
        .replace(/^"(.*)"$/, '$1')
    case 'json':
      return jsonAt(textBody(response), taking.path.split('.'))
  }
}

const textBody = (response: HttpResponse): string => new TextDecoder().decode(response.body)

/** The last one of a name wins; an emptied one counts as none. */
function cookieOf(response: HttpResponse, name: string): string | undefined {
  let found: string | undefined
  for (const line of [response.headers['set-cookie'] ?? []].flat()) {
    const [pair = ''] = line.split(';')
    const end = pair.indexOf('=')
    if (end > 0 && pair.slice(0, end).trim() === name) found = pair.slice(end + 1).trim()
  }
  return found
}

function jsonAt(text: string, path: readonly string[]): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

function refused(name: string, response: HttpResponse, now: () => number): Fault {
  const { status } = response
  const wait = [response.headers['retry-after'] ?? []].flat()[0]
  const retryAfterMs = wait === undefined ? undefined : parseWait(wait, 'auto', now)
  const facts = { code: `login-${status}`, status, retryAfterMs }
  if (status === 429) return fault(name, { ...facts, kind: 'rate-limited' }, 'too many logins')
  if (status >= 500) return fault(name, { ...facts, kind: 'unavailable' }, 'the vendor cannot log in at present')
  if (status === 404 || (status >= 300 && status < 400))
    return fault(name, { ...facts, kind: 'config' }, 'check its URL')
  return fault(
    name,
    { ...facts, kind: 'credential' },
    'the vendor refused; check the user name, the secret and whether the account is locked',
  )
}

function fault(step: string, facts: Omit<Fault['facts'], 'message'>, message: string): Fault {
  return new Fault({ ...facts, message: `session: ${step}: ${message}` })
}
