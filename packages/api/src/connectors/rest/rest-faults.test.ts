import { type CredentialSource, connect, systemClock } from '@patchbay/core'
import { undiciTransport } from '@patchbay/core/http'
import { type FaultTarget, faultServer, faults, judge, leakCheck, outcomeOf } from '@patchbay/core/testing'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { rest } from './index.ts'

const server = await faultServer({ stepMs: 10 })
beforeEach(() => server.ledger.clear())
afterAll(() => server.close())

const secret = 'rest-fault-secret-value'
const renewed = 'rest-renewed-secret-value'
const record = z.object({ id: z.string(), name: z.string(), count: z.number() })

function credentialOf(target: FaultTarget): CredentialSource {
  let value = secret
  return {
    scheme: 'bearer',
    open: () => ({
      scheme: 'bearer',
      marks: { headers: ['x-api-key'], query: [] },
      apply: (request) => {
        request.headers['x-api-key'] = value
      },
      refresh: async () => {
        if (target.fault.client?.refreshes !== true) return undefined
        value = renewed
        return 'credential-refreshed'
      },
    }),
  }
}

async function play(target: FaultTarget) {
  const { url, lookup, ca, timeoutMs, connectMs, maxBodyBytes, redirectTo } = target
  const { origin, pathname, search } = new URL(url)
  const transport = undiciTransport({
    clock: systemClock,
    allow: [{ cidr: '127.0.0.0/8' }],
    lookup,
    tls: ca === undefined ? undefined : { ca },
  })
  const connection = connect(rest, {
    config: {
      url: origin,
      limits: {
        ...(connectMs === undefined ? {} : { connectMs }),
        ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
      },
      hosts: [...(redirectTo ?? [])],
    },
    credential: credentialOf(target),
    transport,
    policies: { retry: { attempts: 1 }, breaker: false, attemptTimeout: false, deadline: { timeoutMs } },
  })
  const outcome = await outcomeOf(target, () =>
    connection.resource.get({ link: `${pathname}${search}`, schema: record }),
  )
  await connection.$close()
  await transport.close()
  return outcome
}

const played = faults.filter(({ id, layer }) => layer !== 'paging' && !/^(?:soap|graphql)-/.test(id))

describe('resource.get', () => {
  // The judge measures real time; what is late because the machine was busy elsewhere is on time at one of three tries.
  it.each(played)('$id: $title', { retry: 2 }, async (fault) => {
    const target = await server.target(fault)
    const outcome = await play(target)
    expect(await judge(target, outcome, server, { secrets: [secret, renewed] })).toEqual([])
  })

  it('leaves no socket, timer or listener behind', async () => {
    const leaks = leakCheck({ withinMs: 1000 })
    for (const fault of played.filter(({ group }) => group !== 'tls')) await play(await server.target(fault))
    await leaks.verify()
  })
})
