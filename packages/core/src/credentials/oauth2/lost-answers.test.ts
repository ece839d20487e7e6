import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Fault } from '../../errors.ts'
import type { Store } from '../../store.ts'
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
import type { RefreshTokenConfig } from './refresh-token.ts'

beforeEach(setUp)
afterEach(tearDown)

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
      expect(server.isGood(await next.token())).toBe(true)
      expect(next.env.refreshes).toEqual(['fresh recovered'])
    }
    expect(server.truth).toMatchObject({ reuses: 0, graceUses: 2 })
  })

  test('within the grace a clock that runs behind that of the dead process costs no token', async () => {
    await start({ graceMs: 30_000 })
    const { settings } = await lose({ refreshTokens: { use: 'single', graceMs: 30_000 } })
    clock.jump(-2_000)
    expect(server.isGood(await (await open(settings, { seed: 'on another machine' })).token())).toBe(true)
    const far = await lose({ refreshTokens: { use: 'single', graceMs: 30_000 } })
    clock.jump(-30_000)
    expect(await faultOf((await open(far.settings)).token())).toMatchObject({ code: 'reauthorize' })
    expect(server.truth).toMatchObject({ reuses: 0 })
  })

  test('after the grace a person is needed, and nothing is sent', async () => {
    await start({ graceMs: 30_000 })
    const { settings, refresh } = await lose({ refreshTokens: { use: 'single', graceMs: 30_000 } })
    await clock.advance(30_000)
    const before = server.truth.tokenRequests
    for (const seed of ['one', 'two']) {
      const process = await open(settings, { seed })
      const facts = await faultOf(process.token())
      expect(facts).toMatchObject({ kind: 'credential', retry: 'never', code: 'reauthorize' })
      expect(facts.message).toMatch(/authorize the connection again/)
      expect(JSON.stringify(facts)).not.toContain(refresh)
    }
    expect(server.truth).toMatchObject({ tokenRequests: before, reuses: 0 })
  })

  test('introspection tells whether the token was consumed', async () => {
    const introspectionEndpoint = `${server.url}/introspect`
    const unused = await lose({ introspectionEndpoint }, 'drop-before')
    expect(server.isGood(await (await open(unused.settings)).token())).toBe(true)
    const used = await lose({ introspectionEndpoint }, 'drop-after')
    expect(await faultOf((await open(used.settings)).token())).toMatchObject({ code: 'reauthorize' })
    expect(server.truth.reuses).toBe(0)
  })

  test('an introspection endpoint that is out of order for a while gives no token up', async () => {
    let status = 503
    const endpoint = createServer((request, response) => {
      request.resume()
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"active":true}')
    })
    endpoint.listen(0, '127.0.0.1')
    await once(endpoint, 'listening')
    try {
      const introspectionEndpoint = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/introspect`
      const { settings } = await lose({ introspectionEndpoint }, 'drop-before')
      for (const seed of ['one', 'two'])
        expect(await faultOf((await open(settings, { seed })).token())).toMatchObject({ kind: 'unavailable', status })
      status = 200
      expect(server.isGood(await (await open(settings, { seed: 'three' })).token())).toBe(true)
      expect(server.truth.reuses).toBe(0)
    } finally {
      endpoint.closeAllConnections()
      endpoint.close()
    }
  })

  test('a second use happens only where it was asked for', async () => {
    const more = { refreshTokens: { afterLostAnswer: 'retry' } } as const
    const lucky = await lose(more, 'drop-before')
    expect(server.isGood(await (await open(lucky.settings)).token())).toBe(true)
    const unlucky = await lose(more, 'drop-after')
    expect(await faultOf((await open(unlucky.settings)).token())).toMatchObject({ code: 'reauthorize' })
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
    // What is left is the server's own delay.
    expect(clock.pending.timers).toBe(1)
    await clock.advance(3_600_000)
  })

  test('a connection that was never made spends nothing', async () => {
    const { refresh_token: refresh } = server.grant('app')
    const { url } = server
    await server.close()
    const process = await open(config(refresh, { tokenEndpoint: `${url}/token` }))
    expect(await faultOf(process.token())).toMatchObject({ kind: 'network', code: 'ECONNREFUSED', sent: 'none' })
    await start({ port: Number(new URL(url).port) })
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

  test('another scope or client secret keeps the line of tokens', async () => {
    const { refresh_token: refreshToken } = server.grant('app')
    await (await open(config(refreshToken))).token()
    await clock.advance(lifetime)
    const edited = await open(config(refreshToken, { scope: 'other', authentication: 'client_secret_post' }), {
      seed: 'edited',
    })
    expect(server.isGood(await edited.token())).toBe(true)
    expect(server.truth).toMatchObject({ refreshes: 2, reuses: 0 })
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
