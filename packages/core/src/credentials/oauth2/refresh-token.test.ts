import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../store.ts'
import { getRequest, testEnv } from '../fixtures/credential-env.ts'
import {
  bound,
  clock,
  config,
  faultOf,
  lifetime,
  open,
  puts,
  run,
  server,
  setUp,
  start,
  store,
  tearDown,
} from '../fixtures/refresh-harness.ts'
import { oauth2RefreshToken } from './refresh-token.ts'

beforeEach(setUp)
afterEach(tearDown)

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
      // The intent is stored; then this process sleeps.
      await clock.advance(120_000)
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
