import { type ConnectOptions, connect, isPatchbayError, type PatchbayError } from '@patchbay/core'
import { bearer, none } from '@patchbay/core/credentials'
import { leakCheck, tcpProxy } from '@patchbay/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { MessageLog } from '../fixtures/message-log.ts'
import { type YogaServer, type YogaServerOptions, yogaServer } from '../fixtures/yoga-server.ts'
import { type GraphqlConfigInput, graphql } from '../index.ts'
import { type SubscribeOptions, subscribe } from './subscribe.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function serve(options: YogaServerOptions = {}): Promise<YogaServer> {
  const server = await yogaServer(options)
  cleanups.push(() => server.close())
  return server
}

const token = 'S3CR3T-zk9-QWv'
type Protocol = 'sse' | 'websocket'
const protocols: readonly Protocol[] = ['sse', 'websocket']

function open(
  url: string,
  protocol: Protocol,
  settings: GraphqlConfigInput['subscriptions'] = {},
  options: Partial<ConnectOptions<unknown>> = {},
) {
  const connection = connect(graphql, {
    config: { url, subscriptions: { protocol, ...settings } },
    credential: bearer({ token }),
    network: { allow: [{ host: '127.0.0.1' }] },
    ...(options as object),
  })
  cleanups.push(() => connection.$close())
  return connection
}

interface MessageData {
  readonly messages: { readonly id: number; readonly text: string }
}
interface Since {
  readonly since?: number | undefined
}
const document = 'subscription Messages($since: Int) { messages(since: $since) { id text } }'
const fast = { firstDelayMs: 5, longestDelayMs: 50, attempts: 200 }

const messages = (
  connection: ReturnType<typeof open>,
  options: SubscribeOptions<MessageData, Since> = {},
  variables: Since = {},
) => subscribe<MessageData, Since>(connection, document, variables, { reconnect: fast, ...options })

/** Goes on after the last message that arrived. */
const resuming: SubscribeOptions<MessageData, Since> = {
  resume: ({ last, variables }) => ({ ...variables, since: last?.data.messages.id ?? 0 }),
}

async function failure(loop: AsyncIterable<unknown>): Promise<PatchbayError> {
  try {
    for await (const _ of loop);
  } catch (error) {
    if (isPatchbayError(error)) return error
    throw error
  }
  throw new Error('the loop ended without an error')
}

async function until(ready: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !ready(); turn++) await new Promise((resolve) => setTimeout(resolve, 5))
  if (!ready()) throw new Error('it did not happen within 2 s')
}

describe.each(protocols)('a subscription over %s', (protocol) => {
  it('gives events as they come, and ends with the loop', async () => {
    const leaks = leakCheck({ withinMs: 2000 })
    const server = await serve()
    const connection = open(server.url, protocol)
    server.log.add(2)
    const ids: number[] = []
    for await (const { data, errors } of messages(connection)) {
      ids.push(data.messages.id)
      expect(errors).toEqual([])
      if (ids.length === 2) server.log.add()
      if (ids.length === 3) break
    }
    expect(ids).toEqual([1, 2, 3])
    await until(() => server.open.sockets === 0)
    await connection.$close()
    await server.close()
    cleanups.length = 0
    await leaks.verify()
  })

  it('loses and doubles nothing while the server is killed and comes back', async () => {
    const leaks = leakCheck({ withinMs: 2000 })
    const log = new MessageLog()
    let server = await yogaServer({ log })
    const { port, url } = server
    const connection = open(url, protocol)
    let restarts = 0
    const reconnects: number[] = []
    const ids: number[] = []
    let chaos = Promise.resolve()
    log.add(80)
    for await (const { data } of messages(connection, {
      ...resuming,
      onReconnect: ({ attempt }) => reconnects.push(attempt),
    })) {
      ids.push(data.messages.id)
      // In the middle of what it has; what comes then, only its successor can tell.
      if (ids.length % 80 === 40 && restarts < 4) {
        restarts++
        chaos = chaos.then(async () => {
          await server.close()
          log.add(80)
          server = await yogaServer({ log, port })
        })
      }
      if (ids.length >= 400) break
    }
    await chaos
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => index + 1))
    expect(ids.length).toBe(400)
    expect(restarts).toBe(4)
    expect(reconnects.length).toBeGreaterThanOrEqual(4)
    await connection.$close()
    await server.close()
    cleanups.length = 0
    await leaks.verify()
  })

  it('goes on through connections that are cut at any byte', async () => {
    const server = await serve()
    const proxy = await tcpProxy({ target: { port: server.port } })
    cleanups.push(() => proxy.close())
    const connection = open(`http://127.0.0.1:${proxy.port}/graphql`, protocol)
    server.log.add(300)
    const ids: number[] = []
    for await (const { data } of messages(connection, resuming)) {
      ids.push(data.messages.id)
      if (ids.length % 60 === 7) proxy.resetAll()
      if (ids.length >= 300) break
    }
    expect(ids).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
  })

  it('drops what a server repeats', async () => {
    const server = await serve()
    const proxy = await tcpProxy({ target: { port: server.port } })
    cleanups.push(() => proxy.close())
    const connection = open(`http://127.0.0.1:${proxy.port}/graphql`, protocol)
    server.log.add(20)
    const ids: number[] = []
    // Without `resume` every connection begins anew.
    for await (const { data } of messages(connection, { key: (one) => String(one.messages.id) })) {
      ids.push(data.messages.id)
      if (ids.length === 5) proxy.resetAll()
      if (ids.length === 20) break
    }
    expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  it('ends with the error of a server that refuses it, and does not try again', async () => {
    const server = await serve()
    const connection = open(server.url, protocol)
    const error = await failure(subscribe(connection, 'subscription { broken { id } }'))
    expect(error).toMatchObject({
      kind: 'not-found',
      code: 'NOT_FOUND',
      connector: 'api/graphql',
      operation: 'subscription.open',
      issues: [{ message: expect.stringContaining('no such room') }],
    })
    const invalid = await failure(subscribe(connection, 'subscription { nothing }'))
    expect(['invalid-input', 'unexpected']).toContain(invalid.kind)
    expect(invalid.retry).toBe('never')
  })

  it('ends with the error of an event, unless partial data is wanted', async () => {
    const server = await serve()
    const connection = open(server.url, protocol)
    server.log.add(2)
    const late = 'subscription { late { id text } }'
    const seen: unknown[] = []
    const loop = subscribe(connection, late)
    const error = await failure(
      (async function* () {
        for await (const { data } of loop) {
          seen.push(data)
          yield data
        }
      })(),
    )
    expect(seen).toEqual([{ late: { id: 1, text: 'first' } }])
    expect(error).toMatchObject({ kind: 'invalid-input', code: 'BAD_USER_INPUT', issues: [{ path: 'late' }] })
  })

  it('rejects with the reason of who gives up, before and while it waits', async () => {
    const leaks = leakCheck({ withinMs: 2000 })
    const server = await serve()
    const connection = open(server.url, protocol)
    const reason = new Error('left')
    await expect(failure(messages(connection, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
    const controller = new AbortController()
    const running = failure(messages(connection, { signal: controller.signal }))
    const rejected = expect(running).rejects.toBe(reason)
    await until(() => server.seen.length > 0 || server.open.sockets > 0)
    controller.abort(reason)
    await rejected
    await until(() => server.open.sockets === 0)
    await connection.$close()
    await server.close()
    cleanups.length = 0
    await leaks.verify()
  })

  it('ends quietly when it is closed, with several loops', async () => {
    const server = await serve()
    const connection = open(server.url, protocol)
    server.log.add()
    const subscription = messages(connection)
    const counts = [0, 0]
    const loops = counts.map(async (_, index) => {
      for await (const _event of subscription) counts[index] = (counts[index] ?? 0) + 1
    })
    await until(() => counts.every((count) => count === 1))
    subscription.close()
    await Promise.all(loops)
    expect(counts).toEqual([1, 1])
  })

  it('ends with the connection', async () => {
    const leaks = leakCheck({ withinMs: 2000 })
    const server = await serve()
    const connection = open(server.url, protocol)
    server.log.add()
    const running = failure(
      (async function* () {
        for await (const event of messages(connection)) {
          yield event
          void connection.$close()
        }
      })(),
    )
    expect(await running).toMatchObject({ kind: 'unavailable', code: 'closed', retry: 'never' })
    await until(() => server.open.sockets === 0)
    await connection.$close()
    await server.close()
    cleanups.length = 0
    await leaks.verify()
  })

  it('gives up after the attempts that it was given', async () => {
    const server = await yogaServer()
    await server.close()
    const connection = open(server.url, protocol, {}, { policies: { retry: false } })
    const attempts: number[] = []
    const error = await failure(
      messages(connection, {
        reconnect: { attempts: 3, firstDelayMs: 1 },
        onReconnect: ({ attempt }) => attempts.push(attempt),
      }),
    )
    expect(error).toMatchObject({ kind: 'network', code: 'ECONNREFUSED' })
    expect(attempts).toEqual([1, 2, 3])
    expect(await failure(messages(connection, { reconnect: false }))).toMatchObject({ kind: 'network' })
  })

  it('holds the address guard', async () => {
    const server = await serve()
    const connection = open(server.url, protocol, {}, { network: {} })
    expect(await failure(messages(connection))).toMatchObject({ kind: 'config', code: 'address-refused' })
    expect(server.seen.length + server.open.sockets).toBe(0)
  })

  it('makes the server wait for a slow loop', async () => {
    const server = await serve()
    const connection = open(server.url, protocol)
    const count = 20_000
    server.log.add(count)
    let taken = 0
    const reads = { most: 0 }
    const original = server.log.messages
    const counting = new Proxy(original, {
      get(target, key, receiver) {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads.most = Math.max(reads.most, Number(key))
        return Reflect.get(target, key, receiver)
      },
    })
    Object.defineProperty(server.log, 'messages', { value: counting })
    for await (const _event of messages(connection, { bufferSize: 16 })) {
      taken++
      if (taken === 1) {
        await new Promise((resolve) => setTimeout(resolve, 500))
        // The server has read far less of its log than there is: the sockets between hold it.
        expect(reads.most).toBeLessThan(count)
      }
      if (taken === count) break
    }
    expect(taken).toBe(count)
  })
})

describe('graphql-transport-ws', () => {
  it('sends the credential in connection_init, where and how the server wants it', async () => {
    const server = await serve()
    const run = async (settings: GraphqlConfigInput['subscriptions']) => {
      for await (const _ of messages(open(server.url, 'websocket', settings))) break
      return server.inits.at(-1)
    }
    server.log.add()
    expect(await run({})).toEqual({ Authorization: `Bearer ${token}` })
    expect(await run({ tokenAt: 'auth.key', tokenAs: 'token', parameters: { auth: { kind: 'app' } } })).toEqual({
      auth: { kind: 'app', key: token },
    })
    expect(await run({ tokenAs: 'none' })).toBeUndefined()
  })

  it('renews a credential that is refused, once', async () => {
    const server = await serve({ admits: (payload) => JSON.stringify(payload).includes('fresh') })
    server.log.add()
    let value = 'old'
    let renewals = 0
    const credential = {
      scheme: 'bearer',
      open: () => ({
        scheme: 'bearer',
        marks: { headers: ['authorization'], query: [] },
        apply(request: { headers: Record<string, unknown> }) {
          request.headers.authorization = `Bearer ${value}`
        },
        async refresh() {
          renewals++
          value = renewals === 1 ? 'fresh' : 'newer'
          return 'credential-refreshed' as const
        },
      }),
    }
    const connection = open(server.url, 'websocket', {}, { credential: credential as never })
    for await (const { data } of messages(connection)) {
      expect(data.messages.id).toBe(1)
      break
    }
    expect(renewals).toBe(1)
    value = 'bad'
    expect(await failure(messages(connection))).toMatchObject({ code: 'websocket-4403', kind: 'permission' })
    expect(renewals).toBe(2)
  })

  it('says what is wrong with a server that is none', async () => {
    const server = await serve()
    const connection = open(server.url, 'websocket', { url: `ws://127.0.0.1:${server.port}/elsewhere` })
    expect(await failure(messages(connection))).toMatchObject({ retry: 'never' })
    const own = connect(graphql, {
      config: { url: server.url, subscriptions: { protocol: 'websocket' } },
      credential: none(),
      transport: { send: () => Promise.reject(new Error('none')), close: async () => undefined },
    })
    expect(await failure(subscribe(own, document))).toMatchObject({ kind: 'unsupported', code: 'no-sockets' })
  })
})

it('two equal subscriptions at the same time are two, also where reads are cached', async () => {
  const server = await serve()
  const connection = open(server.url, 'sse', {}, { policies: { cache: {} } })
  server.log.add(3)
  const counts = await Promise.all(
    [0, 1].map(async () => {
      let count = 0
      for await (const _ of messages(connection)) if (++count === 3) break
      return count
    }),
  )
  expect(counts).toEqual([3, 3])
})
