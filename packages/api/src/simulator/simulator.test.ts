import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readManifest } from '../manifest/index.ts'
import { simulate } from './simulator.ts'

const { manifest } = readManifest(readFileSync(new URL('../manifest/fixtures/acme-desk.yaml', import.meta.url), 'utf8'))
if (manifest === undefined) throw new Error('the fixture is no manifest')
const desk = manifest

test('a server on loopback answers other programs, keeps state, and shows no secret', async () => {
  const vendor = simulate(desk, { credential: 'token', records: { 'ticket.list': 12 } })
  const server = await vendor.listen()
  try {
    const key = vendor.credentialFields('token').key ?? ''
    const headers = { authorization: `Token token=${key}`, 'content-type': 'application/json' }
    const ask = (path: string, init: RequestInit = {}) => fetch(`${server.url}/v2${path}`, { headers, ...init })
    const page = (await (await ask('/tickets?page%5Bsize%5D=10')).json()) as {
      tickets: { id: number }[]
      meta: { has_more: boolean }
    }
    expect([page.tickets.length, page.meta.has_more]).toEqual([10, true])
    const id = page.tickets[0]?.id
    expect((await ask(`/tickets/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await ask(`/tickets/${id}`)).status).toBe(404)
    expect(vendor.records('ticket.list')).toHaveLength(11)
    const body = JSON.stringify({ ticket: { subject: 'Paper', comment: { body: 'is out' }, channel: 'api' } })
    const open = () => ask('/tickets', { method: 'POST', body, headers: { ...headers, 'idempotency-key': 'one' } })
    const [first, second] = [await (await open()).json(), await (await open()).json()]
    expect(second).toEqual(first)
    expect(first).toMatchObject({ ticket: { subject: 'Paper' } })
    expect(vendor.records('ticket.list')).toHaveLength(12)
    expect((await ask('/tickets', { method: 'POST', body: '{"ticket":{"channel":"api"}}' })).status).toBe(400)
    const refused = await ask('/tickets', { headers: { authorization: 'Token token=wrong' } })
    expect([refused.status, await refused.json()]).toEqual([
      401,
      { error: { message: expect.any(String), code: 'credential' } },
    ])
    expect((await ask('/nothing')).status).toBe(404)
    expect(JSON.stringify(vendor.requests)).not.toContain(key)
  } finally {
    await server.close()
  }
})

test('the seed decides what the vendor holds', () => {
  const at = { clock: { ...clockAt(0) } }
  const held = (seed: number) => simulate(desk, { seed, ...at }).records('ticket.list')
  expect(held(3)).toEqual(held(3))
  expect(held(3)).not.toEqual(held(4))
})

/** Stands still. */
function clockAt(ms: number) {
  const never = () => () => undefined
  return { now: () => ms, monotonic: () => ms, timer: never, interval: never, afterInput: () => undefined }
}
