import type { Value } from '@patchbay/core/credentials'
import { emptyAnswer, jsonAnswer, textAnswer, type VendorAnswer } from '../vendor/answer.ts'
import type { VendorRequest } from '../vendor/request.ts'
import { withValueAt } from '../wire/own-value.ts'
import type { CredentialValues, ManifestCredential } from './credential-values.ts'
import { checkWritings, type Writing } from './signing-schemes.ts'
import type { SchemeEnv } from './token-scheme.ts'
import { type ValueContext, valueBytes } from './value-reader.ts'
import { bad, good, type VendorScheme } from './verdict.ts'

type Session = Extract<ManifestCredential, { scheme: 'session' }>
type Step = Session['settle']['steps'][number]

const lifetimeMs = 3_600_000

/** A login by steps: each must bring what the manifest says; the last one's values open requests until the session ends. */
export function sessionScheme(
  { settle }: Session,
  values: CredentialValues,
  { place, clock, random }: SchemeEnv,
): VendorScheme {
  const lifetime = settle.lifetime !== undefined && 'ms' in settle.lifetime ? settle.lifetime.ms : lifetimeMs
  const base = new URL(place.base)
  const sessions: { taken: Record<string, string>; until: number }[] = []
  let opening: Record<string, string> = {}
  let issued = 0

  const isStep = (step: Step, { method, url, body }: VendorRequest): boolean => {
    const path = step.path.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
    const wanted = new URL(place.base + path)
    return method === step.method && url.host === base.host && url.pathname === wanted.pathname && isCalled(step, body)
  }
  const takenFor = (name: string): string => {
    const { lifetime: told } = settle
    if (told === undefined || 'ms' in told || told.taken !== name)
      return `session-${Buffer.from(random.bytes(12)).toString('hex')}`
    const until = clock.now() + lifetimeMs
    const texts = {
      s: lifetimeMs / 1000,
      ms: lifetimeMs,
      'unix-s': Math.floor(until / 1000),
      'unix-ms': until,
      iso: new Date(until).toISOString(),
    }
    return String(texts[told.unit])
  }
  const answer = (step: Step, request: VendorRequest): VendorAnswer => {
    const wrong = problemOf(step, request, { values, taken: opening, now: clock.now(), told: new Map(), request })
    if (wrong !== undefined) return jsonAnswer({ error: { message: wrong } }, 401)
    const headers: Record<string, string> = {}
    let body: unknown
    let text: string | undefined
    for (const [name, taking] of Object.entries(step.take ?? {})) {
      const value = takenFor(name)
      opening[name] = value
      if (taking.from === 'json') body = withValueAt(body, taking.path, value)
      else if (taking.from === 'header') headers[taking.name.toLowerCase()] = value
      else if (taking.from === 'cookie') headers['set-cookie'] = `${taking.name}=${value}; Path=/; Secure; HttpOnly`
      else text = value
    }
    if (step === settle.steps.at(-1)) {
      sessions.push({ taken: opening, until: clock.now() + lifetime })
      issued++
      opening = {}
    }
    if (text !== undefined) return textAnswer(text, 'text/plain', 200, headers)
    return body === undefined ? emptyAnswer(200, headers) : jsonAnswer(body, 200, headers)
  }
  return {
    get issued() {
      return issued
    },
    get secrets() {
      return sessions.flatMap(({ taken }) => Object.values(taken)).filter((value) => value.startsWith('session-'))
    },
    handle(request) {
      const step = settle.steps.find((one) => isStep(one, request))
      if (step !== undefined) return answer(step, request)
      return settle.logout !== undefined && isStep(settle.logout, request) ? emptyAnswer(200) : undefined
    },
    check(request) {
      let reason = 'there is no session'
      for (const { taken, until } of sessions.toReversed()) {
        const verdict = checkWritings(settle.writes as readonly Writing[], request, { values, taken, now: clock.now() })
        if (verdict.ok) return until > clock.now() ? good : bad('the session has ended', true)
        reason = verdict.reason
      }
      return bad(reason)
    },
    expire() {
      for (const session of sessions) session.until = 0
    },
  }
}

/** Where all methods have one path, as in JSON-RPC, texts of the body tell the login from other calls. */
function isCalled({ json = {} }: Step, body: unknown): boolean {
  const texts = Object.entries(json).filter(([, value]) => typeof value === 'string')
  return texts.every(([path, value]) => String(bodyField(body, path)) === value)
}

function bodyField(body: unknown, path: string): unknown {
  const fields = (body ?? {}) as Readonly<Record<string, unknown>>
  if (Object.hasOwn(fields, path)) return fields[path]
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], fields)
}

function problemOf(step: Step, request: VendorRequest, context: ValueContext): string | undefined {
  const text = (value: unknown): string => valueBytes(value as Value, context).toString()
  for (const [name, value] of Object.entries(step.headers ?? {}))
    if (request.headers[name.toLowerCase()] !== text(value)) return `the header ${name} is wrong`
  for (const [path, value] of Object.entries({ ...step.json, ...step.form }))
    if (String(bodyField(request.body, path)) !== text(value)) return `${path} is wrong`
  if (step.text !== undefined && Buffer.from(request.bytes).toString() !== text(step.text)) return 'the body is wrong'
  return undefined
}
