import { rabbitmq } from '@patchbay/catalog/rabbitmq'
import { type Connection, connect } from '@patchbay/core'
import { afterAll, expect, test } from 'vitest'
import { startRabbitMq } from '../../../../tools/servers/rabbitmq.ts'
import { describeWithServer } from '../../../../tools/servers/suite.ts'
import { reach } from './fixtures/reach.ts'
import { liveReceipt } from './fixtures/receipt.ts'

await describeWithServer('RabbitMQ, live', startRabbitMq, (server) => {
  const receipt = liveReceipt('rabbitmq')
  let opened: Connection<typeof rabbitmq> | undefined
  const network = () => reach(server)
  const connection = (): Connection<typeof rabbitmq> => {
    const { name: username, password } = server.user
    opened ??= connect(rabbitmq, {
      events: receipt.events,
      config: { url: server.url },
      credential: rabbitmq.credential.user({ username, password }),
      network: network(),
    })
    return opened
  }
  afterAll(() => opened?.$close())
  const approval = { by: 'ada', reason: 'test' }
  // The default virtual host has the hardest name: one encoded slash.
  const vhost = '/'

  test('the check passes; a wrong password does not', async () => {
    await connection().$check()
    expect(await connection().node.list().take(5)).toMatchObject([{ name: 'rabbit@localhost', running: true }])
    expect(await connection().health.check()).toMatchObject({ status: 'ok' })
    const wrong = rabbitmq.credential.user({ username: 'guest', password: 'not this one' })
    await using other = connect(rabbitmq, { config: { url: server.url }, credential: wrong, network: network() })
    await expect(other.$check()).rejects.toMatchObject({ kind: 'credential', status: 401, attempts: 1 })
  })

  test('a message goes through an exchange into a queue and out again', async () => {
    await connection().queue.declare({ vhost, name: 'orders', arguments: { 'x-max-length': 100 } })
    await connection().queue.declare({ vhost, name: 'orders', arguments: { 'x-max-length': 100 } })
    await connection().exchange.declare({ vhost, name: 'shop', type: 'topic' })
    await connection().binding.create({ vhost, exchange: 'shop', queue: 'orders', routingKey: 'order.#' })
    expect(await connection().binding.list({ vhost, name: 'orders' }).take(5)).toMatchObject([
      { source: '' },
      { source: 'shop', routing_key: 'order.#' },
    ])
    const message = { vhost, exchange: 'shop', routingKey: 'order.new', payload: 'né à 10 €' }
    expect(await connection().message.publish(message)).toEqual({ routed: true })
    expect(await connection().message.publish({ ...message, routingKey: 'other' })).toEqual({ routed: false })
    const taken = { vhost, name: 'orders', count: 5, acknowledge: 'ack_requeue_false' as const }
    expect(await connection().message.get(taken)).toMatchObject([{ payload: 'né à 10 €', routing_key: 'order.new' }])
    expect(await connection().message.get(taken)).toEqual([])
  })

  test('queues come in pages, and nothing is lost or doubled between them', async () => {
    const names = Array.from({ length: 230 }, (_, index) => `page-${String(index).padStart(3, '0')}`)
    await Promise.all(names.map((name) => connection().queue.declare({ vhost, name, durable: false })))
    const found: string[] = []
    let pages = 0
    for await (const page of connection().queue.list({ name: 'page-' }).pages()) {
      pages++
      found.push(...page.items.map(({ name }) => name))
    }
    expect(pages).toBe(3)
    expect(found.sort()).toEqual(names)
    expect(await connection().queue.get({ vhost, name: 'page-007' })).toMatchObject({
      name: 'page-007',
      durable: false,
    })
  })

  test('users, purging and deleting', async () => {
    await connection().user.put({ name: 'ada', password: 'made-up', tags: 'monitoring' })
    expect((await connection().user.list().take(10)).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['guest', 'ada']),
    )
    await connection().user.delete({ name: 'ada' }, { approval })
    await connection().queue.purge({ vhost, name: 'orders' }, { approval })
    await connection().queue.delete({ vhost, name: 'orders' }, { approval })
    await connection().exchange.delete({ vhost, name: 'shop' }, { approval })
    await expect(connection().queue.get({ vhost, name: 'orders' })).rejects.toMatchObject({ kind: 'not-found' })
    expect(await connection().exchange.list({ name: 'shop' }).take(5)).toEqual([])
  })

  test('a declaration that contradicts what is there is refused with the reason', async () => {
    await connection().queue.declare({ vhost, name: 'fixed', durable: true })
    await expect(connection().queue.declare({ vhost, name: 'fixed', durable: false })).rejects.toMatchObject({
      kind: 'invalid-input',
      status: 400,
      message: expect.stringContaining('inequivalent arg'),
    })
  })

  test('the receipt names what the server answered', () => receipt.settle())
})
