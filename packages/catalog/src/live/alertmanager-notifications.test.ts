import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { alertmanager } from '@patchbay/catalog/alertmanager'
import { connect } from '@patchbay/core'
import { memoryStore } from '@patchbay/core/stores/memory'
import { webhookInbox } from '@patchbay/core/webhooks'
import { afterAll, expect, test } from 'vitest'
import { startAlertmanager } from '../../../../tools/servers/alertmanager.ts'
import { describeWithServer } from '../../../../tools/servers/suite.ts'
import { reach } from './fixtures/reach.ts'

const secret = 'made-up-and-long-enough'
const webhook = alertmanager.webhooks.notifications
const inbox = webhookInbox({
  store: memoryStore(),
  sources: { alertmanager: webhook.source({ secrets: [secret] }) },
})
const receiver = createServer(inbox.nodeHandler('alertmanager')).listen(0, '127.0.0.1')
await once(receiver, 'listening')
const { port } = receiver.address() as AddressInfo
afterAll(() => void receiver.close())

const start = () => startAlertmanager(`http://127.0.0.1:${port}/?secret=${secret}`)

await describeWithServer('Alertmanager notifies, live', start, (server) => {
  test('an alert that is reported arrives as a typed event; without the secret nothing does', async () => {
    const events: unknown[] = []
    const processor = inbox.process('alertmanager', (message) => {
      events.push(webhook.event(message))
    })
    await using connection = connect(alertmanager, {
      config: { url: server.url },
      network: reach(server),
    })
    await connection.alert.create({ alerts: [{ labels: { alertname: 'DiskFull' } }] })
    await expect
      .poll(() => events, { timeout: 15_000 })
      .toMatchObject([{ type: 'firing', data: { status: 'firing', commonLabels: { alertname: 'DiskFull' } } }])
    const forged = await fetch(`http://127.0.0.1:${port}/?secret=guessed`, {
      method: 'POST',
      body: '{"status":"firing"}',
    })
    expect(forged.status).toBe(401)
    expect(events).toHaveLength(1)
    await processor.stop()
  })
})
