import { prometheus } from '@patchbay/catalog/prometheus'
import { type Connection, connect } from '@patchbay/core'
import { memoryStore } from '@patchbay/core/stores/memory'
import { readStream } from '@patchbay/core/streams'
import { afterAll, expect, test } from 'vitest'
import { startPrometheus } from '../../../../tools/servers/prometheus.ts'
import { describeWithServer } from '../../../../tools/servers/suite.ts'
import { reach } from './fixtures/reach.ts'
import { liveReceipt } from './fixtures/receipt.ts'

await describeWithServer('Prometheus, live', startPrometheus, (server) => {
  const receipt = liveReceipt('prometheus')
  let opened: Connection<typeof prometheus> | undefined
  const connection = (): Connection<typeof prometheus> => {
    opened ??= connect(prometheus, {
      events: receipt.events,
      config: { url: server.url },
      network: reach(server),
    })
    return opened
  }
  afterAll(() => opened?.$close())
  const now = (): number => Math.floor(Date.now() / 1000)

  test('the check passes, and the version is told', async () => {
    await connection().$check()
    expect(await connection().server.get()).toMatchObject({ version: expect.stringMatching(/^2\./) })
  })

  test('targets, rules and alerts become what they are', async () => {
    await expect
      .poll(async () => (await connection().target.list().take(10))[0]?.health, { timeout: 15_000 })
      .toBe('up')
    const [group] = await connection().ruleGroup.list({ type: 'alert' }).take(5)
    expect(group).toMatchObject({ name: 'always', rules: [{ name: 'AlwaysFiring', type: 'alerting' }] })
    await expect
      .poll(async () => (await connection().alert.list().take(5))[0]?.state, { timeout: 15_000 })
      .toBe('firing')
  })

  test('queries, series and labels', async () => {
    await expect
      .poll(async () => (await connection().query.run({ query: 'up{team="platform"}' })).result.length, {
        timeout: 15_000,
      })
      .toBe(1)
    const range = { query: 'up', start: String(now() - 60), end: String(now()), step: '5' }
    expect(await connection().query.range(range)).toMatchObject({ resultType: 'matrix' })
    const series = await connection()
      .series.list({ match: ['up'] })
      .take(10)
    expect(series).toMatchObject([{ __name__: 'up', job: 'itself' }])
    expect(await connection().label.names({ match: ['up'] })).toContain('team')
    expect(await connection().label.values({ name: 'team' })).toEqual(['platform'])
    expect(await connection().metadata.get({ metric: 'prometheus_build_info' })).toHaveProperty('prometheus_build_info')
    expect(await connection().configuration.get()).toMatchObject({ yaml: expect.stringContaining('job_name: itself') })
  })

  test('a wrong expression is an invalid input with the reason of the server', async () => {
    await expect(connection().query.run({ query: 'up{' })).rejects.toMatchObject({
      kind: 'invalid-input',
      code: 'bad_data',
      status: 400,
      attempts: 1,
      message: expect.stringContaining('parse error'),
    })
  })

  test('samples of two days come in windows', async () => {
    const pages = async () => {
      const start = String(now() - 2 * 86_400 + 3600)
      const counts: number[] = []
      const spans = connection().span.list({ query: 'prometheus_build_info', start, step: '10' })
      for await (const { items } of spans.pages()) counts.push(items.length)
      return counts
    }
    // Nothing before the server was started; the first evaluation after its first scrape may be ten seconds away.
    await expect.poll(pages, { timeout: 15_000, interval: 500 }).toEqual([0, 1])
  })

  test('alerts can be read as a stream', async () => {
    const read: unknown[] = []
    const alerts = readStream(connection(), prometheus.streams.alerts, { store: memoryStore(), key: 'acme/alerts' })
    for await (const batch of alerts) {
      read.push(...batch.records)
      await batch.ack()
    }
    expect(read).toMatchObject([{ labels: { alertname: 'AlwaysFiring', severity: 'page' } }])
  })

  test('what changes the server does so, and destroying asks for an approval', async () => {
    expect(await connection().snapshot.create({ skipHead: false })).toMatchObject({
      name: expect.stringMatching(/^\d{8}T/),
    })
    await connection().configuration.reload()
    const approval = { by: 'ada', reason: 'test' }
    await connection().series.delete({ match: ['up'] }, { approval })
    // @ts-expect-error destructive operations do not compile without an approval
    await expect(connection().series.delete({ match: ['up'] })).rejects.toMatchObject({ kind: 'permission' })
  })

  test('the receipt names what the server answered', () => receipt.settle())
})
