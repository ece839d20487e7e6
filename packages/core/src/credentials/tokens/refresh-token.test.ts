import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Credential, CredentialEnv } from '../../credential.ts'
import { Fault } from '../../errors.ts'
import type { Store } from '../../store.ts'
import { memoryStore } from '../../stores/memory.ts'
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  startAuthorizationServer,
} from '../../testing/oauth/authorization-server.ts'
import { type FakeClock, fakeClock } from '../../testing/time/fake-clock.ts'
import { getRequest, type TestEnv, testEnv } from '../fixtures/credential-env.ts'
import { oauth2RefreshToken, type RefreshTokenConfig } from '../index.ts'

const client = { clientId: 'app', clientSecret: 'app secret' }
const lifetime = 300_000

let clock: FakeClock
let server: AuthorizationServer
let store: Store

async function start(options: AuthorizationServerOptions = {}): Promise<void> {
  await server?.close()
  server = await startAuthorizationServer({ clock, clients: [client], accessTokenMs: lifetime, ...options })
}

beforeEach(async () => {
  clock = fakeClock()
  store = memoryStore({ clock })
  await start()
})
afterEach(() => server.close())

function config(refreshToken: string, more: Partial<RefreshTokenConfig> = {}): RefreshTokenConfig {
  return { tokenEndpoint: `${server.url}/token`, ...client, refreshToken, timeoutMs: 5_000, ...more }
}

interface Process {
  readonly env: TestEnv
  readonly credential: Credential
  /** Applies and gives the token. */
  token(): Promise<string>
}

/** One process that uses the store; `seed` keeps its randomness apart from others'. */
async function open(
  settings: RefreshTokenConfig,
  more: Partial<CredentialEnv> & { seed?: string } = {},
): Promise<Process> {
  const env = testEnv({ store, ...more, clock })
  const credential = await oauth2RefreshToken(settings).open(env)
  return {
    env,
    credential,
    async token() {
      const request = getRequest()
      await credential.apply(request)
      return String(request.headers.authorization).replace('Bearer ', '')
    },
  }
}

const faultOf = async (work: Promise<unknown>): Promise<Fault['facts']> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Fault) return error.facts
  throw error ?? new Error('nothing failed')
}

/** Runs work that waits on the fake clock and on real sockets. */
const run = <T>(work: Promise<T>): Promise<T> => clock.runUntil(work, { inputMs: 20 })

describe('one process', () => {
  test('100 concurrent callers make one renewal, and later ones wait for nothing', async () => {
    const process = await open(config(server.grant('app').refresh_token))
    const tokens = await Promise.all(Array.from({ length: 100 }, () => process.token()))
    expect(new Set(tokens).size).toBe(1)
    expect(server.isGood(tokens[0] as string)).toBe(true)
    expect(server.truth).toMatchObject({ tokenRequests: 1, refreshes: 1, reuses: 0 })
    expect(process.credential.apply(getRequest())).toBeUndefined()
    expect(process.env.refreshes).toEqual(['fresh expired'])
    expect(process.credential.expiresAt).toBe(clock.now() + lifetime)
  })

  test('renews ahead of the end without making anybody wait, through many rotations', async () => {
    const process = await open(config(server.grant('app').refresh_token))
    let last = await process.token()
    for (let round = 1; round <= 20; round++) {
      await clock.advance(lifetime * 0.9)
      expect(process.credential.apply(getRequest()), 'still good, so nobody waits').toBeUndefined()
      await process.credential.close?.()
      const next = await process.token()
      expect(next).not.toBe(last)
      expect(server.isGood(next)).toBe(true)
      last = next
    }
    expect(server.truth).toMatchObject({ refreshes: 21, reuses: 0 })
    expect(process.env.refreshes.slice(1)).toEqual(Array(20).fill('fresh ahead'))
  })

  test('spreads the renewals of many processes over time', async () => {
    const ends = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const process = await open(config(server.grant('app').refresh_token), {
          seed: `process ${index}`,
          store: undefined,
        })
        await process.token()
        return process
      }),
    )
    const renewing = async (): Promise<number> => {
      for (const { credential } of ends) credential.apply(getRequest())
      await Promise.all(ends.map(({ credential }) => credential.close?.()))
      return server.truth.refreshes - 20
    }
    await clock.advance(lifetime * 0.74)
    expect(await renewing()).toBe(0)
    await clock.advance(lifetime * 0.07)
    const early = await renewing()
    expect(early).toBeGreaterThan(2)
    expect(early).toBeLessThan(18)
    await clock.advance(lifetime * 0.07)
    expect(await renewing()).toBe(20)
  })

  test('goes on with a good token while the token endpoint is down, then waits, then recovers', async () => {
    const process = await open(config(server.grant('app').refresh_token))
    const first = await process.token()
    await clock.advance(lifetime * 0.9)
    server.fault({ kind: 'status-before', status: 503, headers: { 'retry-after': '20' } })
    expect(await process.token()).toBe(first)
    await process.credential.close?.()
    expect(process.env.refreshes.at(-1)).toBe('failed token-endpoint-503')
    // The vendor asked for 20 s: nothing is sent before.
    await clock.advance(10_000)
    expect(await process.token()).toBe(first)
    expect(server.truth.tokenRequests).toBe(2)
    await clock.advance(lifetime)
    server.fault({ kind: 'status-before', status: 503, headers: { 'retry-after': '20' } })
    expect(await faultOf(process.token())).toMatchObject({ kind: 'unavailable', status: 503, retryAfterMs: 20_000 })
    expect(await faultOf(process.token())).toMatchObject({ kind: 'unavailable', retryAfterMs: 20_000 })
    expect(server.truth.tokenRequests).toBe(3)
    await clock.advance(20_000)
    expect(server.isGood(await process.token())).toBe(true)
    expect(server.truth.reuses).toBe(0)
  })

  test('a refused token is renewed once for all callers; a vendor that refuses every token is not hammered', async () => {
    const process = await open(config(server.grant('app').refresh_token))
    const requests = Array.from({ length: 50 }, () => getRequest())
    for (const request of requests) await process.credential.apply(request)
    const refused = { status: 401, headers: {} }
    const again = await Promise.all(requests.map((request) => process.credential.refresh?.(request, refused)))
    expect(new Set(again)).toEqual(new Set(['credential-refreshed']))
    expect(server.truth.refreshes).toBe(2)
    const answers = []
    for (let round = 0; round < 10; round++) {
      const request = getRequest()
      await process.credential.apply(request)
      answers.push(await process.credential.refresh?.(request, refused))
    }
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(2)
    expect(server.truth.refreshes).toBe(4)
    const scoped = { status: 401, headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' } }
    await clock.advance(60_000)
    expect(await process.credential.refresh?.(getRequest(), scoped)).toBeUndefined()
  })

  test('a caller who gives up leaves the renewal to the others', async () => {
    const process = await open(config(server.grant('app').refresh_token))
    const reason = new Error('gave up')
    let cancel: (reason: unknown) => void = () => undefined
    const call = {
      cancelReason: undefined,
      onCancel(listener: (reason: unknown) => void) {
        cancel = listener
        return () => undefined
      },
    }
    const mine = Promise.resolve(process.credential.apply(getRequest(), call))
    const other = process.token()
    cancel(reason)
    await expect(mine).rejects.toBe(reason)
    expect(server.isGood(await other)).toBe(true)
    expect(server.truth.tokenRequests).toBe(1)
  })

  test('a jump of the wall clock neither ends nor prolongs a token', async () => {
    const process = await open(config(server.grant('app').refresh_token))
    const first = await process.token()
    clock.jump(3_600_000)
    expect(await process.token()).toBe(first)
    clock.jump(-7_200_000)
    expect(await process.token()).toBe(first)
    await clock.advance(lifetime)
    expect(await process.token()).not.toBe(first)
  })

  test('two connections of one source without a store share the refresh token', async () => {
    const source = oauth2RefreshToken(config(server.grant('app').refresh_token))
    const env = testEnv({ clock })
    const [one, two] = [await source.open(env), await source.open(env)]
    await run(Promise.all([one.apply(getRequest()), two.apply(getRequest())]))
    await clock.advance(lifetime)
    await run(Promise.all([one.apply(getRequest()), two.apply(getRequest())]))
    expect(server.truth).toMatchObject({ refreshes: 2, reuses: 0 })
  })

  test('uses the access token that came with the grant', async () => {
    const { access_token: accessToken, refresh_token: refresh } = server.grant('app')
    const process = await open(config(refresh, { accessToken, expiresAt: clock.now() + lifetime }))
    expect(await process.token()).toBe(accessToken)
    expect(server.truth.tokenRequests).toBe(0)
    await clock.advance(lifetime)
    expect(server.isGood(await process.token())).toBe(true)
    expect(server.truth.reuses).toBe(0)
  })

  test('keeps a refresh token that does not rotate', async () => {
    await start({ rotate: false })
    const process = await open(config(server.grant('app').refresh_token))
    await process.token()
    await clock.advance(lifetime)
    server.fault({ kind: 'drop-after' })
    expect(await faultOf(process.token())).toMatchObject({ kind: 'network' })
    // Nothing rotated so far, so the answer that was lost is simply asked for again.
    expect(server.isGood(await process.token())).toBe(true)
  })
})

describe('several processes on one store', () => {
  test('one renews, the others adopt its token', async () => {
    const settings = config(server.grant('app').refresh_token)
    const processes = await Promise.all(Array.from({ length: 8 }, (_, index) => open(settings, { seed: `p${index}` })))
    const tokens = await run(Promise.all(processes.map((process) => process.token())))
    expect(new Set(tokens).size).toBe(1)
    expect(server.truth).toMatchObject({ tokenRequests: 1, reuses: 0 })
    const outcomes = processes.map(({ env }) => env.refreshes.join())
    expect(outcomes.filter((outcome) => outcome.startsWith('fresh'))).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome.startsWith('adopted'))).toHaveLength(7)
    for (let round = 0; round < 5; round++) {
      await clock.advance(lifetime)
      const next = await run(Promise.all(processes.map((process) => process.token())))
      expect(new Set(next).size).toBe(1)
    }
    expect(server.truth).toMatchObject({ refreshes: 6, reuses: 0 })
  })

  test('a process that starts later finds the token, whatever its connection is called', async () => {
    const settings = config(server.grant('app').refresh_token)
    const token = await (await open(settings)).token()
    const later = await open(settings, { connection: 'other', seed: 'later' })
    expect(await later.token()).toBe(token)
    expect(later.env.refreshes).toEqual(['adopted stored'])
    await clock.advance(lifetime)
    await run(later.token())
    expect(server.truth).toMatchObject({ refreshes: 2, reuses: 0 })
  })

  test('a refused token is not renewed when another process has a newer one', async () => {
    const settings = config(server.grant('app').refresh_token)
    const one = await open(settings)
    const two = await open(settings, { seed: 'two' })
    const request = getRequest()
    await one.credential.apply(request)
    await two.token()
    const other = getRequest()
    await two.credential.apply(other)
    await run(one.credential.refresh?.(request, { status: 401, headers: {} }) as Promise<unknown>)
    await run(two.credential.refresh?.(other, { status: 401, headers: {} }) as Promise<unknown>)
    expect(server.truth.refreshes).toBe(2)
    expect(two.env.refreshes.at(-1)).toBe('adopted newer')
  })

  test('a new grant does not disturb processes that still use the old one', async () => {
    const old = await open(config(server.grant('app').refresh_token))
    await old.token()
    const fresh = await open(config(server.grant('app').refresh_token), { seed: 'new' })
    for (let round = 0; round < 3; round++) {
      expect(server.isGood(await old.token())).toBe(true)
      expect(server.isGood(await fresh.token())).toBe(true)
      await clock.advance(lifetime)
    }
    expect(server.truth.reuses).toBe(0)
  })

  test('a process that was stalled past its lease does not send the token', async () => {
    const settings = config(server.grant('app').refresh_token)
    let stall: (() => Promise<void>) | undefined = async () => {
      // The intent is stored; then this process sleeps for a minute.
      await clock.advance(60_000)
    }
    const sleepy: Store = {
      ...bound(store),
      async write(groups) {
        const results = await store.write(groups)
        if (puts(groups, '"pending":{') && stall !== undefined) {
          const now = stall
          stall = undefined
          await now()
        }
        return results
      },
    }
    const process = await open(settings, { store: sleepy })
    expect(await faultOf(process.token())).toMatchObject({ kind: 'unavailable', code: 'renewal-taken' })
    expect(server.truth.tokenRequests).toBe(0)
  })
})

/** Whether any change puts a value that holds `text`. */
const puts = (groups: Parameters<Store['write']>[0], text: string): boolean =>
  groups.flat().some((change) => change.kind === 'put' && change.value.includes(text))

/** A store's methods, callable apart from it. */
function bound(inner: Store): Store {
  const { get, write, list, read, trim, close } = inner
  const methods = { get, write, list, read, trim, close }
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, method.bind(inner)])) as never
}

describe('lost answers', () => {
  const lose = async (
    more: Partial<RefreshTokenConfig> = {},
    fault: 'drop-after' | 'drop-before' | 'cut-answer' = 'drop-after',
  ) => {
    const { refresh_token: refresh } = server.grant('app')
    const settings = config(refresh, more)
    server.fault({ kind: fault })
    expect(await faultOf((await open(settings)).token())).toMatchObject({ kind: 'network' })
    return { refresh, settings }
  }

  test('within the grace the same token is sent again', async () => {
    await start({ graceMs: 30_000 })
    for (const fault of ['drop-after', 'drop-before', 'cut-answer'] as const) {
      const { settings } = await lose({ refreshTokens: { use: 'single', graceMs: 30_000 } }, fault)
      await clock.advance(20_000)
      const next = await open(settings, { seed: 'restarted' })
      expect(server.isGood(await run(next.token()))).toBe(true)
      expect(next.env.refreshes).toEqual(['fresh recovered'])
    }
    expect(server.truth).toMatchObject({ reuses: 0, graceUses: 2 })
  })

  test('after the grace a person is needed, and nothing is sent', async () => {
    await start({ graceMs: 30_000 })
    const { settings, refresh } = await lose({ refreshTokens: { use: 'single', graceMs: 30_000 } })
    await clock.advance(30_000)
    const before = server.truth.tokenRequests
    for (const seed of ['one', 'two']) {
      const process = await open(settings, { seed })
      const facts = await faultOf(run(process.token()))
      expect(facts).toMatchObject({ kind: 'credential', retry: 'never', code: 'reauthorize' })
      expect(facts.message).toMatch(/authorize the connection again/)
      expect(JSON.stringify(facts)).not.toContain(refresh)
    }
    expect(server.truth).toMatchObject({ tokenRequests: before, reuses: 0 })
  })

  test('introspection tells whether the token was consumed', async () => {
    const introspectionEndpoint = `${server.url}/introspect`
    const unused = await lose({ introspectionEndpoint }, 'drop-before')
    expect(server.isGood(await run((await open(unused.settings)).token()))).toBe(true)
    const used = await lose({ introspectionEndpoint }, 'drop-after')
    expect(await faultOf(run((await open(used.settings)).token()))).toMatchObject({ code: 'reauthorize' })
    expect(server.truth.reuses).toBe(0)
  })

  test('a second use happens only where it was asked for', async () => {
    const more = { refreshTokens: { afterLostAnswer: 'retry' } } as const
    const lucky = await lose(more, 'drop-before')
    expect(server.isGood(await run((await open(lucky.settings)).token()))).toBe(true)
    const unlucky = await lose(more, 'drop-after')
    expect(await faultOf(run((await open(unlucky.settings)).token()))).toMatchObject({ code: 'reauthorize' })
    expect(server.truth.reuses).toBe(1)
  })

  test.each([
    [{ kind: 'status-before', status: 503 }, true],
    [{ kind: 'status-before', status: 429 }, true],
    [{ kind: 'status-after', status: 502 }, false],
  ] as const)('%o: the token counts as unspent: %s', async (fault, unspent) => {
    const process = await open(config(server.grant('app').refresh_token))
    server.fault(fault)
    expect(await faultOf(process.token())).toMatchObject({ status: fault.status })
    await clock.advance(60_000)
    if (unspent) expect(server.isGood(await process.token())).toBe(true)
    else expect(await faultOf(process.token())).toMatchObject({ code: 'reauthorize' })
    expect(server.truth.reuses).toBe(0)
  })

  test('a token endpoint that never answers ends in a timeout of its own', async () => {
    server.fault({ kind: 'delay-after', ms: 3_600_000 })
    const process = await open(config(server.grant('app').refresh_token))
    const facts = await faultOf(run(process.token()))
    expect(facts).toMatchObject({ kind: 'timeout', code: 'token-timeout' })
  })

  test('a connection that was never made spends nothing', async () => {
    const { refresh_token: refresh } = server.grant('app')
    const { url } = server
    await server.close()
    const process = await open(config(refresh, { tokenEndpoint: `${url}/token` }))
    expect(await faultOf(process.token())).toMatchObject({ kind: 'network', code: 'ECONNREFUSED', sent: 'none' })
    server = await startAuthorizationServer({ clock, clients: [client], port: Number(new URL(url).port) })
    expect(await faultOf(process.token())).toMatchObject({ code: 'reauthorize' })
    expect(server.truth.tokenRequests, 'the token was sent: this server just does not know it').toBe(1)
  })
})

describe('the end of a grant', () => {
  test('invalid_grant needs a person, in every process, and is asked for once', async () => {
    const { refresh_token: refresh } = server.grant('app')
    const settings = config(refresh)
    const process = await open(settings)
    const token = await process.token()
    server.revokeGrant(token)
    await clock.advance(lifetime)
    expect(await faultOf(process.token())).toMatchObject({ kind: 'credential', retry: 'never', code: 'reauthorize' })
    const { tokenRequests } = server.truth
    expect(await faultOf((await open(settings, { seed: 'two' })).token())).toMatchObject({ code: 'reauthorize' })
    expect(server.truth.tokenRequests).toBe(tokenRequests)
    expect(process.env.refreshes.at(-1)).toBe('failed reauthorize')
  })

  test('a wrong client secret is no verdict on the grant', async () => {
    const { refresh_token: refreshToken } = server.grant('app')
    const wrong = await open(config(refreshToken, { clientSecret: 'wrong' }))
    expect(await faultOf(wrong.token())).toMatchObject({ kind: 'credential', code: 'invalid_client' })
    const right = await open(config(refreshToken), { seed: 'right' })
    expect(server.isGood(await right.token())).toBe(true)
  })

  test('a damaged record stops instead of sending an old token', async () => {
    const settings = config(server.grant('app').refresh_token)
    await (await open(settings)).token()
    const [entry] = await store.list('credential/')
    await store.write([[{ kind: 'put', key: entry?.key as string, value: '{"version":1' }]])
    expect(await faultOf((await open(settings)).token())).toMatchObject({ code: 'token-record-damaged' })
    expect(server.truth.reuses).toBe(0)
  })
})

describe('a failing store', () => {
  test('a token that could not be stored is not handed out, and not lost', async () => {
    let broken = false
    const full = new Fault({ kind: 'unavailable', code: 'disk-full', message: 'disk full' })
    const flaky: Store = {
      ...bound(store),
      async write(groups) {
        if (broken && puts(groups, '"access"')) throw full
        return store.write(groups)
      },
    }
    const settings = config(server.grant('app').refresh_token)
    const process = await open(settings, { store: flaky })
    broken = true
    expect(await faultOf(process.token())).toMatchObject({ code: 'disk-full' })
    broken = false
    const token = await process.token()
    expect(server.isGood(token)).toBe(true)
    expect(server.truth).toMatchObject({ refreshes: 1, reuses: 0 })
    expect(await (await open(settings, { seed: 'next' })).token()).toBe(token)
  })
})
