import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../time/fake-clock.ts'
import { fakeDns } from './fake-dns.ts'

type Ask = (hostname: string, options: object | number | null) => Promise<unknown>
const asking = (dns: ReturnType<typeof fakeDns>): Ask => promisify(dns.lookup as never) as Ask

describe('fakeDns', () => {
  it('answers in the forms of dns.lookup', async () => {
    const ask = asking(fakeDns({ 'api.test': { addresses: ['::1', '127.0.0.1'] } }))
    expect(await ask('API.test.', { all: true })).toEqual([
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ])
    expect(await ask('api.test', {})).toBe('::1')
    expect(await ask('api.test', 4)).toBe('127.0.0.1')
    expect(await ask('api.test', { family: 'IPv6' })).toBe('::1')
    expect(await ask('10.0.0.1', { all: true })).toEqual([{ address: '10.0.0.1', family: 4 }])
  })

  it('fails as the system does', async () => {
    const ask = asking(fakeDns({ 'down.test': { fails: 'SERVFAIL' }, 'four.test': { addresses: ['127.0.0.1'] } }))
    await expect(ask('unknown.test', {})).rejects.toMatchObject({ code: 'ENOTFOUND', hostname: 'unknown.test' })
    await expect(ask('down.test', {})).rejects.toMatchObject({ code: 'EAI_AGAIN', syscall: 'getaddrinfo' })
    await expect(ask('four.test', { family: 6, all: true })).rejects.toMatchObject({ code: 'ENOTFOUND' })
    expect(await ask('four.test', { all: true })).toEqual([{ address: '127.0.0.1', family: 4 }])
  })

  it('rebinds and flaps from question to question, and notes each', async () => {
    const dns = fakeDns({
      'rebind.test': { sequence: [{ addresses: ['93.184.216.34'] }, { addresses: ['169.254.169.254'] }] },
      'flap.test': { cycle: [{ fails: 'SERVFAIL' }, { addresses: ['127.0.0.1'] }] },
    })
    const ask = asking(dns)
    expect([await ask('rebind.test', {}), await ask('rebind.test', {}), await ask('rebind.test', {})]).toEqual([
      '93.184.216.34',
      '169.254.169.254',
      '169.254.169.254',
    ])
    const flaps = await Promise.allSettled(Array.from({ length: 4 }, () => ask('flap.test', {})))
    expect(flaps.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
    expect(dns.queries).toHaveLength(7)
    dns.set('flap.test', { addresses: ['127.0.0.2'] })
    expect(await ask('flap.test', {})).toBe('127.0.0.2')
  })

  it('is slow by its clock, and gives up when closed', async () => {
    const clock = fakeClock()
    const dns = fakeDns({ 'slow.test': { addresses: ['127.0.0.1'], afterMs: 5000 } }, clock)
    let answered = ''
    dns.lookup('slow.test', {}, (_, address) => {
      answered = String(address)
    })
    await clock.advance(4999)
    expect(answered).toBe('')
    await clock.advance(1)
    expect(answered).toBe('127.0.0.1')
    dns.lookup('slow.test', {}, () => expect.unreachable())
    dns.close()
    expect(clock.pending.timers).toBe(0)
  })

  it('leads a real socket to where it says', async () => {
    const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { lookup } = fakeDns({ 'vendor.test': { addresses: ['127.0.0.1'] } })
    const socket = connect({ host: 'vendor.test', port: (server.address() as AddressInfo).port, lookup })
    await once(socket, 'connect')
    expect(socket.remoteAddress).toBe('127.0.0.1')
    socket.destroy()
    server.close()
  })
})
