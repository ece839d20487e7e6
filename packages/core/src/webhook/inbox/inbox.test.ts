import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Events } from '../../events.ts'
import type { Store } from '../../store.ts'
import { memoryStore } from '../../stores/memory.ts'
import { type FakeClock, fakeClock, seededRandom } from '../../testing/index.ts'
import { namelessSource, signedSource, tokenSource } from '../fixtures/sources.ts'
import { type InboxOptions, webhookInbox } from './inbox.ts'
import type { InboxMessage } from './stored-message.ts'

const secret = 'a secret that must never show'
const sign = (body: string | Uint8Array) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
const headersFor = (body: string | Uint8Array, id: string, event = 'push') => ({
  'content-type': 'application/json',
  'x-signature': sign(body),
  'x-delivery': id,
  'x-event': event,
})

interface Setup {
  readonly clock: FakeClock
  readonly store: Store
  readonly seen: { type: string; data: object }[]
}

function setup(options: Partial<InboxOptions<'signed' | 'hooks'>> = {}) {
  const clock = fakeClock()
  const store = options.store ?? memoryStore({ clock })
  const events = new Events()
  const seen: Setup['seen'] = []
  events.on('*', (data, type) => seen.push({ type, data }))
  const inbox = webhookInbox({
    store,
    clock,
    random: seededRandom(1),
    events,
    sources: {
      signed: { ...signedSource, secrets: [secret], maxBodyBytes: 100_000 },
      hooks: { ...tokenSource, secrets: [secret] },
    },
    ...options,
  })
  const send = (body: string, id: string, change: Record<string, string> = {}) =>
    inbox.handler('signed')(
      new Request('https://h.example/in', { method: 'POST', body, headers: { ...headersFor(body, id), ...change } }),
    )
  return { clock, store, inbox, seen, send }
}

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(handler: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('taking in, Request to Response', () => {
  it('stores and says yes; a repetition is said yes to and not stored', async () => {
    const { inbox, send, seen } = setup()
    expect((await send('{"n":1}', 'd1')).status).toBe(200)
    expect((await send('{"n":1}', 'd1')).status).toBe(200)
    expect((await send('{"n":2}', 'd2')).status).toBe(200)
    const got: InboxMessage[] = []
    const processor = inbox.process('signed', (message) => void got.push(message))
    await processor.idle()
    await processor.stop()
    expect(got.map(({ id, headers, source }) => [id, headers['x-event'], source])).toEqual([
      ['d1', 'push', 'signed'],
      ['d2', 'push', 'signed'],
    ])
    expect(got[1]?.json()).toEqual({ n: 2 })
    expect(Buffer.from(got[1]?.body ?? []).toString()).toBe('{"n":2}')
    // Only what the preset names is kept; a signature is of no further use.
    expect(Object.keys(got[0]?.headers ?? {})).toEqual(['content-type', 'x-event', 'x-delivery'])
    expect(seen.map(({ type, data }) => [type, data])).toEqual([
      ['webhook-accept', { source: 'signed', messageId: 'd1', duplicate: false }],
      ['webhook-accept', { source: 'signed', messageId: 'd1', duplicate: true }],
      ['webhook-accept', { source: 'signed', messageId: 'd2', duplicate: false }],
      ['message-end', { source: 'signed', messageId: 'd1', outcome: 'done', attempts: 1 }],
      ['message-end', { source: 'signed', messageId: 'd2', outcome: 'done', attempts: 1 }],
    ])
  })

  it.each<[string, number, RequestInit, string?]>([
    ['missing-signature', 401, { headers: { 'x-signature': '' } }],
    ['bad-signature', 401, { headers: { 'x-signature': sign('other') } }],
    ['malformed-signature', 401, { headers: { 'x-signature': 'sha1=00' } }],
    ['duplicate-field', 400, { headers: { 'x-signature': `${sign('{}')}, ${sign('{}')}` } }],
    ['malformed-message-id', 400, { headers: { 'x-delivery': 'x'.repeat(300) } }],
    ['method-not-allowed', 405, { method: 'PUT' }],
    ['encoded-body', 415, { headers: { 'content-encoding': 'gzip' } }],
    ['body-too-large', 413, {}, 'x'.repeat(100_001)],
  ])('%s: status %i', async (reason, status, change, body = '{}') => {
    const { inbox, seen, store } = setup()
    const headers = { ...headersFor(body, 'd1'), ...(change.headers as object) }
    const response = await inbox.handler('signed')(
      new Request('https://h.example/in', { method: 'POST', body, ...change, headers }),
    )
    expect(response.status).toBe(status)
    expect(await response.text()).toBe('')
    expect(seen).toEqual([{ type: 'webhook-refuse', data: { source: 'signed', reason } }])
    expect(await store.list('webhook/')).toEqual([])
  })

  it('answers those who only look whether the address is there, where a source says so', async () => {
    const look = { method: 'HEAD', verified: false, when: [], answer: { kind: 'empty' } } as const
    const hooks = { ...tokenSource, secrets: [secret], handshakes: [look] }
    const { inbox, store } = setup({ sources: { signed: { ...signedSource, secrets: [secret] }, hooks } })
    const head = () => new Request('https://h.example/in', { method: 'HEAD' })
    expect((await inbox.handler('hooks')(head())).status).toBe(200)
    expect((await inbox.handler('signed')(head())).status).toBe(405)
    expect(await store.list('webhook/')).toEqual([])
  })

  it('answers handshakes and stores nothing for them', async () => {
    const { inbox, store, send } = setup()
    expect((await send('{}', 'd1', { 'x-event': 'ping' })).status).toBe(200)
    const challenge = { authorization: secret, 'x-challenge': 'abc' }
    const response = await inbox.handler('hooks')(new Request('https://h.example/in', { headers: challenge }))
    expect([response.status, await response.text(), response.headers.get('x-content-type-options')]).toEqual([
      200,
      '{"verification":"abc"}',
      'nosniff',
    ])
    const denied = await inbox.handler('hooks')(
      new Request('https://h.example/in', { headers: { ...challenge, authorization: 'x' } }),
    )
    expect(denied.status).toBe(401)
    expect(await store.list('webhook/')).toEqual([])
  })

  it('says 503 to every waiter when the commit fails, and takes the message when it is sent again', async () => {
    const clock = fakeClock()
    const inner = memoryStore({ clock })
    let broken = true
    const store = {
      ...wrap(inner),
      write: (groups) => (broken ? Promise.reject(new Error('disk full')) : inner.write(groups)),
    } as Store
    const { send, seen } = setup({ store })
    const responses = await Promise.all(['a', 'b', 'c'].map((id) => send('{}', id)))
    expect(responses.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(
      Array(3).fill([503, '1']),
    )
    expect(seen.every(({ data }) => 'reason' in data && data.reason === 'not-durable')).toBe(true)
    broken = false
    expect((await send('{}', 'a')).status).toBe(200)
  })

  it('caps those who wait for a commit', async () => {
    const inner = memoryStore()
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const store = { ...wrap(inner), write: async (groups) => gate.then(() => inner.write(groups)) } as Store
    const { send } = setup({ store, maxWaiting: 2 })
    const sent = ['a', 'b', 'c'].map((id) => send('{}', id))
    expect((await (sent[2] as Promise<Response>)).status).toBe(503)
    release()
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([200, 200, 503])
    expect((await send('{}', 'c')).status).toBe(200)
  })

  it('gives up on a body that never ends', async () => {
    const { inbox, clock } = setup()
    const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) })
    const init = { method: 'POST', body, duplex: 'half', headers: headersFor('{}', 'd1') } as RequestInit
    const pending = inbox.handler('signed')(new Request('https://h.example/in', init))
    await clock.advance(10_000)
    expect((await pending).status).toBe(408)
    expect(clock.pending.timers).toBe(0)
  })

  it('makes an id of the content when the sender gives none', async () => {
    const { inbox } = setup()
    const post = (body: string) =>
      inbox.handler('hooks')(
        new Request('https://h.example/in', { method: 'POST', body, headers: { authorization: secret } }),
      )
    await post('{"a":1}')
    await post('{"a":1}')
    await post('{"a":2}')
    const got: string[] = []
    const processor = inbox.process('hooks', ({ id }) => void got.push(id))
    await processor.idle()
    await processor.stop()
    expect(got).toHaveLength(2)
    expect(got[0]).toMatch(/^sha256-[\w-]{43}$/)
  })

  it('takes equal messages for different ones where the source says so', async () => {
    const hooks = { ...namelessSource, unnamed: 'arrival', secrets: [secret] } as const
    const { inbox } = setup({ sources: { signed: { ...signedSource, secrets: [secret] }, hooks } })
    const body = '{"changed":["7"]}'
    const headers = { 'x-signature': sign(body).slice('sha256='.length) }
    const post = () => inbox.handler('hooks')(new Request('https://h.example/in', { method: 'POST', body, headers }))
    expect([(await post()).status, (await post()).status]).toEqual([200, 200])
    const got: string[] = []
    const processor = inbox.process('hooks', ({ id }) => void got.push(id))
    await processor.idle()
    await processor.stop()
    expect(new Set(got).size).toBe(2)
    for (const id of got) expect(id).toMatch(/^arrival-[0-9a-f-]{36}$/)
  })

  it('takes an id of the source own making', async () => {
    const { inbox } = setup({
      sources: {
        signed: { ...signedSource, secrets: [secret] },
        hooks: {
          scheme: { kind: 'shared-token', token: { from: 'header', name: 'authorization' } },
          secrets: [secret],
          messageId: (headers, body) => `${headers['content-type']} ${(body as { n: number }).n}`,
        },
      },
    })
    const post = async (body: string, type: string) => {
      const headers = { authorization: secret, 'content-type': type }
      return (await inbox.handler('hooks')(new Request('https://h.example/', { method: 'POST', body, headers }))).status
    }
    expect([await post('{"n":1}', 'a/b'), await post('{"n":1,"x":2}', 'a/b'), await post('{"n":2}', 'a/b')]).toEqual([
      200, 200, 200,
    ])
    expect(await post('no JSON', 'a/b')).toBe(400)
    const got: string[] = []
    const processor = inbox.process('hooks', ({ id }) => void got.push(id))
    await processor.idle()
    await processor.stop()
    expect(got).toEqual(['a/b 1', 'a/b 2'])
  })

  it('keeps bytes that are no text', async () => {
    const { inbox } = setup()
    const body = Uint8Array.of(0xff, 0x00, 0xfe)
    const request = new Request('https://h.example/in', { method: 'POST', body, headers: headersFor(body, 'd1') })
    expect((await inbox.handler('signed')(request)).status).toBe(200)
    let got: Uint8Array | undefined
    const processor = inbox.process('signed', (message) => {
      got = message.body
    })
    await processor.idle()
    await processor.stop()
    expect([...(got ?? [])]).toEqual([...body])
  })

  it('does not start without a secret', () => {
    expect(() => setup({ sources: { signed: signedSource, hooks: tokenSource } })).toThrow('secrets is empty')
  })

  it('shows its secret nowhere', async () => {
    const { inbox, send, seen, store } = setup()
    await send('{}', 'd1')
    await send('{}', 'd2', { 'x-signature': 'sha256=00' })
    const stored = [...(await store.list('webhook/')), ...(await store.read('webhook/inbox/signed/log', 0))]
    expect(JSON.stringify([inbox, seen, stored])).not.toContain(secret)
  })
})

function wrap(store: Store): Store {
  return {
    get: (key) => store.get(key),
    write: (groups) => store.write(groups),
    list: (...input) => store.list(...input),
    read: (...input) => store.read(...input),
    trim: (...input) => store.trim(...input),
    close: () => store.close(),
  }
}

describe('taking in, over node:http', () => {
  const post = (port: number, body: string, headers: Record<string, string | string[]>): Promise<number> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        { port, host: '127.0.0.1', method: 'POST', path: '/in?a=1', headers, agent: false },
        (response) => {
          response.resume()
          response.on('end', () => resolve(response.statusCode ?? 0))
        },
      )
      request.on('error', reject)
      request.end(body)
    })

  it('accepts, dedupes, refuses', async () => {
    const { inbox, seen } = setup()
    const port = await listen(inbox.nodeHandler('signed'))
    expect(await post(port, '{}', headersFor('{}', 'd1'))).toBe(200)
    expect(await post(port, '{}', headersFor('{}', 'd1'))).toBe(200)
    expect(await post(port, '{} ', headersFor('{}', 'd2'))).toBe(401)
    const twice = { ...headersFor('{}', 'd3'), 'x-signature': [sign('{}'), sign('{}')] }
    expect(await post(port, '{}', twice)).toBe(400)
    expect(
      seen.map(({ data }) => ('duplicate' in data ? data.duplicate : (data as { reason: string }).reason)),
    ).toEqual([false, true, 'bad-signature', 'duplicate-field'])
  })

  it('notices a second Authorization header, of which node:http keeps the first only', async () => {
    const { inbox } = setup()
    const port = await listen(inbox.nodeHandler('hooks'))
    expect(await raw(port, `authorization: ${secret}\r\ncontent-length: 2\r\n`, '{}')).toContain(' 200 ')
    expect(await raw(port, `authorization: ${secret}\r\nauthorization: x\r\ncontent-length: 2\r\n`, '{}')).toContain(
      ' 400 ',
    )
    expect(await raw(port, `authorization: x\r\nauthorization: ${secret}\r\ncontent-length: 2\r\n`, '{}')).toContain(
      ' 400 ',
    )
  })

  it('stops reading above the limit, declared or not', async () => {
    const { inbox } = setup()
    const port = await listen(inbox.nodeHandler('signed'))
    expect(await raw(port, 'content-length: 100001\r\n', '')).toContain(' 413 ')
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    expect(await raw(port, 'transfer-encoding: chunked\r\n', chunk + chunk)).toContain(' 413 ')
  })

  it('cuts off a body that drips, by one timer for all', async () => {
    const { inbox, clock, seen } = setup()
    const port = await listen(inbox.nodeHandler('signed'))
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('POST /in HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\n{')
    await waitFor(() => clock.pending.intervals === 1)
    const answer = once(socket, 'data')
    await clock.advance(10_100)
    expect(String((await answer)[0])).toContain('408')
    await once(socket, 'close')
    await clock.advance(20)
    expect(clock.pending).toMatchObject({ timers: 0, intervals: 0 })
    expect(seen).toMatchObject([{ data: { reason: 'slow-body' } }])
  })

  it('forgets a sender that went away in the middle', async () => {
    const { inbox, clock, seen } = setup()
    const port = await listen(inbox.nodeHandler('signed'))
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('POST /in HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\n{')
    await waitFor(() => clock.pending.intervals === 1)
    socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await clock.advance(11_000)
    expect(clock.pending).toMatchObject({ timers: 0, intervals: 0 })
    expect(seen).toEqual([])
  })

  it('loses nothing and doubles nothing under a storm', async () => {
    const { inbox } = setup()
    const port = await listen(inbox.nodeHandler('signed'))
    const got: string[] = []
    const processor = inbox.process('signed', ({ id }) => void got.push(id))
    const bodies = Array.from({ length: 300 }, (_, index) => JSON.stringify({ index }))
    const statuses = await Promise.all(
      [...bodies, ...bodies].map((body, index) => post(port, body, headersFor(body, `d${index % 300}`))),
    )
    expect(statuses.every((status) => status === 200)).toBe(true)
    await processor.idle()
    await processor.stop()
    expect([got.length, new Set(got).size]).toEqual([300, 300])
  })
})

/** Sends bytes and gives what comes back until the server closes, or a whole empty answer. */
function raw(port: number, headers: string, body: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (data) => {
      text += String(data)
      if (text.includes('\r\n\r\n')) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
    socket.write(`POST /in HTTP/1.1\r\nhost: h\r\n${headers}\r\n${body}`)
  })
}

async function waitFor(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000 && !holds(); turn++) await new Promise((resolve) => setTimeout(resolve, 1))
  if (!holds()) throw new Error('it never came to hold')
}

describe('processing', () => {
  it('commits the handler own writes with the completion', async () => {
    const { inbox, send, store, clock } = setup()
    await send('{"order":1}', 'd1')
    let fail = true
    const processor = inbox.process('signed', (message, { write, attempt }) => {
      write({ kind: 'append', log: 'orders', value: `${message.id} ${attempt}` })
      if (fail) throw new Error('not yet')
    })
    await processor.idle()
    expect(await store.read('orders', 0)).toEqual([])
    fail = false
    await clock.advance(2000)
    expect((await store.read('orders', 0)).map(({ value }) => value)).toEqual(['d1 2'])
    await processor.stop()
    expect(clock.pending).toEqual({ timers: 0, intervals: 0, afterInput: 0 })
  })

  it('keeps the order per entity, parks a poisoned one, lists it, and lets it go', async () => {
    const { inbox, send, clock } = setup()
    for (const [id, repo] of Object.entries({ d1: 'a', d2: 'a', d3: 'b' })) await send(JSON.stringify({ repo }), id)
    const got: string[] = []
    const entityKey = (message: InboxMessage) => (message.json() as { repo: string }).repo
    let poison = true
    const processor = inbox.process(
      'signed',
      ({ id }) => {
        if (id === 'd1' && poison) throw new Error('poison')
        got.push(id)
      },
      { entityKey, retry: { delaysMs: [1000], jitter: 0 } },
    )
    await processor.idle()
    await clock.advance(1000)
    expect(got).toEqual(['d3'])
    const held = await inbox.held('signed')
    expect(held.map(({ id, key, state, attempts, reason }) => [id, key, state, attempts, reason])).toEqual([
      ['d1', 'a', 'parked', 2, 'Error: poison'],
      ['d2', 'a', 'behind', 0, ''],
    ])
    expect(held[0]?.message.json()).toEqual({ repo: 'a' })
    poison = false
    await inbox.release('signed', 'a')
    await clock.advance(1000)
    expect(got).toEqual(['d3', 'd1', 'd2'])
    await processor.stop()
  })

  it('replays by filter, handled ones and dead letters', async () => {
    const { inbox, send, clock } = setup()
    for (const n of [1, 2, 3, 4]) await send(JSON.stringify({ n }), `d${n}`)
    const got: [string, boolean][] = []
    let poison = true
    const processor = inbox.process(
      'signed',
      ({ id }, { replayed }) => {
        if (id === 'd4' && poison) throw new Error('poison')
        got.push([id, replayed])
      },
      { retry: { delaysMs: [] } },
    )
    await processor.idle()
    expect((await inbox.deadLetters('signed')).map(({ id, message }) => [id, message.json()])).toEqual([
      ['d4', { n: 4 }],
    ])
    poison = false
    const even = (message: InboxMessage) => (message.json() as { n: number }).n % 2 === 0
    expect(await inbox.replay('signed', { filter: even })).toBe(2)
    await clock.advance(1000)
    await processor.idle()
    expect(got.slice(3).toSorted()).toEqual([
      ['d2', true],
      ['d4', true],
    ])
    expect(await inbox.deadLetters('signed')).toEqual([])
    await processor.stop()
  })

  it('fails a try that took too long, and drops its writes', async () => {
    const { inbox, send, clock, store, seen } = setup()
    await send('{}', 'd1')
    let attempts = 0
    const processor = inbox.process(
      'signed',
      async (_, { signal, write }) => {
        write({ kind: 'append', log: 'effects', value: 'x' })
        if (++attempts > 1) return
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
      { timeoutMs: 500, retry: { delaysMs: [1000], jitter: 0 } },
    )
    await clock.advance(400)
    expect(attempts).toBe(1)
    await clock.advance(2000)
    expect(await store.read('effects', 0)).toHaveLength(1)
    expect(
      seen.filter(({ type }) => type === 'message-end').map(({ data }) => (data as { outcome: string }).outcome),
    ).toEqual(['retry', 'done'])
    await processor.stop()
  })

  it('has one active processor; another takes over when it stops, or when it dies', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const got: string[] = []
    const instance = (name: string, through: Store = store) => {
      const inbox = webhookInbox({
        store: through,
        clock,
        random: seededRandom(name),
        sources: { signed: { ...signedSource, secrets: [secret] } },
      })
      const processor = inbox.process('signed', ({ id }) => void got.push(`${name} ${id}`), { leaseMs: 9000 })
      return { inbox, processor }
    }
    const message = (id: string) => ({
      method: 'POST',
      url: '',
      headers: headersFor('{}', id),
      body: Buffer.from('{}'),
    })
    let cut = false
    const dying: Store = {
      ...wrap(store),
      get: (key) => (cut ? Promise.reject(new Error('gone')) : store.get(key)),
      read: (...input) => (cut ? Promise.reject(new Error('gone')) : store.read(...input)),
      write: (groups) => (cut ? Promise.reject(new Error('gone')) : store.write(groups)),
    }
    const one = instance('one', dying)
    await one.processor.idle()
    const two = instance('two')
    const three = instance('three')
    await clock.advance(30_000)
    expect([one, two, three].map(({ processor }) => processor.active)).toEqual([true, false, false])
    await two.inbox.receive('signed', message('d1'))
    await clock.advance(1000)
    cut = true
    await two.inbox.receive('signed', message('d2'))
    await clock.advance(5000)
    expect(got).toEqual(['one d1'])
    await clock.advance(11_000)
    expect(one.processor.active).toBe(false)
    expect(got).toHaveLength(2)
    const second = two.processor.active ? two : three
    const third = second === two ? three : two
    await second.processor.stop()
    await third.inbox.receive('signed', message('d3'))
    await clock.advance(5000)
    expect(third.processor.active).toBe(true)
    expect(got).toHaveLength(3)
    await one.processor.stop()
    await third.processor.stop()
    expect(clock.pending).toEqual({ timers: 0, intervals: 0, afterInput: 0 })
  })
})

describe('reconciliation', () => {
  it('finds what never came, takes it in or asks for it again', async () => {
    const { inbox, send } = setup()
    await send('{}', 'd1')
    const delivery = (id: string, recover: () => Promise<{ headers: object; body: string } | undefined>) => ({
      id,
      recover: recover as never,
    })
    const content = async () => ({
      headers: { 'x-event': 'push', 'x-signature': 'x' },
      body: '{"late":true}',
    })
    async function* listed() {
      yield delivery('d1', () => Promise.reject(new Error('must not be asked')))
      yield delivery('d2', content)
      yield delivery('d3', () => Promise.resolve(undefined))
      yield delivery('d4', () => Promise.reject(new Error('410')))
    }
    expect(await inbox.reconcile('signed', listed())).toEqual({
      listed: 4,
      missing: 3,
      recovered: 1,
      requested: 1,
      failed: ['d4'],
    })
    const got: unknown[] = []
    const processor = inbox.process('signed', (message) => void got.push([message.id, message.json()]))
    await processor.idle()
    await processor.stop()
    expect(got).toEqual([
      ['d1', {}],
      ['d2', { late: true }],
    ])
  })
})
