import { connect, isPatchbayError } from '@patchbay/core'
import { fakeTransport } from '@patchbay/core/testing'
import { expect, test } from 'vitest'
import { generateCatalog } from '../../../tools/catalog/generate.ts'
import { pagerduty } from './generated/pagerduty.ts'
import { listIntegrations, loadIntegration } from './index.ts'

const root = new URL('../../../', import.meta.url).pathname

test('every manifest of the catalog is valid', () => {
  const { issues, invalid } = generateCatalog(root)
  expect(issues).toEqual([])
  expect(invalid).toEqual([])
})

test('the list names them without loading them', () => {
  const entries = listIntegrations()
  expect(entries.map(({ id }) => id)).toEqual(entries.map(({ id }) => id).toSorted())
  expect(entries.find(({ id }) => id === 'pagerduty')).toMatchObject({
    product: 'PagerDuty',
    category: 'it-operations',
    credentials: { key: 'api-key', token: 'bearer' },
    hosts: ['api.pagerduty.com', 'api.eu.pagerduty.com'],
    streams: ['incidents'],
  })
})

test('each is loaded by its id', async () => {
  for (const { id, operations } of listIntegrations()) {
    const integration = await loadIntegration(id)
    expect(integration.declared.id).toBe(id)
    expect(Object.keys(integration.operations)).toEqual(expect.arrayContaining([...operations]))
  }
  expect(await loadIntegration('pagerduty'), 'the same as by its subpath').toBe(pagerduty)
})

test.each(['nobody', 'constructor', '__proto__', '../index', ''])('an id that is none is an error: %j', async (id) => {
  const error = await loadIntegration(id).catch((thrown: unknown) => thrown)
  expect(isPatchbayError(error) && error.code).toBe('unknown-integration')
})

test('an integration works as its types say', async () => {
  const transport = fakeTransport({
    'GET /incidents?statuses%5B%5D=triggered&limit=100': [
      {
        json: {
          incidents: [{ id: 'P1', status: 'triggered', created_at: '2026-01-01T00:00:00Z', title: 'Fire' }],
          more: true,
        },
      },
      { json: { incidents: [{ id: 'P2', status: 'triggered', created_at: '2026-01-01T00:00:01Z' }], more: false } },
    ],
    'POST /incidents': { json: { incident: { id: 'P3', status: 'triggered', created_at: '2026-01-01T00:00:02Z' } } },
  })
  const connection = connect(pagerduty, {
    config: { region: 'eu' },
    credential: pagerduty.credential.key({ key: 'k' }),
    transport,
  })
  const titles: (string | null | undefined)[] = []
  for await (const { title } of connection.incident.list({ statuses: ['triggered'] })) titles.push(title)
  expect(titles).toEqual(['Fire', undefined])
  const made = await connection.incident.create({ from: 'ada@example.com', title: 'Flood', serviceId: 'S1' })
  expect(made.id).toBe('P3')
  const [first, second, third] = transport.requests
  expect(new URL(first?.url ?? '').host).toBe('api.eu.pagerduty.com')
  expect(first?.headers.authorization).toBe('Token token=k')
  expect(new URL(second?.url ?? '').searchParams.get('offset')).toBe('1')
  expect(third?.json()).toEqual({
    incident: { title: 'Flood', type: 'incident', service: { id: 'S1', type: 'service_reference' } },
  })
})
