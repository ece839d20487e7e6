import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { request } from 'node:https'
import { expect, test } from 'vitest'
import { startAlertmanager } from './alertmanager.ts'
import { startIcinga2 } from './icinga2.ts'
import { startPrometheus } from './prometheus.ts'
import { startRabbitMq } from './rabbitmq.ts'
import { describeWithServer } from './suite.ts'

await describeWithServer('Prometheus', startPrometheus, (server) => {
  test('answers a query', async () => {
    const answer = await fetch(`${server.url}/api/v1/query?query=vector(1)`)
    expect(await answer.json()).toMatchObject({ status: 'success', data: { resultType: 'vector' } })
  })
})

await describeWithServer('Alertmanager', startAlertmanager, (server) => {
  test('tells its version', async () => {
    const answer = await fetch(`${server.url}/api/v2/status`)
    expect(await answer.json()).toMatchObject({ versionInfo: { version: expect.stringMatching(/^0\./) } })
  })
})

await describeWithServer('RabbitMQ', startRabbitMq, (server) => {
  test('answers its management API, and listens on loopback only', async () => {
    const { name, password } = server.user
    const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
    const answer = await fetch(`${server.url}/api/overview`, { headers: { authorization } })
    expect(await answer.json()).toMatchObject({ rabbitmq_version: expect.stringMatching(/^3\./) })
    const listening = listeners(descendants(server.pid))
    expect(listening.length).toBeGreaterThanOrEqual(4)
    // 127.0.0.1 and ::1, as /proc/net writes them.
    const loopback = ['0100007F', '00000000000000000000000001000000']
    expect(listening.filter((address) => !loopback.includes(address))).toEqual([])
  })
})

await describeWithServer('Icinga 2', startIcinga2, (server) => {
  test('knows a client by its certificate', async () => {
    const { certificate: cert, key } = server.client
    const asked = request(`${server.url}/v1`, {
      ca: server.ca,
      cert,
      key,
      headers: { accept: 'application/json' },
    }).end()
    const [answer] = (await once(asked, 'response')) as [NodeJS.ReadableStream]
    let text = ''
    for await (const chunk of answer) text += chunk
    expect(JSON.parse(text)).toMatchObject({ results: [{ user: 'machine' }] })
  })
})

/** A process and all that it started. */
function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        return readFileSync(`/proc/${candidate}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(pid)
      } catch {
        return false
      }
    })
  return [pid, ...children.flatMap(descendants)]
}

/** Addresses in hex, as /proc/net has them, on which the processes listen. */
function listeners(pids: readonly number[]): string[] {
  const sockets = new Set(
    pids.flatMap((pid) =>
      readdirSync(`/proc/${pid}/fd`).map((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/^socket:\[(\d+)\]$/, '$1')
        } catch {
          return ''
        }
      }),
    ),
  )
  const lines = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1))
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && sockets.has(fields[9] ?? ''))
    .map((fields) => (fields[1] ?? '').split(':')[0] as string)
}
