import { alertmanager } from '@patchbay/catalog/alertmanager'
import { type Connection, connect } from '@patchbay/core'
import { afterAll, expect, test } from 'vitest'
import { startAlertmanager } from '../../../../tools/servers/alertmanager.ts'
import { describeWithServer } from '../../../../tools/servers/suite.ts'
import { reach } from './fixtures/reach.ts'
import { liveReceipt } from './fixtures/receipt.ts'

await describeWithServer('Alertmanager, live', startAlertmanager, (server) => {
  const receipt = liveReceipt('alertmanager')
  let opened: Connection<typeof alertmanager> | undefined
  const connection = (): Connection<typeof alertmanager> => {
    opened ??= connect(alertmanager, {
      events: receipt.events,
      config: { url: server.url },
      network: reach(server),
    })
    return opened
  }
  afterAll(() => opened?.$close())
  const matchers = [{ name: 'alertname', value: 'DiskFull', isRegex: false, isEqual: true }]
  const during = { startsAt: new Date().toISOString(), endsAt: new Date(Date.now() + 3_600_000).toISOString() }

  test('the check passes, and receivers are listed', async () => {
    await connection().$check()
    expect(await connection().status.get()).toMatchObject({ versionInfo: { version: expect.stringMatching(/^0\./) } })
    expect(await connection().receiver.list().take(5)).toEqual([{ name: 'all' }])
  })

  test('alerts are reported, listed and grouped', async () => {
    const labels = { alertname: 'DiskFull', severity: 'page' }
    await connection().alert.create({ alerts: [{ labels, annotations: { summary: 'the disk is full' } }] })
    const found = () =>
      connection()
        .alert.list({ filter: ['alertname="DiskFull"'], active: true })
        .take(5)
    await expect
      .poll(async () => (await found())[0], { timeout: 10_000 })
      .toMatchObject({ labels, status: { state: 'active' } })
    expect(await connection().alert.groups({ receiver: 'all' })).toMatchObject([{ alerts: [{ labels }] }])
    expect(
      await connection()
        .alert.list({ filter: ['alertname="Other"'] })
        .take(5),
    ).toEqual([])
  })

  test('a silence begins, suppresses and ends', async () => {
    const { silenceID: id } = await connection().silence.put({
      matchers,
      ...during,
      createdBy: 'ada',
      comment: 'maintenance',
    })
    expect(await connection().silence.get({ id })).toMatchObject({ id, status: { state: 'active' }, createdBy: 'ada' })
    await expect
      .poll(async () => (await connection().alert.list({ silenced: true, active: false }).take(5))[0], {
        timeout: 10_000,
      })
      .toMatchObject({ status: { state: 'suppressed', silencedBy: [id] } })
    await connection().silence.expire({ id })
    expect(
      await connection()
        .silence.list({ filter: ['alertname="DiskFull"'] })
        .take(5),
    ).toMatchObject([{ id, status: { state: 'expired' } }])
  })

  test('what is not there is not found; what is wrong is invalid', async () => {
    const id = '6b3a0d2c-9f4b-4d3e-8a52-0f3a4a3f0a11'
    await expect(connection().silence.get({ id })).rejects.toMatchObject({ kind: 'not-found', status: 404 })
    const ends = { startsAt: during.endsAt, endsAt: during.startsAt }
    await expect(
      connection().silence.put({ matchers, ...ends, createdBy: 'ada', comment: 'backwards' }),
    ).rejects.toMatchObject({ kind: 'invalid-input', status: 400, attempts: 1 })
  })

  test('the receipt names what the server answered', () => receipt.settle())
})
