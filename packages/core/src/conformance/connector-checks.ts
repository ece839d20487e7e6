import { inspect } from 'node:util'
import { isPatchbayError, type PatchbayError } from '../errors.ts'
import {
  bench,
  benchOver,
  type ConnectorCheck,
  type ConnectorSubject,
  sampleOf,
  silentVendor,
} from './connector-subject.ts'
import { readManifest } from './manifest-shape.ts'

export type { ConnectorCheck, ConnectorSubject, FailureSample, OperationSample } from './connector-subject.ts'

/** Only one attempt and no breaker, so that what the connector itself does shows. */
const bare = { retry: false, breaker: false, throttle: false } as const

/**
 * What every HTTP connector must do, whatever its vendor. All checks run offline, on a clock that stands still. Abilities in `needs`:
 * `credential` (the subject has one, with its secrets), `failures`.
 */
export const connectorChecks: readonly ConnectorCheck[] = [
  check('the manifest is complete and nothing but data', async ({ connector }) => {
    demand(readManifest(connector.manifest))
  }),
  check('a wrong config is refused with the field to blame', async (subject) => {
    demand(subject.wrongConfigs.length > 0 ? [] : ['the subject names no wrong config'])
    for (const { config, path } of subject.wrongConfigs) {
      const error = thrownBy(() => bench({ ...subject, config }, {}))
      if (!isPatchbayError(error)) throw new Error(`a config without a right ${path} was accepted`)
      demand(error.kind === 'config' ? [] : [`expected a config error for ${path}, got ${error.kind}`])
      demand(error.issues.some((issue) => issue.path === path) ? [] : [`the error names not ${path}: ${error.message}`])
    }
  }),
  check('every operation has a sample, and gives what the sample says', async (subject) => {
    for (const name of operationsOf(subject)) {
      const sample = sampleOf(subject, name)
      const value = await bench(subject, sample.reply, bare).call(name)
      if (sample.output !== undefined) demand(sameData(value, sample.output, name))
    }
  }),
  check('one call is one request', async (subject) => {
    for (const name of operationsOf(subject)) {
      const { call, transport } = bench(subject, sampleOf(subject, name).reply, bare)
      await call(name)
      demand(transport.requests.length === 1 ? [] : [`${name} sent ${transport.requests.length} requests`])
    }
  }),
  check('nothing below the policies tries again', async (subject) => {
    for (const name of operationsOf(subject)) {
      const { call, transport, clock } = bench(subject, { status: 503, json: {} }, bare)
      const error = await clock.runUntil(failureOf(call(name)))
      demand(
        transport.requests.length === 1 ? [] : [`${name} sent ${transport.requests.length} requests for one attempt`],
      )
      demand(error.kind === 'unavailable' ? [] : [`${name}: a 503 became ${error.kind}`])
    }
  }),
  check('what may be repeated is tried again, and nothing else', async (subject) => {
    for (const name of operationsOf(subject)) {
      const { spec } = subject.connector.operations[name] as {
        readonly spec: { readonly effect: string; readonly idempotency?: string }
      }
      const repeatable = spec.effect !== 'write' || spec.idempotency === 'vendor-key'
      const { call, transport, clock } = bench(
        subject,
        { status: 503, json: {} },
        { retry: { attempts: 3 }, breaker: false },
      )
      await clock.runUntil(failureOf(call(name)))
      const expected = repeatable ? 3 : 1
      demand(
        transport.requests.length === expected
          ? []
          : [`${name}: ${transport.requests.length} requests instead of ${expected}`],
      )
    }
  }),
  check('a keyed write sends one key with all its attempts', async (subject) => {
    for (const name of operationsOf(subject)) {
      if (subject.connector.operations[name]?.spec.idempotency !== 'vendor-key') continue
      const { call, transport, clock } = bench(
        subject,
        { status: 503, json: {} },
        { retry: { attempts: 3 }, breaker: false },
      )
      const idempotencyKey = 'conformance-key-1'
      await clock.runUntil(failureOf(call(name, { idempotencyKey })))
      const carries = transport.requests.every(
        (request) => inspect(request.headers).includes(idempotencyKey) || request.text().includes(idempotencyKey),
      )
      demand(carries ? [] : [`${name} does not send the call's idempotency key`])
    }
  }),
  check('an answer of another shape is a protocol error and no success', async (subject) => {
    for (const name of operationsOf(subject)) {
      if (sampleOf(subject, name).ignoresBody === true) continue
      for (const reply of strangeReplies) {
        const { call, clock } = bench(subject, reply, bare)
        const error = await clock.runUntil(failureOf(call(name)))
        demand(error.kind === 'protocol' ? [] : [`${name}: ${JSON.stringify(reply)} became ${error.kind}`])
      }
    }
  }),
  check(
    'a declared failure is the declared error',
    async (subject) => {
      for (const { operation, reply, kind, retry, code } of subject.failures ?? []) {
        const { call, clock } = bench(subject, reply, bare)
        const error = await clock.runUntil(failureOf(call(operation)))
        demand(error.kind === kind ? [] : [`${operation}: expected ${kind}, got ${error.message}`])
        demand(
          retry === undefined || (error.retry === 'exhausted' ? 'later' : error.retry) === retry
            ? []
            : [`${operation}: retry is ${error.retry}`],
        )
        demand(code === undefined || error.code === code ? [] : [`${operation}: code is ${error.code}`])
      }
    },
    ['failures'],
  ),
  check('giving a call up ends it at once and cancels the request', async (subject) => {
    for (const name of operationsOf(subject)) {
      const vendor = silentVendor()
      const { call, clock, connection } = benchOver(subject, vendor, bare)
      await connection.$raw()
      const controller = new AbortController()
      const reason = new Error('given up')
      const running = call(name, { signal: controller.signal }).catch((error: unknown) => error)
      await until(clock, () => vendor.asked > 0, `${name} sent nothing`)
      controller.abort(reason)
      const started = clock.monotonic()
      demand((await clock.runUntil(running)) === reason ? [] : [`${name} did not reject with the caller's reason`])
      demand(clock.monotonic() - started <= 50 ? [] : [`${name} took ${clock.monotonic() - started} ms to give up`])
      demand(vendor.given === vendor.asked ? [] : [`${name} left its request running`])
    }
  }),
  check('a silent vendor ends at the deadline, with no timer left', async (subject) => {
    for (const name of operationsOf(subject)) {
      const { call, clock, connection } = benchOver(subject, silentVendor(), { ...bare, attemptTimeout: false })
      await connection.$raw()
      const started = clock.monotonic()
      const error = await clock.runUntil(failureOf(call(name, { timeoutMs: 1000 })))
      const took = clock.monotonic() - started
      demand(error.kind === 'timeout' ? [] : [`${name}: expected timeout, got ${error.kind}`])
      demand(took >= 1000 && took <= 1050 ? [] : [`${name} ended after ${took} ms of 1000`])
      await connection.$close()
      await clock.advance(100)
      const { timers, intervals } = clock.pending
      demand(timers + intervals === 0 ? [] : [`${name} left ${timers} timers and ${intervals} intervals`])
    }
  }),
  check(
    'the credential is used and never shows',
    async (subject) => {
      const secrets = subject.secrets ?? []
      demand(secrets.length > 0 ? [] : ['the subject names no secrets'])
      for (const name of operationsOf(subject)) {
        for (const reply of [sampleOf(subject, name).reply, ...refusals(secrets)]) {
          const { call, clock, connection, transport } = bench(subject, reply, bare)
          const seen: unknown[] = []
          connection.$events.on('*', (data, type) =>
            seen.push(type, inspect(data, { depth: 10 }), JSON.stringify(data)),
          )
          const outcome = await clock.runUntil(call(name).catch((error: unknown) => error))
          if (isPatchbayError(outcome))
            seen.push(String(outcome), outcome.stack, JSON.stringify(outcome), inspect(outcome, { depth: 10 }))
          seen.push(inspect(connection, { depth: 6 }), inspect(connection.$policies, { depth: 6 }))
          const text = seen.join('\n')
          for (const secret of secrets) demand(text.includes(secret) ? [`${name} shows a secret`] : [])
          demand(transport.requests.length > 0 ? [] : [`${name} sent nothing`])
        }
      }
    },
    ['credential'],
  ),
  check('it closes, once, and refuses calls from then on', async (subject) => {
    const [name = ''] = operationsOf(subject)
    const { call, connection } = bench(subject, sampleOf(subject, name).reply)
    await call(name)
    await Promise.all([connection.$close(), connection.$close()])
    const error = await failureOf(call(name))
    demand(error.code === 'closed' ? [] : [`a closed connection answered with ${error.message}`])
  }),
]

const strangeReplies = [
  { text: '<!doctype html><title>Log in</title>', headers: { 'content-type': 'text/html' } },
  { text: '{"cut": [1, 2', headers: { 'content-type': 'application/json' } },
  { json: 'a text and no object' },
  { json: { nothing: 'that anybody knows' } },
]

/** Answers that quote what they were sent, as careless vendors do. */
function refusals(secrets: readonly string[]) {
  return [
    { status: 401, json: { message: `invalid token ${secrets.join(' ')}` } },
    { status: 400, json: { error: { message: `bad request: ${secrets.join(' ')}` } } },
    { status: 500, text: `failed for ${secrets.join(' ')}`, headers: { 'content-type': 'text/plain' } },
  ]
}

function check(name: string, run: ConnectorCheck['run'], needs: readonly string[] = []): ConnectorCheck {
  return { name, effect: 'read', needs, run }
}

function operationsOf({ connector }: ConnectorSubject): readonly string[] {
  return Object.keys(connector.operations)
}

function demand(wrong: readonly string[]): void {
  if (wrong.length > 0) throw new Error(wrong.join('; '))
}

function thrownBy(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return error
  }
}

async function failureOf(work: Promise<unknown>): Promise<PatchbayError> {
  let value: unknown
  try {
    value = await work
  } catch (error) {
    if (isPatchbayError(error)) return error
    throw error
  }
  throw new Error(`expected an error, got ${inspect(value, { depth: 2 })}`)
}

/** Equal as data: what JSON can tell. */
function sameData(value: unknown, expected: unknown, name: string): readonly string[] {
  const [seen, wanted] = [inspect(value, { depth: 20, sorted: true }), inspect(expected, { depth: 20, sorted: true })]
  return seen === wanted ? [] : [`${name} gave ${seen}, not ${wanted}`]
}

async function until(clock: { settle(): Promise<void> }, ready: () => boolean, otherwise: string): Promise<void> {
  for (let turn = 0; turn < 100 && !ready(); turn++) await clock.settle()
  if (!ready()) throw new Error(otherwise)
}
