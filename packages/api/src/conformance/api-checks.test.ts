import { type Connection, connect } from '@patchbay/core'
import { connectorChecks, runChecks } from '@patchbay/core/conformance'
import { bearer } from '@patchbay/core/credentials'
import { leakCheck } from '@patchbay/core/testing'
import { describe, expect, it } from 'vitest'
import { rest } from '../connectors/rest/index.ts'
import { brokenApis } from './fixtures/broken-apis.ts'
import { type APISubject, apiChecks, memoryAPI, memorySubject, memoryVendor } from './index.ts'

const passed = apiChecks.map(({ name }) => ({ check: name, outcome: 'passed' }))

describe('the checks of API connectors', () => {
  it('all hold for the memory connector, and leave nothing behind', async () => {
    const leaks = leakCheck({ withinMs: 2000 })
    expect(await runChecks(apiChecks, { open: memorySubject })).toEqual(passed)
    await leaks.verify()
  })

  it('have a broken connector each', () => {
    expect(Object.keys(brokenApis)).toEqual(apiChecks.map(({ name }) => name))
  })

  it.each(Object.entries(brokenApis))(
    '%s: fails on a connector that is broken there',
    async (name, { subject, alsoFails = [] }) => {
      const results = await runChecks(apiChecks, { open: () => subject })
      const failed = results.flatMap((result) => (result.outcome === 'failed' ? [result.check] : []))
      expect(failed).toEqual(
        passed.map(({ check }) => check).filter((check) => check === name || alsoFails.includes(check)),
      )
    },
  )
})

it('the memory vendor is a test double', async () => {
  const vendor = memoryVendor()
  const connection = connect(memoryAPI, {
    config: { url: 'https://memory.example' },
    credential: bearer({ token: 'any' }),
    transport: vendor.transport,
  })
  for (const text of ['a', 'b', 'c']) await connection.note.add({ text })
  expect(await connection.note.list().take(10)).toHaveLength(3)
  expect(connection.$connector.manifest.id).toBe('api/memory')
  await connection.$close()
})

describe('the REST connector', () => {
  const secret = 'rest-conformance-secret'
  const record = { id: 7, name: 'Seven' }
  const subject = (): APISubject => ({
    connector: rest,
    config: (url) => ({ url: `${url}/v1` }),
    credential: bearer({ token: secret }),
    secrets: [secret],
    calls: (['get', 'create', 'createOnce', 'update', 'replace', 'delete'] as const).map((verb) => ({
      name: `resource.${verb}`,
      answer: () => ({ json: record }),
      run: (connection, options) => {
        const more = { ...options, approval: { by: 'test', reason: 'conformance' } }
        const input = verb === 'get' || verb === 'delete' ? { path: '/items/7' } : { path: '/items/7', json: record }
        const verbs = (connection as unknown as Connection<typeof rest>).resource as unknown as Readonly<
          Record<string, (given: object, options: object) => Promise<unknown>>
        >
        return (verbs[verb] as (typeof verbs)[string])(input, more)
      },
    })),
    lists: [
      {
        name: 'resource.list',
        pages: 2,
        records: 4,
        answer: ({ query }) =>
          query.get('page') === '2'
            ? { json: [{ id: 3 }, { id: 4 }] }
            : { json: [{ id: 1 }, { id: 2 }], headers: { link: '</v1/items?page=2>; rel="next"' } },
        run: (connection, options) =>
          (connection as unknown as Connection<typeof rest>).resource.list({ path: '/items' }, options),
      },
    ],
  })

  it('passes', async () => {
    expect(await runChecks(apiChecks, { open: subject })).toEqual(passed)
  })

  it('passes those of core', async () => {
    const approval = { by: 'test', reason: 'conformance' }
    const sample = (input: object) => ({ input, reply: { json: record }, options: { approval } })
    const any = sample({ path: '/items/7', schema: undefined })
    const operations = Object.fromEntries(
      Object.keys(rest.operations).map((name) => [
        name,
        name.endsWith('.list') ? { input: { path: '/items' }, reply: { json: [record] } } : any,
      ]),
    )
    const open = () => ({
      connector: rest,
      config: { url: 'https://vendor.example' },
      wrongConfigs: [{ config: { url: 'nowhere' }, path: 'url' }],
      credential: bearer({ token: secret }),
      secrets: [secret],
      operations,
      failures: [{ operation: 'resource.get', reply: { status: 404, json: {} }, kind: 'not-found' as const }],
    })
    // Without a schema any JSON is right: what the answer must look like is said per call.
    const skips = {
      'an answer of another shape is a protocol error and no success': 'the caller says what it looks like',
    }
    const results = await runChecks(connectorChecks, { open, skips })
    expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([])
  })
})
