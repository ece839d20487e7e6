import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AnyConnector, connect, type PolicyOptions } from '@patchbay/core'
import { leakCheck } from '@patchbay/core/testing'
import library from 'soap'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { crmFolder, flatCrm } from '../../connectors/soap/fixtures/crm-documents.ts'
import { soapFaultOf } from '../../connectors/soap/index.ts'
import { integration } from '../../declarative/index.ts'
import { checkManifest, type IntegrationManifest, writeManifest } from '../../manifest/index.ts'
import { typescriptModule } from '../../typescript/index.ts'
import { readDescription } from '../read-description.ts'
import { wsdlReader } from '../wsdl/wsdl-reader.ts'
import { manifestOf } from './manifest-of.ts'

const file = fileURLToPath(new URL('crm.wsdl', crmFolder))
const model = await readDescription(
  { file },
  { readers: [wsdlReader], references: { folder: fileURLToPath(crmFolder) } },
)
const { manifest, report } = manifestOf(model)

/** soap's own server: a real one, and not ours. */
let server: Server
let origin: string
let asked = 0
let failures = 0
let seen: { readonly args: unknown; readonly headers: unknown } | undefined

const found = (id: string) => ({
  attributes: { version: '1', vip: 'true' },
  id,
  name: `Customer ${id} & <more>`,
  born: '1815-12-10',
  changed: '2026-01-31T09:30:00',
  number: '9007199254740993',
  balance: { attributes: { currency: 'GBP' }, $value: '12345678901234567890.1250' },
  active: true,
  rank: -1,
  email: 'ada@example.com',
  address: [{ street: 'a', city: 'b' }],
  photo: 'AAH+/w==',
})

beforeAll(async () => {
  server = createServer((_, response) => response.writeHead(404).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const GetCustomer = (args: { id: string }, _: unknown, headers: unknown) => {
    asked++
    seen = { args, headers }
    if (failures-- > 0) throw { Fault: { faultcode: 'soap:Server', faultstring: 'busy' } }
    if (args.id === 'none')
      throw {
        Fault: {
          faultcode: 'soap:Server',
          faultstring: 'There is no such customer',
          detail: { 'c:NoSuchCustomer': { attributes: { 'xmlns:c': 'urn:crm:customer' }, 'c:id': 'none' } },
        },
      }
    return { customer: found(args.id) }
  }
  const SaveCustomer = (args: { customer: { id: string } }) => {
    asked++
    seen = { args, headers: undefined }
    if (failures-- > 0) throw { Fault: { faultcode: 'soap:Server', faultstring: 'busy' } }
    return { customer: found(args.customer.id) }
  }
  const services = { CrmService: { Crm11: { GetCustomer, SaveCustomer } } }
  await new Promise<void>((resolve, reject) => {
    library.listen(server, {
      path: '/crm',
      services,
      xml: flatCrm,
      callback: (error) => (error ? reject(error) : resolve()),
    })
  })
})
beforeEach(() => {
  asked = 0
  failures = 0
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const quick: PolicyOptions = { retry: { attempts: 3, baseMs: 1 } }

/** The manifest with the address of the test's server: the WSDL names none that exists. */
function open(change: Partial<IntegrationManifest> = {}) {
  const deployments = [{ id: 'server', kind: 'self-hosted' as const, url: origin }]
  const connector = integration({ ...manifest, deployments, ...change }) as unknown as AnyConnector
  return connect(connector, {
    config: {},
    network: { allow: [{ host: '127.0.0.1' }] },
    policies: quick,
  }) as unknown as AsyncDisposable & {
    readonly $close: () => Promise<void>
    readonly customer: Record<'get' | 'save', (input: object) => Promise<{ customer: Record<string, unknown> }>>
  }
}

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'success',
    (error: unknown) => error,
  )

describe('a manifest of a WSDL', () => {
  it('has its operations and no text of its schemas', async () => {
    expect(Object.keys(manifest.operations).toSorted()).toEqual([
      ...['calculator.add', 'crm.touch', 'customer.get', 'customer.save', 'document.store'],
    ])
    expect(manifest.operations['customer.get']).toEqual({
      summary: 'One customer by id.',
      source: 'Crm11.GetCustomer',
      request: 'POST /crm',
      effect: 'read',
      input: {
        id: { in: 'body', type: 'string', required: true },
        context: {
          in: 'soap-header',
          as: 'base:Context',
          type: 'object',
          properties: { tenant: { type: 'string' } },
          requiredProperties: ['tenant'],
        },
      },
      soap: {
        version: '1.1',
        action: 'urn:crm:GetCustomer',
        schemas: 'wsdl',
        input: 'customer:GetCustomer',
        output: 'customer:GetCustomerResponse',
        faults: ['customer:NoSuchCustomer'],
      },
      output: { schema: expect.anything() },
    })
    expect(manifest.xml?.wsdl?.prefixes).toEqual({
      base: 'urn:crm:base',
      customer: 'urn:crm:customer',
      rpc: 'urn:crm:rpc',
    })
    expect(manifest.xml?.wsdl?.types?.['customer:Tag']).toEqual({
      base: 'customer:Tag.redefined',
      content: { sequence: [{ element: 'customer:weight', type: 'xs:int', min: 0 }] },
    })
    expect(report.guesses).toContainEqual({
      place: 'operations.customer.get.effect',
      decision: 'read',
      confidence: 'medium',
      because: expect.stringContaining('begins with "get"'),
    })
  })

  it('is valid, as data and as text', async () => {
    const { issues, valid } = await checkManifest(writeManifest(manifest))
    expect(issues.filter(({ level }) => level === 'error')).toEqual([])
    expect(valid).toBe(true)
  })

  it('is none where a WSDL has names that XML does not allow', async () => {
    const text = flatCrm.replaceAll('NoSuchCustomer', 'No such')
    const odd = await readDescription({ text }, { readers: [wsdlReader] })
    expect(() => manifestOf(odd)).toThrow(expect.objectContaining({ code: 'description-malformed' }))
  })

  it('loses stand-ins of types and then operations where it would be too large', () => {
    const small = manifestOf(model, { maxBytes: 34_000 })
    expect(small.report.schemaDepth).toBeLessThan(4)
    expect(small.report.leftOut.every(({ reason }) => reason.includes('too large'))).toBe(true)
  })

  it('holds only what its operations lead to', () => {
    const { manifest: part } = manifestOf(model, { operations: ['Calculator.Add'] })
    expect(part.xml).toEqual({
      wsdl: {
        prefixes: { rpc: 'urn:crm:rpc' },
        elements: {
          'rpc:Add': {
            type: {
              content: {
                sequence: [
                  { element: 'a', type: 'xs:int' },
                  { element: 'b', type: 'xs:decimal' },
                ],
              },
            },
          },
          'rpc:AddResponse': { type: { content: { sequence: [{ element: 'sum', type: 'xs:decimal' }] } } },
        },
      },
    })
    expect(part.operations['calculator.add']?.request).toBe('POST /calculator')
  })
})
const use = `
import { connect } from '@patchbay/core'
import { crm } from './crm.ts'

const connection = connect(crm, { config: {}, credential: crm.credential.wsSecurity({ username: 'ada', password: 'p' }) })
export async function typed(): Promise<readonly string[]> {
  const { customer } = await connection.customer.get({ id: '7', context: { tenant: 'acme' } })
  const number: string | undefined = customer?.number
  const version: number | undefined = customer?.['@version']
  const streets = (customer?.address ?? []).map(({ street }) => street)
  const sum: string = (await connection.calculator.add({ a: 1, b: '2.5' })).sum
  // @ts-expect-error: an id is text
  await connection.customer.get({ id: 7 })
  // @ts-expect-error: there is no such operation
  await connection.customer.delete({ id: '7' })
  return [...streets, String(number), String(version), sum]
}
`

it('its typed module compiles, and its users get types', () => {
  const parent = new URL('../../../.tmp/', import.meta.url).pathname
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'soap-'))
  try {
    writeFileSync(join(folder, 'crm.ts'), typescriptModule(manifest))
    writeFileSync(join(folder, 'use.ts'), use)
    const options = {
      extends: '../../tsconfig.json',
      compilerOptions: { skipLibCheck: true },
      include: ['*.ts', '../../foreign-types.d.ts'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options))
    const compiler = createRequire(import.meta.url)
      .resolve('typescript/package.json')
      .replace('package.json', 'bin/tsc')
    const args = [compiler, '--noEmit', '-p', folder]
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)

describe('against a real server', () => {
  it('a list of one is a list, dates and decimals keep all they say', async () => {
    await using connection = open()
    const { customer } = await connection.customer.get({ id: '<7>', context: { tenant: 'acme' } })
    expect(customer).toEqual({
      '@version': 1,
      '@vip': true,
      id: '<7>',
      name: 'Customer <7> & <more>',
      born: '1815-12-10',
      changed: '2026-01-31T09:30:00',
      number: '9007199254740993',
      balance: { '#text': '12345678901234567890.1250', '@currency': 'GBP' },
      active: true,
      rank: -1,
      email: 'ada@example.com',
      address: [{ street: 'a', city: 'b' }],
      photo: 'AAH+/w==',
      ...{ tag: [], Person: [], Company: [], note: [], task: [] },
    })
    expect(seen).toMatchObject({ args: { id: '<7>' }, headers: { Context: { tenant: 'acme' } } })
  })

  it('what is sent is what another parser reads, in the order of the schema', async () => {
    await using connection = open()
    const customer = {
      ...{ email: 'x@example.com', active: false, number: '1', changed: '2026-01-31T09:30:00', name: 'Ada', id: 'c-7' },
      ...{
        '@version': 3,
        photo: 'AAH+/w==',
        address: [
          { street: 'a', city: 'b' },
          { '#type': 'ForeignAddress', street: 'c', city: 'd', country: 'FR' },
        ],
      },
    }
    await connection.customer.save({ customer })
    expect(seen?.args).toMatchObject({
      customer: {
        attributes: { version: '3' },
        id: 'c-7',
        name: 'Ada',
        photo: 'AAH+/w==',
        address: [{ street: 'a' }, { street: 'c', country: 'FR' }],
      },
    })
  })

  it('reads are tried again, and writes are not', async () => {
    await using connection = open()
    failures = 2
    await connection.customer.get({ id: '1' })
    expect(asked).toBe(3)
    failures = 2
    asked = 0
    const customer = { email: 'x', active: true, number: '1', changed: null, name: 'n', id: 'i', '@version': 1 }
    expect(await failure(connection.customer.save({ customer }))).toMatchObject({ kind: 'unavailable', retry: 'never' })
    expect(asked).toBe(1)
  })

  it('a declared fault is a typed error, and gets the kind that a rule of the manifest gives', async () => {
    await using connection = open()
    const error = await failure(connection.customer.get({ id: 'none' }))
    expect(error).toMatchObject({ kind: 'unexpected', code: 'NoSuchCustomer', retry: 'never' })
    expect(soapFaultOf(error)?.detail?.value).toEqual({ id: 'none' })
    expect(asked).toBe(1)
    const rules = [
      { when: { body: "fault.detail.name == 'NoSuchCustomer'" }, kind: 'not-found' as const },
      { when: { body: "fault.reason == 'busy'" }, kind: 'conflict' as const },
    ]
    await using ruled = open({ errors: { rules } })
    expect(await failure(ruled.customer.get({ id: 'none' }))).toMatchObject({
      kind: 'not-found',
      code: 'NoSuchCustomer',
      issues: [{ path: 'detail.NoSuchCustomer.id', message: 'none' }],
    })
    failures = 1
    expect(await failure(ruled.customer.get({ id: '1' }))).toMatchObject({ kind: 'conflict' })
  })

  it('what does not fit is told by the names of inputs, before anything is sent', async () => {
    await using connection = open()
    const wrong = { id: '7', context: { tenant: 'a', user: 'b' } }
    expect(await failure(connection.customer.get(wrong))).toMatchObject({
      kind: 'invalid-input',
      sent: 'none',
      issues: [{ path: 'context.user', message: expect.stringContaining('is not a field') }],
    })
    const customer = { email: 'x', active: true, number: 'many', changed: '31.1.', name: 'n', id: 'i', '@version': 1 }
    expect(await failure(connection.customer.save({ customer }))).toMatchObject({
      issues: [{ path: 'customer.changed' }, { path: 'customer.number' }],
    })
    expect(asked).toBe(0)
  })

  it('leaves no socket, timer or listener behind', async () => {
    const leaks = leakCheck({ withinMs: 1000 })
    const connection = open()
    await connection.customer.get({ id: '1' })
    await failure(connection.customer.get({ id: 'none' }))
    await connection.$close()
    await leaks.verify()
  })
})
