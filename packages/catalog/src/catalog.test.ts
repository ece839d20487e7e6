import { readFileSync } from 'node:fs'
import { connect, isPatchbayError } from '@patchbay/core'
import { fakeTransport } from '@patchbay/core/testing'
import { describe, expect, test } from 'vitest'
import { generateCatalog } from '../../../tools/catalog/generate.ts'
import { pagerduty } from './generated/pagerduty.ts'
import { listIntegrations, loadIntegration, loadManifest } from './index.ts'

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
    credentials: expect.objectContaining({ key: 'api-key', token: 'bearer' }),
    hosts: expect.arrayContaining(['api.pagerduty.com', 'api.eu.pagerduty.com']),
    streams: expect.arrayContaining(['incidents']),
  })
})

/** Products whose API offers less than eight operations or nothing to read incrementally, and why. */
const smaller: Readonly<Record<string, string>> = {
  conjur: 'holds secrets, which nobody reads as a stream',
  'onepassword-connect': 'holds secrets, which nobody reads as a stream',
  'onepassword-events': 'is three feeds and who may read them',
}

test('at least thirty integrations are whole', () => {
  expect(listIntegrations().filter(({ id }) => !Object.hasOwn(smaller, id)).length).toBeGreaterThanOrEqual(30)
})

test.each(listIntegrations().map((entry) => [entry.id, entry] as const))('%s loads and is whole', async (id, entry) => {
  const integration = await loadIntegration(id)
  expect(integration.declared.id).toBe(id)
  expect(Object.keys(integration.operations)).toEqual(expect.arrayContaining([...entry.operations]))
  const whole = entry.operations.length >= 8 && Object.keys(integration.streams).length >= 1
  expect(whole).toBe(!Object.hasOwn(smaller, id))
  for (const alias of entry.aliases) expect(await loadIntegration(alias), alias).toBe(integration)
})

test('by id and by subpath it is the same', async () => {
  expect(await loadIntegration('pagerduty')).toBe(pagerduty)
})

test('no two integrations share an id or an alias', () => {
  const names = listIntegrations().flatMap(({ id, aliases }) => [id, ...aliases])
  expect(names.filter((one, index) => names.indexOf(one) !== index)).toEqual([])
})

describe('a manifest that is not part of the catalog', () => {
  const file = 'integrations/it-operations/pagerduty.yaml'
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')

  test('becomes an integration', async () => {
    const integration = await loadManifest(text.replace('id: pagerduty', 'id: acme-pager'))
    expect(integration.declared.id).toBe('acme-pager')
    expect(Object.keys(integration.operations)).toContain('incident.list')
  })

  test.each([
    ['of another format', text.replace(/^summary:/m, 'summry:'), /summry/],
    ['whose parts do not fit', text.replace(/^(check:.*operation: )\S+?( .*)$/m, '$1nothing.get$2'), /nothing\.get/],
    ['that is no YAML', '{', /line/],
    ['that reaches other hosts', text.replace('https://api.pagerduty.com', 'https://pager.example'), /hosts/],
  ])('%s is refused, with its place', async (_, bad, message) => {
    expect(bad).not.toBe(text)
    const error = await loadManifest(bad, { file }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ kind: 'config', code: 'manifest-invalid' })
    expect(String(error)).toContain(file)
    expect(JSON.stringify((error as { issues: unknown }).issues)).toMatch(message)
    expect(JSON.stringify((error as { issues: unknown }).issues)).toMatch(/line \d+/)
  })
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
