import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.ts'
import { Fault } from '../errors.ts'
import type { FaultTarget } from '../testing/faults/fault-case.ts'
import { judge, outcomeOf } from '../testing/faults/judge.ts'
import { faults } from '../testing/faults/list.ts'
import { faultServer } from '../testing/faults/server/fault-server.ts'
import { leakCheck } from '../testing/leaks/leak-check.ts'
import type { HttpRequest, HttpResponse, Transport } from './transport.ts'
import { undiciTransport } from './undici-transport.ts'

// Loaded beforehand, so that no fault's short deadline pays for it.
await import('undici')
const server = await faultServer({ stepMs: 10 })
beforeEach(() => server.ledger.clear())
afterAll(() => server.close())

const secret = 'top-secret-value'
let transport: Transport | undefined
afterEach(() => transport?.close())

function open(target: FaultTarget): Transport {
  transport = undiciTransport({
    clock: systemClock,
    allow: [{ cidr: '127.0.0.0/8' }],
    lookup: target.lookup,
    tls: target.ca === undefined ? undefined : { ca: target.ca },
  })
  return transport
}

/** What the call path does around the transport: a deadline, and the free retry. */
async function call(target: FaultTarget, method: string, repeatable: boolean): Promise<HttpResponse> {
  const request = (freshSocket: boolean): HttpRequest => ({
    method,
    url: target.url,
    headers: { 'x-api-key': secret, authorization: `Bearer ${secret}` },
    body: method === 'POST' ? '{"name":"Patchbay"}' : undefined,
    deadlineAt: systemClock.monotonic() + target.timeoutMs,
    limits: { connectMs: target.connectMs, maxBodyBytes: target.maxBodyBytes },
    redirectTo: target.redirectTo,
    credentialMarks: { headers: ['x-api-key'], query: [] },
    freshSocket,
  })
  const used = transport as Transport
  try {
    return await used.send(request(false))
  } catch (error) {
    if (!(error instanceof Fault) || error.facts.freeRetry !== 'stale-socket') throw error
    if (!repeatable) throw new Fault({ ...error.facts, retry: 'never' })
    return await used.send(request(true))
  }
}

const transportFaults = faults.filter((fault) => fault.layer === 'transport')

describe.each([
  ['http', false],
  ['https', true],
] as const)('every wire fault over %s', (_, tls) => {
  // The second origin speaks plain http, to which https must not be redirected.
  const played = transportFaults.filter(
    ({ listening, host, client }) =>
      !tls || (listening === undefined && host === undefined && client?.allowsOtherOrigin !== true),
  )
  // A busy machine may delay a timer by more than the 50 ms that the judge grants: such a run is repeated.
  it.each(played)('$id: $title', { retry: 2 }, async (fault) => {
    const target = await server.target(fault, { tls })
    open(target)
    const outcome = await outcomeOf(target, () => call(target, 'GET', true))
    expect(await judge(target, outcome, server, { secrets: [secret] })).toEqual([])
    if (outcome.error !== undefined) expect(String(outcome.error)).not.toContain(secret)
  })
})

describe('a write that must not be sent twice', () => {
  it.each(['stale-keep-alive'])('%s', async (id) => {
    const target = await server.target(id)
    open(target)
    const outcome = await outcomeOf(target, () => call(target, 'POST', false))
    expect(await judge(target, outcome, server, { repeatable: false })).toEqual([
      // It was given up after the second request, as it must be.
      'stale-keep-alive: expected at least 3 requests, got 2',
    ])
  })
})

it('leaves nothing behind after all of them', async () => {
  const targets = await Promise.all(transportFaults.map((fault) => server.target(fault)))
  const leaks = leakCheck({ withinMs: 1000 })
  for (const target of targets) {
    open(target)
    await outcomeOf(target, () => call(target, 'GET', true))
    await transport?.close()
  }
  await leaks.verify()
})
