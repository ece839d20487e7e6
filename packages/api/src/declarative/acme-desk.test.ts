import { createHmac } from 'node:crypto'
import { type Connection, connect, isPatchbayError } from '@patchbay/core'
import { type ConnectorSubject, connectorChecks } from '@patchbay/core/conformance'
import { memoryStore } from '@patchbay/core/stores/memory'
import { readStream } from '@patchbay/core/streams'
import { fakeClock, leakCheck } from '@patchbay/core/testing'
import { webhookInbox } from '@patchbay/core/webhooks'
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import type { DeclaredClient } from './declared-client.ts'
import type { AcmeDeskTypes, Ticket } from './fixtures/acme-desk.ts'
import { acmeDesk, type DeskServer, startDesk } from './fixtures/desk-server.ts'
import { failureOf } from './fixtures/small-manifest.ts'
import { mapped } from './mapped.ts'

const key = 'desk-key-0001'
let desk: DeskServer
const opened: { $close(): Promise<void> }[] = []
beforeAll(async () => {
  desk = await startDesk(key)
})
afterAll(() => desk.close())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.$close()))
  desk.seen.length = 0
  desk.tickets.clear()
  desk.pageSize = 100
})

type Desk = Connection<typeof acmeDesk>
function live(token = key): Desk {
  const connection = connect(acmeDesk, {
    config: { deployment: 'server', url: desk.url, account: 'acme' },
    credential: acmeDesk.credential.token({ key: token }),
    network: { allow: [{ cidr: '127.0.0.0/8' }] },
    policies: { retry: { attempts: 2, baseMs: 1 } },
  })
  opened.push(connection)
  return connection
}

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString().replace('.000Z', 'Z')
function fill(count: number, from = 1): void {
  for (let id = from; id < from + count; id++) desk.tickets.set(id, { id, subject: `t${id}`, updated_at: at(id) })
}

describe('acme desk', () => {
  test('does what its manifest says', async () => {
    const connection = live()
    await connection.$check()
    const made = await connection.ticket.create({ subject: 'Printer', text: 'It burns' }, { idempotencyKey: 'k1' })
    expect(made).toEqual({ id: 1, subject: 'Printer', updated_at: '2026-01-01T00:00:00Z' })
    const sent = desk.seen.at(-1)
    expect(sent?.json()).toEqual({ ticket: { subject: 'Printer', comment: { body: 'It burns' }, channel: 'api' } })
    expect(sent?.headers).toMatchObject({
      'idempotency-key': 'k1',
      authorization: `Token token=${key}`,
      accept: 'application/json',
    })
    expect(await connection.ticket.update({ id: 1, status: 'open' })).toMatchObject({ status: 'open' })
    expect(await connection.ticket.get({ id: 1 })).toMatchObject({ id: 1, status: 'open' })
    const upload = await connection.attachment.upload({ filename: 'a b.txt', content: Buffer.from('12345') })
    expect(upload).toEqual({ token: 'a b.txt/5' })
    const gone = await connection.ticket.delete({ id: 1 }, { approval: { by: 'ann', reason: 'test' } })
    expect(gone).toBeUndefined()
    expect(await failureOf(connection.ticket.get({ id: 1 }))).toMatchObject({
      kind: 'not-found',
      code: 'not_found',
      detail: 'No such ticket',
    })
  })

  test('reads lists in pages, with the array style of an input', async () => {
    fill(250)
    const tickets = await live()
      .ticket.list({ status: ['open', 'new'] })
      .take(1000)
    expect(tickets.map(({ id }) => id)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1))
    expect(desk.seen.map(({ url }) => url.searchParams.get('page[after]'))).toEqual([null, '100', '200'])
    expect(desk.seen[0]?.target).toContain('filter[status]=open&filter[status]=new')
  })

  test('knows the errors of the vendor', async () => {
    expect(await failureOf(live('wrong').account.get())).toMatchObject({
      kind: 'credential',
      status: 401,
      code: 'unauthorized',
    })
    const busy = await failureOf(live().ticket.create({ subject: 'busy', text: 'x' }))
    expect(busy).toMatchObject({ kind: 'unavailable', status: 200, code: 'busy' })
  })

  test('gives out its client, bounded to its host', async () => {
    const raw = await live().$raw()
    const { data } = await (await raw.axios()).get('/v2/account')
    expect(data).toEqual({ account: { name: 'Acme' } })
    expect(raw.baseUrl).toBe(`${desk.url}/desk`)
    expect(isPatchbayError(await failureOf((await raw.axios()).get('https://evil.example/x')))).toBe(true)
  })

  test('leaves nothing behind', async () => {
    await live().account.get()
    await opened.pop()?.$close()
    const leaks = leakCheck()
    const connection = live()
    fill(5)
    desk.pageSize = 2
    await connection.ticket.list().take(100)
    await connection.$close()
    await leaks.verify()
  })
})

describe('the stream', () => {
  test('hands over each ticket once, also when the reader crashes between pages', async () => {
    const store = memoryStore()
    desk.pageSize = 3
    fill(20)
    const connection = live()
    const got: number[] = []
    const read = async (crashAfter: number) => {
      let batches = 0
      for await (const batch of readStream(connection, acmeDesk.streams.tickets, { store, key: 'desk/tickets' })) {
        // What was not acknowledged before the crash must come again.
        if (++batches > crashAfter) return
        got.push(...batch.records.map(({ id }) => id))
        await batch.ack()
      }
    }
    await read(2)
    expect(got.length).toBe(6)
    await read(1)
    fill(5, 21)
    await read(Number.POSITIVE_INFINITY)
    await read(Number.POSITIVE_INFINITY)
    expect(got).toEqual(Array.from({ length: 25 }, (_, index) => index + 1))
    const asked = desk.seen.map(({ url }) => url.searchParams)
    expect(asked.every((query) => query.get('sort') === 'updated_at')).toBe(true)
    // In seconds, as the manifest says, and less the lag of a minute.
    expect(asked.at(-1)?.get('updated_since')).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const open = acmeDesk.streams.tickets.with({ status: ['open'] })
    expect({ name: open.name, lagMs: open.lagMs, kind: open.cursorKind }).toEqual({
      name: 'tickets',
      lagMs: 60_000,
      kind: 'time',
    })
    // @ts-expect-error the stream itself says where to begin
    expect(() => acmeDesk.streams.tickets.with({ updatedSince: '2026-01-01T00:00:00Z' })).toThrow('updatedSince')
    expectTypeOf(acmeDesk.streams.tickets.record).toEqualTypeOf<import('@patchbay/core').Schema<Ticket>>()
  })

  test('is a trigger, and so is the webhook', () => {
    const { triggers } = acmeDesk
    expect(triggers?.tickets).toEqual({ kind: 'poll', stream: 'tickets', everyMs: 60_000 })
    expect(triggers?.events).toMatchObject({ kind: 'webhook', scheme: { kind: 'hmac' } })
  })
})

describe('the webhook', () => {
  test('feeds an inbox, and its messages are typed events', async () => {
    const clock = fakeClock()
    const source = acmeDesk.webhooks.events.source({ secrets: ['hook-secret'] })
    const inbox = webhookInbox({ store: memoryStore(), clock, sources: { desk: source } })
    const body = JSON.stringify({ type: 'ticket.created', id: 'e1', ticket: { id: 5, subject: 's' } })
    const time = String(Math.floor(clock.now() / 1000))
    const post = async (secret: string) => {
      const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
      const headers = { 'content-type': 'application/json', 'x-acme-time': time, 'x-acme-signature': signature }
      return (await inbox.handler('desk')(new Request('https://hooks.example/desk', { method: 'POST', body, headers })))
        .status
    }
    expect(await post('another-secret')).toBe(401)
    expect(await post('hook-secret')).toBeLessThan(300)
    expect(source.messageId?.({}, JSON.parse(body))).toBe('e1')
    const event = acmeDesk.webhooks.events.event({ headers: {}, json: () => JSON.parse(body) })
    expect(event).toMatchObject({ type: 'ticket.created', data: { ticket: { id: 5 } } })
    if (event?.type === 'ticket.created') expectTypeOf(event.data.ticket).toEqualTypeOf<Ticket | null | undefined>()
    expect(acmeDesk.webhooks.events.event({ headers: {}, json: () => ({ type: 'other' }) })).toBeUndefined()
    const wrong = { type: 'ticket.created', ticket: { id: 'five', subject: 's' } }
    expect(() => acmeDesk.webhooks.events.event({ headers: {}, json: () => wrong })).toThrow('ticket.created')
  })
})

test('its mapping gives tickets of the common model', () => {
  const tickets = mapped(acmeDesk, 'tickets')
  expect(tickets.map({ id: 7, subject: 'Printer', tags: ['a'] })).toEqual({ id: expect.anything(), title: 'Printer' })
  expect(() => mapped(acmeDesk, 'constructor')).toThrow('must be one of tickets')
})

const ticket = { id: 1, subject: 's' }
const anyReply = { json: { a: 1 } }
const requests = Object.fromEntries(
  Object.keys(acmeDesk.operations)
    .filter((name) => name.startsWith('request.'))
    .map((name) => [
      name,
      {
        input: { path: '/v2/x' },
        reply: name === 'request.list' ? { json: [{ a: 1 }] } : anyReply,
        ...(name === 'request.destroy' ? { options: { approval: { by: 'a', reason: 'b' } } } : {}),
        ignoresBody: true as const,
      },
    ]),
)
const subject: ConnectorSubject = {
  connector: acmeDesk,
  config: { deployment: 'cloud', region: 'eu', account: 'acme' },
  wrongConfigs: [
    { config: { deployment: 'cloud', region: 'mars', account: 'acme' }, path: 'region' },
    { config: { deployment: 'cloud', region: 'eu', account: 'a.b/c@d' }, path: 'account' },
    { config: { deployment: 'server' }, path: 'url' },
  ],
  credential: acmeDesk.credential.token({ key: 'conformance-key-0001' }),
  secrets: ['conformance-key-0001'],
  operations: {
    ...requests,
    'account.get': { input: {}, reply: { json: { account: { name: 'Acme' } } }, output: { name: 'Acme' } },
    'ticket.list': { input: {}, reply: { json: { tickets: [ticket], meta: { has_more: false } } }, output: [ticket] },
    'ticket.get': { input: { id: 1 }, reply: { json: { ticket } }, output: ticket },
    'ticket.create': { input: { subject: 's', text: 't' }, reply: { status: 201, json: { ticket } }, output: ticket },
    'ticket.update': { input: { id: 1, status: 'open' }, reply: { json: { ticket } }, output: ticket },
    'ticket.delete': {
      input: { id: 1 },
      options: { approval: { by: 'ann', reason: 'test' } },
      reply: { status: 204, text: '' },
      ignoresBody: true,
    },
    'attachment.upload': {
      input: { filename: 'f', content: new Uint8Array(3) },
      reply: { json: { upload: { token: 't' } } },
      output: { token: 't' },
    },
  },
  failures: [
    { operation: 'ticket.get', reply: { status: 429, json: {} }, kind: 'rate-limited', retry: 'later' },
    {
      operation: 'ticket.get',
      reply: { json: { error: { code: 'busy' } } },
      kind: 'unavailable',
      retry: 'later',
      code: 'busy',
    },
    {
      operation: 'ticket.list',
      reply: { json: { error: { code: 'bad_filter', message: 'No' } } },
      kind: 'invalid-input',
      code: 'bad_filter',
    },
  ],
}

describe('core’s checks of connectors', () => {
  const cloud = { ...subject, connector: acmeDesk }
  test.each(connectorChecks.map((check) => [check.name, check] as const))('%s', async (_, check) => {
    await check.run(cloud)
  })
})

/** Read by the compiler alone. */
export function types(connection: Desk): void {
  expectTypeOf(connection.ticket.get({ id: 1 })).resolves.toEqualTypeOf<Ticket>()
  expectTypeOf(connection.$raw()).resolves.toEqualTypeOf<DeclaredClient>()
  expectTypeOf<AcmeDeskTypes['config']>().toHaveProperty('deployment')
  void connection.account.get()
  void connection.request.read({ path: '/x' })
  void connection.ticket.list().take(1)
  // @ts-expect-error the id is a number
  void connection.ticket.get({ id: 'one' })
  // @ts-expect-error the id is needed
  void connection.ticket.get({})
  // @ts-expect-error destructive calls need an approval
  void connection.ticket.delete({ id: 1 })
  // @ts-expect-error there is no such operation
  void connection.ticket.explode({ id: 1 })
  // @ts-expect-error there is no such status
  void connection.ticket.update({ id: 1, status: 'broken' })
  // @ts-expect-error there is no such field
  acmeDesk.credential.token({ kee: 'x' })
  // @ts-expect-error there is no such credential
  acmeDesk.credential.other({})
  // @ts-expect-error there is no such deployment
  connect(acmeDesk, { config: { deployment: 'moon', account: 'a', url: 'u' } })
  // @ts-expect-error there is no such stream
  void acmeDesk.streams.agents
}
