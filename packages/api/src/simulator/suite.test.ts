import { readFileSync } from 'node:fs'
import type { HttpRequest, Transport } from '@patchbay/core'
import { describe, expect, test } from 'vitest'
import { readManifest } from '../manifest/index.ts'
import type { IntegrationManifest } from '../manifest/manifest.ts'
import { credentialChecks } from './checks/credential-checks.ts'
import { manyCredentials, manyPages } from './fixtures/many-ways.ts'
import { testIntegration } from './index.ts'

const read = (text: string): IntegrationManifest => {
  const { manifest } = readManifest(text)
  if (manifest === undefined) throw new Error('the fixture is no manifest')
  return manifest
}
const text = readFileSync(new URL('../manifest/fixtures/acme-desk.yaml', import.meta.url), 'utf8')
const desk = read(text)

const failures = async (manifest: IntegrationManifest, options: Parameters<typeof testIntegration>[1] = {}) => {
  const { failed } = await testIntegration(manifest, options)
  return failed.map(({ check, message }) => `${check}: ${message}`)
}

test('a good integration holds', async () => {
  const report = await testIntegration(desk)
  expect(report.failed).toEqual([])
  expect(
    new Set(
      report.results.flatMap(({ fault, outcome }) => (outcome === 'passed' && fault !== undefined ? [fault] : [])),
    ).size,
  ).toBe(12)
})

test('lists in every kind of pages hold under every fault', async () => {
  expect(await failures(manyPages)).toEqual([])
})

test('every credential opens, hides and renews', async () => {
  expect(await failures(manyCredentials, { faults: [] })).toEqual([])
})

test('another seed makes another vendor, and the same one the same', async () => {
  const times = await Promise.all([1, 1, 2].map((seed) => testIntegration(desk, { seed, faults: ['page-shift'] })))
  expect(times.map(({ failed }) => failed)).toEqual([[], [], []])
})

describe('a request that somebody changed on its way is refused with', () => {
  const tampered = (transport: Transport): Transport => ({
    ...transport,
    send: (request: HttpRequest) => {
      const headers = Object.fromEntries(
        Object.entries(request.headers ?? {}).map(([name, value]) => [
          name,
          /^(authorization|signature|x-key|x-session|x-signature)$/.test(name)
            ? [value]
                .flat()
                .join(', ')
                .replace(/[A-Za-z0-9](?=[A-Za-z0-9+/]{5})/, (letter) => (letter === 'A' ? 'B' : 'A'))
            : value,
        ]),
      )
      return transport.send({
        ...request,
        headers: headers as never,
        url: request.url.replace(/([?&]key=[^&]*)[^&]/, '$1!'),
      })
    },
  })
  // Nobody checks the certificate in this process; the last bits of the base64 of basic may say nothing.
  const ids = manyCredentials.credentials.map(({ id }) => id).filter((id) => !['certificate'].includes(id))
  test.each(ids)('%s', async (id) => {
    const check = credentialChecks(manyCredentials).find(({ name }) => name === `the credential ${id} opens the vendor`)
    await expect(check?.run({ manifest: manyCredentials, seed: 1, between: tampered })).rejects.toThrow(
      `credentials ${id}`,
    )
  })
})

/** What the vendor is, and a manifest that is wrong about it: exactly the checks of that part fail. */
describe('a mistake in the manifest fails', () => {
  const wrong: readonly (readonly [string, string, string, RegExp])[] = [
    ['the route', 'request: GET /v2/tickets/{id}', 'request: GET /v2/ticket/{id}', /^ticket\.get arrives/],
    ['an input', 'as: updated_since', 'as: updatedSince', /^ticket\.list|^the stream tickets/],
    [
      'the place of an input',
      'subject: { in: body, as: ticket.subject',
      'subject: { in: query, as: ticket.subject',
      /^ticket\.create/,
    ],
    ['the items', 'list: { items: tickets', 'list: { items: entries', /^ticket\.list|^the stream tickets/],
    [
      'the position',
      'path: meta.after, send: { query: "page[after]" }',
      'path: meta.after, send: { query: "page[behind]" }',
      /^ticket\.list|^the stream tickets/,
    ],
    ['the prefix of the key', 'prefix: "Token token="', 'prefix: "Token "', /./],
    ['the identity of the stream', '    id: id\n\nwebhooks', '    id: requester.id\n\nwebhooks', /^the stream tickets/],
    [
      'the effect',
      'request: POST /v2/tickets\n    effect: write\n    idempotencyHeader: Idempotency-Key',
      'request: POST /v2/tickets\n    effect: idempotent',
      /^ticket\.create takes effect once/,
    ],
    ['the risk', 'risk: destructive', 'risk: normal', /^ticket\.delete is refused without/],
    ['the budget', 'units: 700', 'units: 70000', /^the budget account/],
    ['the type of the webhook', 'type: { body: type }', 'type: { body: kind }', /^the webhook events/],
    [
      'the rule of ends',
      '{ when: { status: 403, body: "error.code == \'token_expired\'" }, kind: credential, expired: true }',
      '{ when: { status: 403 }, kind: permission }',
      /the credential app is renewed once|the credential ends/,
    ],
  ]
  test.each(wrong)('%s', async (_, right, mistake, expected) => {
    expect(text).toContain(right)
    const tested = read(text.replace(right, mistake))
    const failed = await failures(desk, { subject: { tested } })
    expect(failed.length).toBeGreaterThan(0)
    for (const one of failed) expect(one).toMatch(expected)
  })
})

test('what the simulator cannot know, it says', async () => {
  const computed = read(
    text.replace(
      'list: { items: tickets, schema: Ticket',
      'list: { items: tickets, each: "merge(@, {subject: join(\' \', [subject, status])})", schema: Ticket',
    ),
  )
  expect((await failures(computed, { faults: [] })).join('\n')).toContain('operations["ticket.list"].list.wire')
})
