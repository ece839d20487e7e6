import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkManifest } from './check-manifest.ts'
import { issueText } from './issue.ts'

const fixture = readFileSync(new URL('./fixtures/acme-desk.yaml', import.meta.url), 'utf8')

/** What is changed in the fixture, the text at which the one issue must stand, its code, and its remedy. */
type Variant = readonly [from: string, to: string, at: string, code: string, remedy: RegExp]

const format: readonly Variant[] = [
  ['summary: Tickets, c', 'summry: Tickets, c', 'Tickets, c', 'unknown-key', /^Did you mean "summary"\?$/],
  ['effect: read\n    output', 'effect: reads\n    output', 'reads\n', 'wrong-value', /^Did you mean "read"\?$/],
  ['kind: cursor-body', 'kind: cursor-bdy', 'cursor-bdy', 'wrong-value', /"cursor-body"/],
  ['scheme: api-key', 'scheme: apikey', 'apikey', 'wrong-value', /"api-key"/],
  ['send: { query', 'send: { qury', '"page[after]"', 'unknown-key', /"query"/],
  ['id: acme-desk', 'id: Acme Desk', 'Acme Desk', 'wrong-form', /acme-desk/],
  ['ticket.get:', 'ticketget:', 'ticketget:', 'wrong-name', /another name/],
  ['request: GET /v2/account', 'request: /v2/account', '/v2/account', 'wrong-form', /GET \/incidents/],
  ['format: 1', 'format: 2', '2\nid', 'wrong-value', /^Write 1\.$/],
  ['units: 700', 'units: 0', '0, perMs', 'too-small', /Raise/],
  ['version: 1.2.0', 'version: 1', '1\nconn', 'wrong-type', /quotes/],
  ['check: { operation: account.get }\n', '', 'format: 1', 'check-fits', /account\.get/],
  ['links: { documentation: https://developer.acme.example/desk }\n', '', 'format: 1', 'missing-key', /object/],
  ['date: "2026-11-01"', 'date: Nov 1', 'Nov 1', 'wrong-form', /2026-11-01/],
  ['category: it-operations', 'category: it-ops', 'it-ops', 'wrong-value', /it-operations/],
  ['format: 1\n', 'format: 1\nformat: 1\n', 'format: 1\nid', 'repeated-key', /Keep one/],
  ['id: acme-desk', 'id: !!js/function acme', '!!js', 'syntax', /Correct/],
  ['id: acme-desk', 'id: *nobody', '*nobody', 'syntax', /Correct|Write/],
  ['links: { documentation: https', 'links: { documentation: http', 'http://dev', 'wrong-form', /https/],
]

const closedWorld: readonly Variant[] = [
  ['origin: uploads', 'origin: upload', 'upload\n', 'unknown-reference', /"uploads"/],
  ['pagination: cursor }', 'pagination: cursr }', 'cursr', 'unknown-reference', /"cursor"/],
  [
    'requester: { $ref: "#/schemas/Person" }',
    'requester: { $ref: "#/schemas/Persn" }',
    '"#/schemas/Persn"',
    'unknown-reference',
    /"Person"/,
  ],
  ['settle: { signer: v1 }', 'settle: { signer: v2 }', 'v2 }', 'unknown-reference', /"v1"/],
  [
    'scope: [tickets.read, tickets.write] }',
    'parameters: { tenant: "{acount}" } }',
    '"{acount}" }',
    'unknown-reference',
    /"account"/,
  ],
  ['{account}.us.desk', '{acount}.us.desk', '"https://{acount}', 'unknown-reference', /"account"/],
  [
    'check: { operation: account.get }',
    'check: { operation: acount.get }',
    'acount.get',
    'unknown-reference',
    /"account.get"/,
  ],
  ['input: updatedSince, order', 'input: updatedsince, order', 'updatedsince', 'unknown-reference', /"updatedSince"/],
  ['from: ticket.list', 'from: ticket.lst', 'ticket.lst', 'unknown-reference', /"ticket.list"/],
  ['residency: { eu:', 'residency: { eur:', 'Ireland', 'unknown-reference', /"eu"/],
  ['scopes: [tickets.read]\n', 'scopes: [tickets.raed]\n', 'tickets.raed', 'unknown-reference', /"tickets.read"/],
  ['config:\n', 'config:\n  spare: { type: string }\n', 'spare:', 'unused', /remove/],
  ['schemas:\n', 'schemas:\n  Spare: { type: string }\n', 'Spare:', 'unused', /remove/],
  ['id: server, kind', 'id: cloud, kind', 'cloud, kind', 'repeated-id', /its own id/],
  ['connection: 2', 'connection: 3', '3\nmigr', 'migration-chain', /from: 2/],
  [
    'kind: documentation, ref: https://developer',
    'kind: documentation, ref: see developer',
    'see dev',
    'pinned-source',
    /https/,
  ],
  [
    'kind: documentation, ref',
    'kind: openapi, ref',
    'https://developer.acme.example/desk/reference',
    'pinned-source',
    /sha256/,
  ],
  [
    'https://uploads.desk.acme.example',
    'https://uploads.acme.test',
    'https://uploads.acme.test',
    'host-not-listed',
    /"uploads\.acme\.test"/,
  ],
  [
    'tokenEndpoint: "https://{account}.eu.desk.acme.example',
    'tokenEndpoint: "https://login.acme.test',
    '"https://login',
    'host-not-listed',
    /login\.acme\.test/,
  ],
  ['https://uploads.desk', 'http://uploads.desk', 'http://uploads', 'not-encrypted', /https/],
  [', pattern: "^[a-z0-9-]+$"', '', 'account:', 'loose-host-variable', /pattern/],
  [
    'key: { type: string, title: Key, writeOnly: true }',
    'key: { type: string, title: Key }',
    'key: { type',
    'credential-field',
    /writeOnly/,
  ],
  [
    'help: { link: https://help.acme.example/tokens }\n    settle',
    'fields: { keyy: { x-help: In the settings. } }\n    settle',
    'keyy:',
    'credential-field',
    /"key"/,
  ],
  ['x-acme-key: k1', 'x-acme-key: k2', 'k2', 'signer-vector', /vector/],
  ['accept: application/json', 'authorization: Bearer x', 'Bearer x', 'secret-literal', /credential/],
  ['ticket.channel: api', 'ticket.channel: sk_live_1234567890abcdefABCDEF', 'sk_live', 'secret-literal', /revoked/],
  ['source: https://developer.acme.example/desk/limits', 'source: docs', 'docs', 'limits-cited', /https link/],
  ['summary: The account itself.', 'summary: The account itself.\n    cost: 900', '900', 'cost-fits', /Lower/],
  [
    'effect: idempotent\n    input:\n      id: { in: path, type: integer }\n      status',
    'effect: read\n    input:\n      id: { in: path, type: integer }\n      status',
    'read\n    input:\n      id: { in: path, type: integer }\n      status',
    'effect-fits',
    /note/,
  ],
  ['    risk: destructive\n', '', 'ticket.delete:', 'delete-risk', /risk: destructive/],
  ['as: "filter[status]"', 'as: updated_since', 'status: { in: query', 'input-place', /another/],
  ['sort: { in: query, enum', 'sort: { in: body, enum', 'body, enum', 'body-kind', /query/],
  [
    'list: { items: tickets, schema',
    'output: { as: text }\n    list: { items: tickets, schema',
    'output: { as: text }',
    'list-fits',
    /Remove/,
  ],
  ['output: { as: nothing }', 'output: { as: nothing, from: x }', 'output: { as: nothing', 'one-protocol', /Remove/],
  ['minimum: 1, maximum: 4 }\n      requester', 'minimum: 5, maximum: 4 }\n      requester', '5, max', 'schema', /wap/],
  ['pattern: "^[a-z0-9-]+$"', 'pattern: "^([a-z]+)+$"', '"^([a-z]+)+$"', 'schema', /group/],
  ['"error.code == \'busy\'"', '"error.code == = \'busy\'"', '"error.code == =', 'expression', /./],
  ['field: updated_at', 'field: updatedAt', 'updatedAt', 'stream-fits', /"updated_at"/],
  ['lagMs: 60000', "template: 'at > time'", "'at > time'", 'wrong-form', /\{time\}/],
  ['input: { sort: updated_at }', 'input: { sort: updated }', 'updated }', 'sample-fits', /Change/],
  ['records: { ticket.list: 250 }', 'inputs: { ticket.get: [{}] }', '{}] }', 'sample-fits', /required/],
  [
    'check: { operation: account.get }',
    'check: { operation: ticket.get }',
    'ticket.get }',
    'check-fits',
    /check\.input/,
  ],
  ['X-Acme-Signature: 9', 'X-Acme-Signature: 8', 'secret: not', 'webhook-vector', /Correct/],
  [
    'algorithm: sha256\n      signed',
    'algorithm: sha257\n      signed',
    'scheme:\n      kind',
    'webhook-vector',
    /Correct/,
  ],
  [
    '    type: { body: type }',
    '    preset: github\n    type: { body: type }',
    'events:\n    scheme',
    'webhook-verified',
    /signs/,
  ],
]

const mappings: readonly Variant[] = [
  ['model: ticket', 'model: tickets', 'tickets\n    from', 'mapping', /"ticket"/],
  ['solved: resolved }', 'solved: done }', 'done }', 'mapping', /./],
]

const place = (text: string, at: string): readonly [number, number] => {
  const offset = text.indexOf(at)
  if (offset < 0) throw new Error(`${at} does not stand in the text`)
  const before = text.slice(0, offset).split('\n')
  return [before.length, (before.at(-1) ?? '').length + 1]
}

test('the fixture is valid', async () => {
  const { issues, valid } = await checkManifest(fixture)
  expect(issues.map(issueText)).toEqual([])
  expect(valid).toBe(true)
})

test('a field of the configuration has a name that the engine does not use', async () => {
  const { issues } = await checkManifest(fixture.replace('\nconfig:\n', '\nconfig:\n  region: { type: string }\n'))
  expect(issues.map(({ code }) => code)).toContain('reserved-config-name')
})

test.each([...format, ...closedWorld, ...mappings])('%s -> %s is one issue', async (from, to, at, code, remedy) => {
  expect(fixture.split(from).length, 'the text to change stands in the fixture').toBeGreaterThan(1)
  const changed = fixture.replace(from, to)
  const { issues } = await checkManifest(changed, { file: 'desk.yaml' })
  expect(
    issues.map((issue) => `${issue.line}:${issue.column} ${issue.code}`),
    issues.map(issueText).join('\n'),
  ).toEqual([`${place(changed, at).join(':')} ${code}`])
  expect(issues[0]?.remedy).toMatch(remedy)
  expect(issues[0]?.file).toBe('desk.yaml')
})
