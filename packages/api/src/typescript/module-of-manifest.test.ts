import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type IntegrationManifest, readManifest } from '../manifest/index.ts'
import { javascriptModule, typescriptModule, valueNameOf } from './index.ts'

const text = readFileSync(new URL('../manifest/fixtures/acme-desk.yaml', import.meta.url), 'utf8')
const { manifest } = readManifest(text)
if (manifest === undefined) throw new Error('the fixture is not valid')
const desk: IntegrationManifest = manifest

/** Names that meet those of the language and of the module, and texts that would end comments and literals. */
const awkward: IntegrationManifest = {
  ...desk,
  id: 'new',
  product: '*/ export const hacked = 1 /*',
  summary: "It's `$" + '{1}` */ alert(1) /* \u2028 \\',
  schemas: {
    Integration: { type: 'object', properties: { type: { const: "it's" } }, description: '*/ throw 1 /*' },
    TicketGetGiven: { type: 'object', properties: { 'a-b': { type: 'string' } } },
    NewConfig: { enum: ['a', 'b'] },
  },
  operations: {
    'delete.class': {
      summary: 'x */ y',
      request: 'GET /x',
      effect: 'read',
      output: { schema: 'Integration', headers: { etag: 'ETag' } },
    },
    'ticket.get': { summary: 'x', request: 'GET /x', effect: 'read', output: { schema: 'TicketGetGiven' } },
    'maybe.get': {
      summary: 'x',
      request: 'GET /z',
      effect: 'read',
      output: { schema: { type: ['object', 'null'], properties: { a: { type: 'string' } } } },
    },
    'bytes.get': {
      summary: 'x',
      request: 'GET /y',
      effect: 'read',
      output: { as: 'bytes' },
      input: { a: { in: 'query', $ref: '#/schemas/NewConfig' } },
    },
  },
  streams: {},
  webhooks: {},
  mappings: {},
}

const use = (from: string): string => `
import { connect, isPatchbayError } from '@patchbay/core'
import { type AcmeDeskTypes, acmeDesk, type Ticket } from './${from}.js'

const connection = connect(acmeDesk, {
  config: { deployment: 'cloud', region: 'eu', account: 'acme' },
  credential: acmeDesk.credential.token({ key: 'k' }),
})
export async function typed(): Promise<void> {
  const ticket = await connection.ticket.get({ id: 7 })
  const subject: string = ticket.subject
  const status: 'new' | 'open' | (string & {}) | null | undefined = ticket.status
  for await (const one of connection.ticket.list({ status: ['open'], updatedSince: '2026-01-01T00:00:00Z' })) {
    const id: number = one.id
    console.log(id)
  }
  await connection.ticket.list()
  const account = await connection.account.get()
  const name: string | null | undefined = account.name
  const created: Ticket = await connection.ticket.create({ subject: 's', text: 't', priority: 4 })
  await connection.ticket.delete({ id: 7 }, { approval: { by: 'ada', reason: 'asked for' } })
  const event = acmeDesk.webhooks.events.event({ headers: {}, json: () => ({}) })
  if (event?.type === 'ticket.created') console.log(event.data.ticket?.subject)
  const stream: { readonly name: string } = acmeDesk.streams.tickets
  console.log(subject, status, name, created, stream, isPatchbayError)

  // @ts-expect-error: no such region
  connect(acmeDesk, { config: { deployment: 'cloud', region: 'mars' } })
  // @ts-expect-error: no such field of the credential
  acmeDesk.credential.token({ token: 'k' })
  // @ts-expect-error: no such credential
  acmeDesk.credential.password
  // @ts-expect-error: an id is a number
  await connection.ticket.get({ id: '7' })
  // @ts-expect-error: text is missing
  await connection.ticket.create({ subject: 's' })
  // @ts-expect-error: no such value
  connection.ticket.list({ sort: 'subject' })
  // @ts-expect-error: deleting needs an approval
  await connection.ticket.delete({ id: 7 })
  // @ts-expect-error: there is no such operation
  await connection.ticket.merge({ id: 7 })
  // @ts-expect-error: no such stream
  acmeDesk.streams.comments
  // @ts-expect-error: there is no such field
  ticket.title
}
export type Region = AcmeDeskTypes['config']['region']
`

const useAwkward = `
import { newIntegration, type Integration_ } from './awkward.ts'

export type Shape = Integration_['type']
type Operations = typeof newIntegration.operations
export const known: readonly (keyof Operations)[] = ['delete.class', 'ticket.get', 'bytes.get']
// @ts-expect-error: nothing of the texts became code
export { hacked } from './awkward.ts'
`

let folder: string

beforeAll(() => {
  const parent = new URL('../../.tmp/', import.meta.url).pathname
  mkdirSync(parent, { recursive: true })
  folder = mkdtempSync(join(parent, 'modules-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const put = (name: string, code: string): void => writeFileSync(join(folder, name), code)

test('generated modules compile, and their users get types', () => {
  put('desk.ts', typescriptModule(desk))
  put('awkward.ts', typescriptModule(awkward))
  const { code, types } = javascriptModule(desk)
  put('built.js', code)
  put('built.d.ts', types)
  put('use-source.ts', use('desk').replace('./desk.js', './desk.ts'))
  put('use-built.ts', use('built'))
  put('use-awkward.ts', useAwkward)
  put(
    'tsconfig.json',
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { skipLibCheck: true },
      include: ['*.ts', '../../foreign-types.d.ts'],
    }),
  )
  const compiler = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace('package.json', 'bin/tsc')
  const { stdout, status } = spawnSync(process.execPath, [compiler, '--noEmit', '-p', folder], {
    encoding: 'utf8',
    cwd: folder,
  })
  expect(stdout).toBe('')
  expect(status).toBe(0)
}, 120_000)

test('the JavaScript module holds the manifest and nothing else that runs', async () => {
  const { code } = javascriptModule(awkward)
  const made: unknown[] = []
  const body = code.replace(/^import .*$/m, '').replace(/export const (\w+) = /, 'return ')
  const run = new Function('integration', body) as (integration: (value: unknown) => unknown) => unknown
  run((value) => made.push(value))
  expect(made).toEqual([JSON.parse(JSON.stringify(awkward))])
})

test('values are named after the id', () => {
  expect(['acme-desk', 'icinga2', 'new', 'integration', 'a-1b'].map(valueNameOf)).toEqual([
    'acmeDesk',
    'icinga2',
    'newIntegration',
    'integrationIntegration',
    'a1b',
  ])
})
