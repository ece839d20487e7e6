import { createHash, createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Credential, CredentialSource } from '../../credential.ts'
import { Fault, isPatchbayError } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import { memoryStore } from '../../stores/memory.ts'
import { type FakeClock, fakeClock } from '../../testing/time/fake-clock.ts'
import { getRequest, type TestEnv, testEnv } from '../fixtures/credential-env.ts'
import type { LoginSpec } from './login-spec.ts'
import { sessionLogin } from './session-login.ts'

/** A vendor with a one-step login (header token or cookie) and a challenge login, one session per user. */
let server: Server
let url: string
let clock: FakeClock
const sessions = new Set<string>()
const challenges = new Map<string, string>()
let log: string[] = []
let failWith: { status: number; headers?: Record<string, string> } | undefined
const password = 'correct horse/ß'

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

beforeEach(async () => {
  clock = fakeClock()
  sessions.clear()
  challenges.clear()
  log = []
  failWith = undefined
  server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    log.push(`${request.method} ${request.url}`)
    const answer = (status: number, value: unknown, headers: Record<string, string | string[]> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
    }
    if (failWith !== undefined) return answer(failWith.status, { password }, failWith.headers)
    switch (request.url) {
      case '/login': {
        const { user } = JSON.parse(body) as { user: { name: string; password: string } }
        if (user.name !== 'ann' || user.password !== password) return answer(401, { hint: user.password })
        const session = randomUUID()
        sessions.add(session)
        const cookies = [`other=1; Path=/`, `SID=${session}; HttpOnly; Secure`]
        return answer(
          200,
          { data: [{ token: session, expires_in: 600 }] },
          { 'set-cookie': cookies, 'x-token': session },
        )
      }
      case '/challenge': {
        const nonce = randomUUID()
        challenges.set(nonce, 'ann')
        return answer(200, { nonce })
      }
      case '/respond': {
        const form = new URLSearchParams(body)
        const nonce = form.get('nonce') ?? ''
        const expected = createHmac('sha256', createHash('sha256').update(password).digest('hex'))
          .update(nonce)
          .digest('base64')
        if (!challenges.delete(nonce) || form.get('proof') !== expected) return answer(403, {})
        const session = randomUUID()
        sessions.add(session)
        return answer(200, session)
      }
      case '/logout':
        return answer(sessions.delete(String(request.headers['x-session'])) ? 204 : 404, {})
      default:
        return answer(404, {})
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
})

const oneStep = (more: Partial<LoginSpec> = {}): LoginSpec => ({
  steps: [
    {
      method: 'POST',
      url: `${url}/login`,
      json: { 'user.name': { field: 'user' }, 'user.password': { secret: 'password' } },
      take: { session: { from: 'json', path: 'data.0.token' }, life: { from: 'json', path: 'data.0.expires_in' } },
    },
  ],
  writes: [{ header: 'x-session', value: { taken: 'session' } }],
  lifetime: { taken: 'life', unit: 's' },
  logout: { method: 'POST', url: `${url}/logout`, headers: { 'X-Session': { taken: 'session' } } },
  ...more,
})
const ann = () => ({ secrets: { password: new Secret(password) }, fields: { user: 'ann' }, timeoutMs: 120_000 })

async function use(credential: Credential): Promise<ReturnType<typeof getRequest>> {
  const request = getRequest()
  await credential.apply(request)
  return request
}
const open = async (source: CredentialSource, env: TestEnv = testEnv({ clock })): Promise<Credential> =>
  source.open(env)
const factsOf = async (work: Promise<unknown>): Promise<Fault['facts']> => {
  try {
    await work
  } catch (error) {
    if (error instanceof Fault) return error.facts
    throw error
  }
  throw new Error('nothing failed')
}

test('logs in once for all callers and all connections, renews before the end, logs out with the last one', async () => {
  const source = sessionLogin({ login: oneStep(), ...ann() })
  const [one, two] = [await open(source), await open(source)]
  const requests = await clock.runUntil(Promise.all([...Array(20)].map((_, index) => use(index % 2 ? one : two))), {
    inputMs: 20,
  })
  expect(new Set(requests.map(({ headers }) => headers['x-session'])).size).toBe(1)
  expect(sessions.has(String(requests[0]?.headers['x-session']))).toBe(true)
  expect(log).toEqual(['POST /login'])
  expect(Math.abs((one.expiresAt ?? 0) - clock.now() - 600_000)).toBeLessThan(1000)
  await clock.advance(570_000)
  await use(one)
  await one.close?.()
  await one.close?.()
  expect(log).toEqual(['POST /login', 'POST /login'])
  await use(two)
  await two.close?.()
  expect(log.at(-1)).toBe('POST /logout')
  expect(sessions.size).toBe(1)
})

test('a refused session is replaced once for all callers', async () => {
  const credential = await open(sessionLogin({ login: oneStep({ refusals: [401, 403] }), ...ann() }))
  expect(credential.refusals).toEqual([401, 403])
  const requests = await Promise.all([...Array(10)].map(() => use(credential)))
  sessions.clear()
  const answers = await Promise.all(
    requests.map((request) => credential.refresh?.(request, { status: 403, headers: {} })),
  )
  expect(new Set(answers)).toEqual(new Set(['credential-refreshed']))
  expect(log).toEqual(['POST /login', 'POST /login'])
  expect(sessions.has(String((await use(credential)).headers['x-session']))).toBe(true)
  expect(
    await credential.refresh?.(getRequest(), { status: 401, headers: {} }),
    'a request that carries no session',
  ).toBeUndefined()
})

test('a cookie session joins the cookies of the request', async () => {
  const steps = oneStep().steps.map((step) => ({ ...step, take: { sid: { from: 'cookie', name: 'SID' } as const } }))
  const login: LoginSpec = { steps, writes: [{ cookie: 'SID', value: { taken: 'sid' } }] }
  const credential = await open(sessionLogin({ login, ...ann() }))
  const request = getRequest(undefined, { headers: { cookie: 'theme=dark' } })
  await credential.apply(request)
  expect(request.headers.cookie).toMatch(/^theme=dark; SID=[0-9a-f-]{36}$/)
  expect(credential.marks).toEqual({ headers: ['cookie'], query: [] })
  expect(credential.expiresAt).toBeUndefined()
})

test('a challenge first, then its answer, as data', async () => {
  const proof = {
    hmac: 'sha256',
    key: { hash: 'sha256', of: { secret: 'password' } },
    of: { taken: 'nonce' },
    as: 'base64',
  } as const
  const login: LoginSpec = {
    steps: [
      {
        method: 'GET',
        url: { join: [{ field: 'base' }, '/challenge'] },
        take: { nonce: { from: 'json', path: 'nonce' } },
      },
      {
        method: 'POST',
        url: `${url}/respond`,
        form: { nonce: { taken: 'nonce' }, proof },
        take: { session: { from: 'text' } },
      },
    ],
    writes: [{ header: 'authorization', value: { join: ['Session ', { taken: 'session' }] } }],
  }
  const credential = await open(sessionLogin({ login, secrets: { password }, fields: { base: url } }))
  const { headers } = await use(credential)
  expect(sessions.has(String(headers.authorization).slice(8))).toBe(true)
  const wrong = await open(sessionLogin({ login, secrets: { password: 'nope' }, fields: { base: url } }))
  expect(await factsOf(use(wrong))).toMatchObject({
    kind: 'credential',
    status: 403,
    message: expect.stringContaining('step 2 of 2'),
  })
})

test.each([
  ['http://vendor.test', 'must begin with https://'],
  ['https://ann:x@vendor.test', 'must not hold a user name'],
  ['//vendor.test', 'is not an absolute URL'],
])('a password goes to no address in the clear, whoever names it: %s', async (base, why) => {
  const steps = [{ ...oneStep().steps[0], url: { join: [{ field: 'base' }, '/login'] } }] as LoginSpec['steps']
  const env = testEnv({ clock })
  const source = sessionLogin({ login: oneStep({ steps }), secrets: { password }, fields: { user: 'ann', base } })
  const facts = await factsOf(use(await open(source, env)))
  expect(facts).toMatchObject({ kind: 'config', sent: 'none', message: expect.stringContaining(why) })
  expect(env.transportRequests).toEqual([])
})

test('a host out of a field is checked by the address guard, although the login says that its host is fixed', async () => {
  const originOf = async (step: LoginSpec['steps'][0]['url'], named: Record<string, string> = {}): Promise<unknown> => {
    const env = testEnv({ clock })
    const steps = [{ ...oneStep().steps[0], url: step }] as LoginSpec['steps']
    const fields = { user: 'ann', ...named }
    await use(
      await open(sessionLogin({ login: oneStep({ steps }), secrets: { password }, fields, origin: 'builtin' }), env),
    )
    return env.transportRequests[0]?.origin
  }
  expect(await originOf(`${url}/login`)).toBe('builtin')
  expect(await originOf({ join: [`${url}/`, { field: 'path' }] }, { path: 'login' })).toBe('builtin')
  expect(await originOf({ join: [{ field: 'base' }, '/login'] }, { base: url })).toBe('tenant')
  expect(await originOf({ join: ['http', { join: [url.slice(4), '/login'] }] })).toBe('tenant')
})

test('a shared session serves all processes of a store and is not ended by one of them', async () => {
  const store = memoryStore({ clock })
  const config = { login: oneStep(), ...ann(), shared: true }
  const processes = await Promise.all(
    [1, 2, 3].map((seed) => open(sessionLogin(config), testEnv({ clock, store, seed: `${seed}` }))),
  )
  const requests = await clock.runUntil(Promise.all(processes.map(use)), { inputMs: 20 })
  expect(new Set(requests.map(({ headers }) => headers['x-session'])).size).toBe(1)
  await processes[0]?.close?.()
  expect(log).toEqual(['POST /login'])
})

test.each([
  [{ status: 401 }, 'credential', undefined],
  [{ status: 429, headers: { 'retry-after': '7' } }, 'rate-limited', 7000],
  [{ status: 503 }, 'unavailable', undefined],
  [{ status: 302, headers: { location: 'https://elsewhere.test/' } }, 'config', undefined],
])('an answer %o is %s and shows nothing of the body', async (fault, kind, retryAfterMs) => {
  failWith = fault
  const facts = await factsOf(use(await open(sessionLogin({ login: oneStep(), ...ann() }))))
  expect(facts).toMatchObject({ kind, status: fault.status, retryAfterMs })
  expect(JSON.stringify(facts)).not.toContain(password)
})

test('an answer without the session is a protocol error; a failed logout is only a notice', async () => {
  failWith = { status: 200 }
  expect(await factsOf(use(await open(sessionLogin({ login: oneStep(), ...ann() }))))).toMatchObject({
    kind: 'protocol',
    code: 'login-response',
  })
  failWith = undefined
  const env = testEnv({ clock })
  const notices: string[] = []
  env.events.on('notice', ({ code }) => notices.push(code))
  const credential = await open(sessionLogin({ login: oneStep(), ...ann() }), env)
  await use(credential)
  sessions.clear()
  await credential.close?.()
  expect(notices).toEqual(['logout-failed'])
})

test('a specification that does not fit names every mistake', () => {
  const login = {
    steps: [
      { method: 'POST', url: 'http://vendor.test/login', json: { a: { secret: 'password' } }, form: {}, retries: 1 },
    ],
    writes: [{ header: 'x', value: { taken: 'session' } }],
    lifetime: { taken: 'life', unit: 's' },
  } as unknown as LoginSpec
  try {
    sessionLogin({ login, secrets: {} })
    expect.unreachable()
  } catch (error) {
    if (!isPatchbayError(error)) throw error
    expect(error.issues.map(({ path }) => path).sort()).toEqual([
      'login.lifetime.taken',
      'login.steps.0',
      'login.steps.0.retries',
      'login.steps.0.url',
      'secrets.password',
      'taken session',
    ])
  }
})
