import { request } from 'node:http'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { Fault, patchbayError } from '../../errors.ts'
import { expectationOf, judge, outcomeOf } from './judge.ts'
import { faultById, faults } from './list.ts'
import { faultServer } from './server/fault-server.ts'

const server = await faultServer({ stepMs: 5 })
beforeEach(() => server.ledger.clear())
afterAll(() => server.close())

describe('judge', () => {
  it('accepts what conforms, as a PatchbayError or as a Fault', async () => {
    const target = await server.target('unavailable-retry-after')
    const facts = { kind: 'unavailable', retryAfterMs: 1000 } as const
    expect(await judge(target, { error: new Fault(facts), tookMs: 5 }, server)).toEqual([])
    expect(await judge(target, { error: patchbayError(facts), tookMs: 5 }, server)).toEqual([])
  })

  it('names each thing that is wrong', async () => {
    const target = await server.target('silence')
    const error = new Fault({ kind: 'network', retry: 'never', sent: 'all' })
    expect(await judge(target, { error, tookMs: 900 }, server)).toEqual([
      'silence: expected kind timeout, got network: network',
      'silence: expected retry later, got never',
      'silence: expected sent maybe, got all',
      'silence: took 900 ms with a deadline of 250 ms',
    ])
  })

  it('refuses success, untyped errors and errors where success is due', async () => {
    const cut = await server.target('json-cut')
    expect(await judge(cut, {}, server)).toEqual(['json-cut: expected a protocol error, got success'])
    expect((await judge(cut, { error: new SyntaxError('cut') }, server))[0]).toContain('the untyped SyntaxError: cut')
    const slow = await server.target('latency-fixed')
    expect(await judge(slow, { error: new Fault({ kind: 'timeout' }) }, server)).toEqual([
      'latency-fixed: expected success, got Fault: timeout',
    ])
  })

  it('checks codes, waits and what the message names', async () => {
    const expired = await server.target('tls-expired')
    const untrusted = { kind: 'network', retry: 'never', sent: 'none' } as const
    expect(await judge(expired, { error: new Fault(untrusted) }, server)).toEqual([
      'tls-expired: expected code CERT_HAS_EXPIRED, got undefined',
    ])
    const limited = (retryAfterMs?: number) => ({ error: new Fault({ kind: 'rate-limited', retryAfterMs }) })
    const date = await server.target('throttled-date')
    expect(await judge(date, limited(2500), server)).toEqual([])
    expect(await judge(date, limited(60_000), server)).toEqual([
      'throttled-date: expected retryAfterMs 1000,3000, got 60000',
    ])
    const wrong = await server.target('throttled-wrong')
    expect(await judge(wrong, limited(), server)).toEqual([])
    expect(await judge(wrong, limited(Number.NaN), server)).toHaveLength(1)
    const drift = await server.target('schema-drift-field-gone')
    const issue = { path: 'name', message: 'is missing' }
    expect(await judge(drift, { error: new Fault({ kind: 'protocol', issues: [issue] }) }, server)).toEqual([])
    expect(await judge(drift, { error: new Fault({ kind: 'protocol', message: 'bad' }) }, server)).toHaveLength(1)
  })

  it('catches a client that follows everything and keeps its socket', async () => {
    const loop = await server.target('redirect-loop')
    for (let count = 0; count < 7; count++) await fetch(loop.url, { redirect: 'manual' })
    const refused = { error: new Fault({ kind: 'protocol', sent: 'all' }) }
    expect(await judge(loop, refused, server)).toEqual(['redirect-loop: expected at most 6 requests, got 7'])

    const away = await server.target('redirect-cross-origin')
    await fetch(away.url, { headers: { 'x-api-key': 'top-secret' } })
    expect(await judge(away, refused, server, { secrets: ['top-secret'] })).toEqual([
      'redirect-cross-origin: bytes were sent to the second origin',
      'redirect-cross-origin: the second origin received a credential',
    ])

    const silent = await server.target('silence')
    const hanging = request(silent.url).on('error', () => undefined)
    hanging.end()
    while (server.ledger.requests.at(-1)?.fault !== 'silence') await new Promise((resolve) => setImmediate(resolve))
    const late = { error: new Fault({ kind: 'timeout', sent: 'maybe' }) }
    expect(await judge(silent, late, server)).toEqual(['silence: the socket is still open'])
    hanging.destroy()
    expect(await judge(silent, late, server)).toEqual([])
  })

  it('demands that a stale connection was met and left', async () => {
    const stale = await server.target('stale-keep-alive')
    expect(await judge(stale, {}, server)).toEqual(['stale-keep-alive: expected at least 3 requests, got 0'])
  })
})

describe('expectationOf', () => {
  it('turns later into never for a write, unless nothing was sent', () => {
    expect(expectationOf(faultById('silence'), false)).toMatchObject({ kind: 'timeout', retry: 'never' })
    expect(expectationOf(faultById('dns-nxdomain'), false)).toMatchObject({ retry: 'later', sent: 'none' })
    expect(expectationOf(faultById('stale-keep-alive'), false)).toMatchObject({ kind: 'network', retry: 'never' })
    expect(expectationOf(faultById('throttled-seconds'), false)).not.toHaveProperty('retry')
    for (const fault of faults) expect(expectationOf(fault, true)).toBe(fault.expected)
  })
})

describe('outcomeOf', () => {
  it('warms up where the fault needs it', async () => {
    let calls = 0
    const call = async () => {
      calls++
    }
    await outcomeOf(await server.target('stale-keep-alive'), call)
    expect(calls).toBe(2)
    const failing = () => Promise.reject(undefined)
    expect((await outcomeOf(await server.target('silence'), failing)).error).toBeInstanceOf(Error)
  })
})
