import { icinga2 } from '@patchbay/catalog/icinga2'
import { type Connection, connect } from '@patchbay/core'
import { afterAll, expect, test } from 'vitest'
import { startIcinga2 } from '../../../../tools/servers/icinga2.ts'
import { describeWithServer } from '../../../../tools/servers/suite.ts'
import { reach } from './fixtures/reach.ts'
import { liveReceipt } from './fixtures/receipt.ts'

await describeWithServer('Icinga 2, live', startIcinga2, (server) => {
  const receipt = liveReceipt('icinga2')
  let opened: Connection<typeof icinga2> | undefined
  const network = () => ({ ...reach(server, 'localhost'), tls: { ca: server.ca } })
  const connection = (): Connection<typeof icinga2> => {
    const { name: username, password } = server.user
    opened ??= connect(icinga2, {
      events: receipt.events,
      config: { url: server.url },
      credential: icinga2.credential.user({ username, password }),
      network: network(),
    })
    return opened
  }
  afterAll(() => opened?.$close())
  const person = { author: 'ada', comment: 'test' }

  test('the check passes by password and by certificate; an unknown authority is refused', async () => {
    await connection().$check()
    const { certificate, key } = server.client
    await using machine = connect(icinga2, {
      config: { url: server.url },
      credential: icinga2.credential.certificate({ certificate, key, ca: server.ca }),
      network: reach(server, 'localhost'),
    })
    await machine.$check()
    const { name: username, password } = server.user
    await using stranger = connect(icinga2, {
      config: { url: server.url },
      credential: icinga2.credential.user({ username, password }),
      network: reach(server, 'localhost'),
    })
    await expect(stranger.$check()).rejects.toMatchObject({ kind: 'network', attempts: 1 })
  })

  test('hosts are added, changed, found by filter and deleted', async () => {
    await connection().host.create({ name: 'db 1', address: '127.0.0.1', checkCommand: 'ok' })
    await connection().host.update({ name: 'db 1', attributes: { display_name: 'Database' } })
    expect(await connection().host.get({ name: 'db 1' })).toMatchObject({
      name: 'db 1',
      attrs: { address: '127.0.0.1', display_name: 'Database' },
    })
    const some = await connection()
      .host.list({ filter: 'host.name=="router"', attributes: ['name', 'address'] })
      .take(5)
    expect(some).toMatchObject([{ name: 'router', attrs: { address: '127.0.0.1' } }])
    await connection().host.delete({ name: 'db 1', cascade: true }, { approval: { by: 'ada', reason: 'test' } })
    await expect(connection().host.get({ name: 'db 1' })).rejects.toMatchObject({ kind: 'not-found', status: 404 })
  })

  test('a failing service is acknowledged and put into a downtime', async () => {
    const disk = { type: 'Service' as const, filter: 'service.name=="disk"' }
    await connection().check.reschedule({ ...disk, force: true })
    const state = async () => (await connection().service.list({ filter: disk.filter }).take(1))[0]?.attrs
    await expect.poll(async () => (await state())?.state, { timeout: 15_000 }).not.toBe(0)
    expect(await connection().problem.acknowledge({ ...disk, ...person })).toMatchObject([{ code: 200 }])
    expect(await state()).toMatchObject({ acknowledgement: 1 })
    expect(await connection().problem.unacknowledge(disk)).toMatchObject([{ code: 200 }])
    const now = Math.floor(Date.now() / 1000)
    const [made] = await connection().downtime.schedule({ ...disk, ...person, startTime: now, endTime: now + 60 })
    expect(await connection().downtime.list().take(5)).toMatchObject([{ name: made?.name }])
    await connection().downtime.remove({ downtime: made?.name as string })
    expect(await connection().result.submit({ ...disk, exitStatus: 1, output: 'half full' })).toMatchObject([
      { code: 200 },
    ])
    await expect.poll(async () => (await state())?.state, { timeout: 15_000 }).toBe(1)
  })

  test('a filter that cannot be read finds nothing: the server itself calls it so', async () => {
    await expect(connection().host.list({ filter: 'host.name==' }).take(1)).rejects.toMatchObject({
      kind: 'not-found',
      status: 404,
      attempts: 1,
    })
  })

  test('the receipt names what the server answered', () => receipt.settle())
})
