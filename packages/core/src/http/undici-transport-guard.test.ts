import type { LookupFunction } from 'node:net'
import { describe, expect, it } from 'vitest'
import { fakeDns } from '../testing/network/fake-dns.ts'
import { type RawServer, reply } from './fixtures/raw-server.ts'
import { factsOf, get, open as openWith, serve } from './fixtures/transport-setup.ts'
import type { Transport } from './transport.ts'
import type { UndiciTransportOptions } from './undici-transport.ts'

const reachable = (): Promise<RawServer> => serve(({ socket }) => reply(socket, 200, {}, 'reached'))
const open = (options: Partial<UndiciTransportOptions> = {}): Transport => openWith({ allow: [], ...options })

const refused = { kind: 'config', retry: 'never', sent: 'none', code: 'address-refused' }
const answer =
  (...addresses: string[]): LookupFunction =>
  (_host, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

describe('the guard', () => {
  it('is on by default, and refuses every spelling of loopback before a byte is out', async () => {
    const server = await reachable()
    const transport = open()
    const hosts = ['127.0.0.1', '2130706433', '0x7f.1', '017700000001', '127.1', '0', '[::ffff:127.0.0.1]', 'localhost']
    for (const host of [...hosts, 'localhost.', '[::1]', 'a.localhost', '①②⑦.0.0.1', '[64:ff9b::7f00:1]']) {
      const facts = await factsOf(transport.send(get(`http://${host}:${server.port}/?token=hush`)))
      expect(facts, host).toMatchObject(refused)
      expect(facts.message).not.toContain('hush')
    }
    expect(server.connections).toBe(0)
  })

  it('says whose mistake it was', async () => {
    const transport = open()
    expect(await factsOf(transport.send(get('http://10.0.0.1/')))).toMatchObject({ kind: 'config' })
    const input = get('http://10.0.0.1/', { urlSource: 'input' })
    expect(await factsOf(transport.send(input))).toMatchObject({ kind: 'invalid-input', retry: 'never', sent: 'none' })
  })

  it('refuses other schemes, user information and nonsense, for trusted hosts too', async () => {
    const transport = open()
    for (const url of ['ftp://a.example/', 'data:,x', 'nonsense', 'http://user:hush@a.example/', '/relative']) {
      for (const origin of ['tenant', 'builtin'] as const) {
        const facts = await factsOf(transport.send(get(url, { origin })))
        expect(facts, url).toMatchObject(refused)
        expect(facts.message).not.toContain('hush')
      }
    }
  })

  it('refuses a name when one of its addresses is private', async () => {
    const server = await reachable()
    for (const addresses of [['127.0.0.1'], ['93.184.216.34', '127.0.0.1'], ['::ffff:127.0.0.1'], ['fe80::1']]) {
      const transport = open({ lookup: answer(...addresses) })
      expect(await factsOf(transport.send(get(`http://api.example:${server.port}/`))), String(addresses)).toMatchObject(
        refused,
      )
    }
    expect(server.connections).toBe(0)
  })

  it('connects to the address that it checked: a second answer comes too late', async () => {
    const server = await reachable()
    // The first answer is allowed, any later one would be another address.
    const dns = fakeDns({
      'rebound.example': { sequence: [{ addresses: ['127.0.0.1'] }, { addresses: ['127.0.0.2'] }] },
    })
    const transport = open({ lookup: dns.lookup, allow: [{ cidr: '127.0.0.1/32' }] })
    const url = `http://rebound.example:${server.port}/`
    expect((await transport.send(get(url))).status).toBe(200)
    expect(dns.queries).toHaveLength(1)
    // A new connection asks again, and the new answer is refused.
    expect(await factsOf(transport.send(get(url, { freshSocket: true })))).toMatchObject(refused)
    expect(server.connections).toBe(1)
  })

  it('looks at the peer once more after connecting', async () => {
    const server = await reachable()
    // A guard that misjudges answers, as a stand-in for whatever might resolve differently below Node.
    const guard = {
      refusesUrl: () => undefined,
      refusesAddress: (_host: string, _port: number, address: string) =>
        guard.checks++ > 0 && address === '127.0.0.1' ? 'the peer is no public address' : undefined,
      checks: 0,
    }
    const transport = open({ lookup: answer('127.0.0.1'), guard })
    expect(await factsOf(transport.send(get(`http://api.example:${server.port}/`)))).toMatchObject(refused)
    expect(guard.checks).toBe(2)
    expect(server.heads).toHaveLength(0)
  })

  it('shares no socket between trusted and guarded requests', async () => {
    const server = await reachable()
    const transport = open({ lookup: answer('127.0.0.1') })
    const url = `http://api.example:${server.port}/`
    expect((await transport.send(get(url, { origin: 'builtin' }))).status).toBe(200)
    expect(await factsOf(transport.send(get(url)))).toMatchObject(refused)
    expect((await transport.send(get(`${server.origin}/`, { origin: 'builtin' }))).status).toBe(200)
    expect(await factsOf(transport.send(get(`${server.origin}/`)))).toMatchObject(refused)
    expect(server.heads).toHaveLength(2)
  })

  it('lets allow entries through, for their port only', async () => {
    const [one, two] = [await reachable(), await reachable()]
    const transport = open({ allow: [{ host: 'localhost', port: one.port }], lookup: answer('127.0.0.1') })
    expect((await transport.send(get(`http://localhost:${one.port}/`))).status).toBe(200)
    expect(await factsOf(transport.send(get(`http://localhost:${two.port}/`)))).toMatchObject(refused)
  })
})

describe('names', () => {
  it('use IPv4 when there is no IPv6, and the other family when one does not answer', async () => {
    const server = await reachable()
    const allow = [{ cidr: '127.0.0.0/8' }, { cidr: '::1' }]
    for (const addresses of [['127.0.0.1'], ['::1', '127.0.0.1']]) {
      const transport = open({ allow, lookup: answer(...addresses) })
      expect((await transport.send(get(`http://api.example:${server.port}/`))).status, String(addresses)).toBe(200)
    }
  })

  it('without any address are a network fault', async () => {
    const facts = await factsOf(open({ lookup: answer() }).send(get('http://api.example/')))
    expect(facts).toMatchObject({ kind: 'network', sent: 'none', code: 'ENOTFOUND' })
  })
})
