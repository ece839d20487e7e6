import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../clock.ts'
import { Fault } from '../../errors.ts'
import { Events } from '../../events.ts'
import type { HttpRequest, Transport } from '../../http/transport.ts'
import { undiciTransport } from '../../http/undici-transport.ts'
import { memoryStore } from '../../stores/memory.ts'
import { fakeClock, seededRandom } from '../../testing/index.ts'
import { envelopeVault, localKeyring, newMasterKey } from '../../vault/index.ts'
import { compileVerifier } from '../verification/verify.ts'
import { type SenderOptions, webhookSender } from './sender.ts'

type Answer = number | Error | { readonly status: number; readonly headers: Record<string, string> }

const vault = envelopeVault({ keys: localKeyring({ current: 'a', keys: { a: newMasterKey(seededRandom('vault')) } }) })

function setup(
  answer: (request: HttpRequest, count: number) => Answer | Promise<Answer> = () => 200,
  options: Partial<SenderOptions> = {},
) {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const sent: (HttpRequest & { readonly at: number; readonly id: string })[] = []
  const transport: Transport = {
    send: async (request) => {
      const id = (request.headers as Record<string, string>)['webhook-id'] as string
      sent.push({ ...request, at: clock.monotonic(), id })
      const given = await answer(request, sent.length)
      if (given instanceof Error) throw given
      const { status, headers } = typeof given === 'number' ? { status: given, headers: {} } : given
      return { status, statusText: '', headers, url: request.url, body: new Uint8Array(0), stream: undefined }
    },
    close: () => Promise.resolve(),
  }
  const events = new Events()
  const seen: { type: string; data: object }[] = []
  events.on('*', (data, type) => seen.push({ type, data }))
  const make = () =>
    webhookSender({
      store,
      transport,
      vault,
      clock,
      random: seededRandom(3),
      events,
      retry: { delaysMs: [1000, 10_000], jitter: 0 },
      ...options,
    })
  const sender = make()
  const endpoint = (settings: object = {}) =>
    sender.endpoints.create({ id: 'e1', url: 'https://customer.example/hook', ...settings })
  const ends = () =>
    seen.filter(({ type }) => type === 'delivery-end').map(({ data }) => (data as { outcome: string }).outcome)
  return { clock, store, sent, seen, sender, make, endpoint, ends }
}

describe('delivering', () => {
  it('signs so that the standard library and our verifier accept, guarded and without redirects', async () => {
    const { sender, endpoint, sent, clock, seen } = setup()
    const { secret } = await endpoint()
    expect(await sender.publish({ type: 'invoice.paid', data: { amount: 1 }, id: 'msg_1' })).toEqual({
      id: 'msg_1',
      endpoints: ['e1'],
      duplicate: false,
    })
    expect(sent).toEqual([])
    sender.start()
    await sender.idle()
    const request = sent[0] as HttpRequest
    const headers = request.headers as Record<string, string>
    const body = Buffer.from(request.body as string)
    expect(JSON.parse(String(body))).toEqual({
      type: 'invoice.paid',
      timestamp: new Date(clock.now()).toISOString(),
      data: { amount: 1 },
    })
    expect(
      compileVerifier({ kind: 'standard-webhooks' }, { secrets: [secret], clock }).verify({
        method: 'POST',
        url: '',
        headers,
        body,
      }),
    ).toMatchObject({ accepted: true, messageId: 'msg_1' })
    expect(new StandardWebhook(secret.reveal()).sign('msg_1', new Date(clock.now()), String(body))).toBe(
      headers['webhook-signature'],
    )
    expect(request).toMatchObject({ method: 'POST', origin: 'tenant', limits: { maxRedirects: 0 } })
    expect(seen).toEqual([
      {
        type: 'delivery-end',
        data: { endpoint: 'e1', messageId: 'msg_1', outcome: 'delivered', status: 200, reason: undefined },
      },
    ])
    await sender.stop()
    expect(clock.pending).toEqual({ timers: 0, intervals: 0, afterInput: 0 })
  })

  it('publishes an id once', async () => {
    const { sender, endpoint, sent } = setup()
    await endpoint()
    sender.start()
    await sender.publish({ type: 'a', data: 1, id: 'msg_1' })
    expect(await sender.publish({ type: 'a', data: 2, id: 'msg_1' })).toEqual({
      id: 'msg_1',
      endpoints: [],
      duplicate: true,
    })
    await sender.idle()
    expect(sent).toHaveLength(1)
    await sender.stop()
  })

  it('sends to the endpoints that want the type, or were named', async () => {
    const { sender, sent } = setup()
    for (const [id, types] of [
      ['all', undefined],
      ['paid', ['invoice.paid']],
      ['invoices', ['invoice.*']],
      ['users', ['user.*']],
    ] as const)
      await sender.endpoints.create({ id, url: `https://${id}.example/`, types })
    expect((await sender.publish({ type: 'invoice.paid', data: 0 })).endpoints).toEqual(['all', 'invoices', 'paid'])
    expect((await sender.publish({ type: 'invoicex.paid', data: 0 })).endpoints).toEqual(['all'])
    expect((await sender.publish({ type: 'invoice.paid', data: 0, endpoints: ['users'] })).endpoints).toEqual(['users'])
    sender.start()
    await sender.idle()
    expect(sent.map(({ url }) => new URL(url).hostname.split('.')[0]).toSorted()).toEqual([
      'all',
      'all',
      'invoices',
      'paid',
      'users',
    ])
    await sender.stop()
  })

  it('retries by the schedule with one id and a fresh signature, then keeps the message for a replay', async () => {
    let broken = true
    const { sender, endpoint, sent, clock, ends } = setup(() => (broken ? 500 : 200))
    await endpoint()
    sender.start()
    await sender.publish({ type: 'a', data: 1, id: 'msg_1' })
    await clock.advance(60_000)
    expect(sent.map(({ at, id }) => [at, id])).toEqual([
      [0, 'msg_1'],
      [1000, 'msg_1'],
      [11_000, 'msg_1'],
    ])
    expect(new Set(sent.map(({ headers }) => (headers as Record<string, string>)['webhook-timestamp'])).size).toBe(3)
    expect(ends()).toEqual(['retry', 'retry', 'dead'])
    expect(await sender.deadLetters('e1')).toMatchObject([{ id: 'msg_1', reason: 'status 500', attempts: 3 }])
    broken = false
    expect(await sender.replay('e1', { failedSince: clock.now() })).toBe(0)
    expect(await sender.replay('e1', { failedSince: 0 })).toBe(1)
    await clock.advance(1000)
    expect([sent.length, sent.at(-1)?.id, ends().at(-1)]).toEqual([4, 'msg_1', 'delivered'])
    expect((await sender.endpoints.get('e1'))?.failingSince).toBeUndefined()
    await sender.stop()
  })

  it.each<[string, Answer]>([
    ['redirects', 302],
    ['client errors', 400],
    ['network faults', new Fault({ kind: 'network', code: 'ECONNRESET' })],
    ['refusals of the address guard', new Fault({ kind: 'invalid-input', code: 'address-refused', retry: 'never' })],
  ])('counts %s as failures', async (_, answer) => {
    const { sender, endpoint, clock, ends } = setup(() => answer)
    await endpoint()
    sender.start()
    await sender.publish({ type: 'a', data: 1 })
    await clock.advance(60_000)
    expect(ends()).toEqual(['retry', 'retry', 'dead'])
    await sender.stop()
  })

  it('waits as long as Retry-After asks, for the whole endpoint', async () => {
    const { sender, endpoint, sent, clock } = setup((_, count) =>
      count === 1 ? { status: 429, headers: { 'retry-after': '120' } } : 200,
    )
    await endpoint({ concurrency: 1 })
    sender.start()
    await sender.publish({ type: 'a', data: 1, id: 'm1' })
    await sender.publish({ type: 'a', data: 2, id: 'm2' })
    await clock.advance(119_999)
    expect(sent).toHaveLength(1)
    await clock.advance(2000)
    expect(
      sent
        .slice(1)
        .map(({ id, at }) => [id, at >= 120_000])
        .toSorted(),
    ).toEqual([
      ['m1', true],
      ['m2', true],
    ])
    await sender.stop()
  })

  it('keeps to Retry-After also when another request succeeds meanwhile', async () => {
    const { sender, endpoint, sent, clock } = setup(async (_, count) => {
      if (count === 1) return { status: 429, headers: { 'retry-after': '120' } }
      await new Promise<void>((resolve) => clock.timer(500, resolve))
      return 200
    })
    await endpoint({ concurrency: 2 })
    for (const id of ['m1', 'm2', 'm3']) await sender.publish({ type: 'a', data: 1, id })
    sender.start()
    await clock.advance(119_000)
    expect(sent).toHaveLength(2)
    await clock.advance(10_000)
    expect(sent).toHaveLength(4)
    await sender.stop()
  })

  it('refuses to publish to endpoints that do not exist', async () => {
    const { sender, endpoint } = setup()
    await endpoint()
    await expect(sender.publish({ type: 'a', data: 1, endpoints: ['e1', 'e2'] })).rejects.toThrow('names e2')
  })

  it.each([502, 504, 429])('throttles after %i without Retry-After', async (status) => {
    const { sender, endpoint, sent, clock } = setup((_, count) => (count === 1 ? status : 200))
    await endpoint({ concurrency: 1 })
    sender.start()
    await sender.publish({ type: 'a', data: 1 })
    await sender.publish({ type: 'a', data: 2 })
    await clock.advance(29_999)
    expect(sent).toHaveLength(1)
    await clock.advance(20_000)
    expect(sent).toHaveLength(3)
    await sender.stop()
  })

  it('disables on 410, keeps the message, skips new ones, and goes on when it is enabled', async () => {
    let gone = true
    const { sender, endpoint, sent, clock, ends } = setup(() => (gone ? 410 : 200))
    await endpoint()
    sender.start()
    await sender.publish({ type: 'a', data: 1, id: 'm1' })
    await clock.advance(5000)
    expect(await sender.endpoints.get('e1')).toMatchObject({ status: 'disabled', reason: 'gone' })
    expect((await sender.publish({ type: 'a', data: 2, id: 'm2' })).endpoints).toEqual([])
    expect(ends()).toEqual(['disabled'])
    gone = false
    await sender.endpoints.enable('e1')
    await sender.replay('e1', { id: 'm1' })
    await sender.publish({ type: 'a', data: 3, id: 'm3' })
    await clock.advance(5000)
    expect(sent.map(({ id }) => id)).toEqual(['m1', 'm1', 'm3'])
    await sender.stop()
  })

  it('disables what fails for days, after ever rarer single probes', async () => {
    const { sender, endpoint, sent, clock } = setup(() => 500, {
      retry: { delaysMs: Array(1000).fill(60_000), jitter: 0 },
      pollMs: 600_000,
      leaseMs: 3_600_000,
    })
    await endpoint()
    sender.start()
    for (let index = 0; index < 50; index++) await sender.publish({ type: 'a', data: index })
    await clock.advance(3_600_000)
    expect(sent.length).toBeLessThan(25)
    expect(await sender.endpoints.get('e1')).toMatchObject({
      status: 'enabled',
      failingSince: expect.any(Number) as number,
    })
    await clock.advance(5 * 86_400_000)
    expect(await sender.endpoints.get('e1')).toMatchObject({ status: 'disabled', reason: 'failing' })
    const count = sent.length
    await clock.advance(86_400_000)
    expect(sent).toHaveLength(count)
    await sender.stop()
  })

  it('paused endpoints keep their messages', async () => {
    const { sender, endpoint, sent, clock } = setup()
    await endpoint()
    sender.start()
    await sender.endpoints.pause('e1')
    await sender.publish({ type: 'a', data: 1 })
    await clock.advance(60_000)
    expect(sent).toEqual([])
    await sender.endpoints.enable('e1')
    await clock.advance(1000)
    expect(sent).toHaveLength(1)
    await sender.stop()
  })

  it('keeps to rate and concurrency', async () => {
    let running = 0
    let most = 0
    const { sender, endpoint, sent, clock } = setup(async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => clock.timer(100, resolve))
      running--
      return 200
    })
    await endpoint({ concurrency: 2, ratePerSecond: 5 })
    sender.start()
    for (let index = 0; index < 20; index++) await sender.publish({ type: 'a', data: index })
    await clock.advance(2000)
    expect(most).toBe(2)
    expect(sent.length).toBeGreaterThanOrEqual(13)
    expect(sent.length).toBeLessThanOrEqual(15)
    await clock.advance(3000)
    expect(sent).toHaveLength(20)
    await sender.stop()
  })

  it('keeps the order per key where the endpoint wants it, also over failures', async () => {
    let broken = true
    const { sender, endpoint, sent, clock } = setup((request) =>
      broken && String(request.body).includes('"a1"') ? 500 : 200,
    )
    await endpoint({ ordered: true })
    sender.start()
    for (const data of ['a1', 'a2', 'b1', 'a3']) await sender.publish({ type: 't', data, key: data[0], id: data })
    await clock.advance(500)
    expect(sent.map(({ id }) => id)).toEqual(['a1', 'b1'])
    broken = false
    await clock.advance(1000)
    expect(sent.map(({ id }) => id)).toEqual(['a1', 'b1', 'a1', 'a2', 'a3'])
    await sender.stop()
  })

  it('signs with old and new secret for the time of a rotation', async () => {
    const { sender, endpoint, sent, clock } = setup()
    const { secret: old } = await endpoint()
    sender.start()
    const fresh = await sender.endpoints.rotateSecret('e1', { overlapMs: 60_000 })
    const check = async (): Promise<boolean[]> => {
      await sender.publish({ type: 'a', data: 1 })
      await clock.advance(1000)
      const { headers, body } = sent.at(-1) as HttpRequest
      const message = {
        method: 'POST',
        url: '',
        headers: headers as Record<string, string>,
        body: Buffer.from(body as string),
      }
      return [old, fresh].map(
        (secret) =>
          compileVerifier({ kind: 'standard-webhooks' }, { secrets: [secret], clock }).verify(message).accepted,
      )
    }
    expect(await check()).toEqual([true, true])
    await clock.advance(60_000)
    expect(await check()).toEqual([false, true])
    await sender.stop()
  })

  it('survives: another sender goes on where this one ended, and removed endpoints leave nothing', async () => {
    const { sender, endpoint, sent, clock, make, store } = setup((_, count) => (count <= 2 ? 500 : 200))
    await endpoint()
    sender.start()
    await sender.publish({ type: 'a', data: 1, id: 'm1' })
    await clock.advance(10)
    await sender.stop()
    const second = make()
    second.start()
    await clock.advance(20_000)
    expect(sent.map(({ id }) => id)).toEqual(['m1', 'm1', 'm1'])
    await second.endpoints.pause('e1')
    await second.publish({ type: 'a', data: 1, id: 'm2' })
    await second.endpoints.remove('e1')
    await clock.advance(5000)
    // The id of a delivered message is remembered for its time.
    const left = (await store.list('webhook/outbox/to/')).map(({ key }) => key)
    expect(left.filter((key) => !key.endsWith('/state/m1'))).toEqual([])
    await clock.advance(60_000)
    expect(await store.list('webhook/outbox/removed/')).toEqual([])
    await second.stop()
  })

  it.each([false, true])(
    'gives a new endpoint nothing of the one that had its id; delivering meanwhile: %s',
    async (delivering) => {
      const random = seededRandom('of both processes')
      const { sender, endpoint, sent, clock, make, store } = setup(undefined, { random })
      await endpoint({ url: 'https://old.example/' })
      await sender.endpoints.pause('e1')
      if (delivering) sender.start()
      await sender.publish({ type: 'a', data: 'for the old one', id: 'm1' })
      // In another process, within one look of the one that delivers.
      const other = make()
      await other.endpoints.remove('e1')
      await other.endpoints.create({ id: 'e1', url: 'https://new.example/' })
      await other.publish({ type: 'a', data: 'for the new one', id: 'm2' })
      sender.start()
      await clock.advance(5000)
      expect(sent.map(({ url, id }) => [url, id])).toEqual([['https://new.example/', 'm2']])
      await clock.advance(60_000)
      const left = (await store.list('webhook/outbox/'))
        .map(({ key }) => key)
        .filter((key) => !key.includes('published/'))
      expect(left.filter((key) => key.includes('m1'))).toEqual([])
      await sender.stop()
    },
  )

  it('clears what was published to an endpoint while it was removed', async () => {
    const { sender, endpoint, sent, clock, store } = setup()
    await endpoint()
    const write = store.write.bind(store)
    store.write = async (groups) => {
      const publishing = groups.flat().some(({ kind }) => kind === 'append')
      if (publishing) {
        store.write = write
        await sender.endpoints.remove('e1')
        await clock.advance(2000)
      }
      return write(groups)
    }
    sender.start()
    await clock.advance(10)
    await sender.publish({ type: 'a', data: 1, id: 'm1' })
    await clock.advance(70_000)
    expect(sent).toEqual([])
    expect((await store.list('webhook/outbox/to/')).map(({ key }) => key)).toEqual([])
    await sender.stop()
  })

  it('stores, tells and prints no secret', async () => {
    const { sender, endpoint, seen, store } = setup()
    const { endpoint: shown, secret } = await endpoint()
    const stored = await store.list('webhook/')
    const text = JSON.stringify([shown, secret, seen, stored, await sender.endpoints.list(), sender])
    expect(text).not.toContain(secret.reveal())
    expect(text).not.toContain(secret.reveal().slice(6))
    expect(JSON.stringify(shown)).not.toContain('sealed')
  })

  it.each<[string, object, string]>([
    ['http', { url: 'http://customer.example/' }, 'https'],
    ['user information', { url: 'https://u:p@customer.example/' }, 'user information'],
    ['what is no URL', { url: '/hook' }, 'https'],
    ['a bad id', { id: 'a/b' }, 'id'],
    ['a short secret', { secret: 'whsec_AAAA' }, '24 to 64'],
    ['a rate of nothing', { ratePerSecond: 0 }, 'ratePerSecond'],
  ])('refuses %s', async (_, settings, text) => {
    await expect(setup().endpoint(settings)).rejects.toThrow(text)
  })
})

it('delivers over real HTTP through the guarded transport, and never to where the guard forbids', async () => {
  const got: string[] = []
  const server = createServer((request, response) => {
    got.push(String(request.headers['webhook-id']))
    request.resume()
    response.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const run = async (allow: { host: string; port: number }[]): Promise<string[]> => {
    const transport = undiciTransport({ clock: systemClock, allow })
    const events = new Events()
    const ended = new Promise<string>((resolve) => events.on('delivery-end', ({ outcome }) => resolve(outcome)))
    const sender = webhookSender({ store: memoryStore(), transport, vault, events, allowHttp: true })
    await sender.endpoints.create({ url: `http://127.0.0.1:${port}/hook` })
    sender.start()
    await sender.publish({ type: 'a', data: 1, id: 'm1' })
    const outcome = await ended
    await sender.stop()
    await transport.close()
    return [outcome, ...got.splice(0)]
  }
  expect(await run([{ host: '127.0.0.1', port }])).toEqual(['delivered', 'm1'])
  expect(await run([])).toEqual(['retry'])
  server.close()
})
