import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect, isPatchbayError, type PolicyOptions } from '@patchbay/core'
import { basic } from '@patchbay/core/credentials'
import { leakCheck } from '@patchbay/core/testing'
import library from 'soap'
import { afterAll, beforeAll, beforeEach, expect, expectTypeOf, it } from 'vitest'
import { crm, customer, flatCrm } from './fixtures/crm-documents.ts'
import { type SoapConfig, type SoapResult, soap, soapFaultOf, typedCalls } from './index.ts'

let server: Server
let origin: string
/** What the server's own parser made of the last request, and how often it was asked. */
let seen: { readonly args: unknown; readonly headers: unknown } | undefined
let asked = 0
let failures = 0

/** soap's own server: a real one, and not ours. */
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
          detail: {
            'c:NoSuchCustomer': { attributes: { 'xmlns:c': 'urn:crm:customer' }, 'c:id': 'none', 'c:hint': 'ask Ada' },
          },
        },
      }
    if (args.id === 'secret') throw { Fault: { faultcode: 'soap:Client', faultstring: 'wrong: ada:top-secret-1' } }
    return {
      customer: { attributes: { version: '1', 'xmlns:t': 'urn:crm:customer' }, name: `Customer ${args.id} & <more>` },
    }
  }
  const SaveCustomer = (args: unknown) => {
    seen = { args, headers: undefined }
    return { customer: { attributes: { version: '4' }, name: 'saved' } }
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

function open(config: Partial<SoapConfig> = {}) {
  return connect(soap, {
    config: {
      wsdl: crm,
      port: 'Crm11',
      endpoint: `${origin}/crm`,
      operations: { GetCustomer: { effect: 'read' } },
      lenient: true,
      ...config,
    },
    credential: basic({ username: 'ada', password: 'top-secret-1' }),
    network: { allow: [{ host: '127.0.0.1' }] },
    policies: quick,
  })
}

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'success',
    (error: unknown) => error,
  )

it('calls an operation, with its header', async () => {
  await using connection = open()
  const { body } = await connection.call.invoke<{ customer: { name: string } }>({
    operation: 'GetCustomer',
    body: { id: '<7>' },
    headers: { Context: { tenant: 'acme' } },
  })
  expectTypeOf(body).toEqualTypeOf<{ customer: { name: string } }>()
  expect(body.customer).toMatchObject({ '@version': 1, name: 'Customer <7> & <more>', address: [] })
  expect(seen).toMatchObject({ args: { id: '<7>' }, headers: { Context: { tenant: 'acme' } } })
})

it('writes what another parser reads', async () => {
  await using connection = open()
  await connection.call.invoke({ operation: 'SaveCustomer', body: { customer } })
  expect(seen?.args).toMatchObject({
    customer: {
      attributes: { version: '3', vip: 'true' },
      id: 'c-7',
      name: 'Ada & <Lovelace>',
      home: { street: '12 St James’s Square', city: 'London' },
      balance: { $value: '12345678901234567890.1250' },
      address: [{ street: 'a' }, { street: 'c', country: 'FR' }],
      photo: 'AAH+/w==',
      // The library's own reader makes one note out of a list of one.
      note: { $value: 'two\r\nlines' },
    },
  })
})

it('is typed by what the WSDL says', async () => {
  interface Crm {
    readonly GetCustomer: {
      readonly input: { readonly id: string }
      readonly output: { readonly customer: { name: string } | null }
    }
  }
  await using connection = open()
  const call = typedCalls<Crm>(connection)
  const { customer: found } = await call('GetCustomer', { id: '1' })
  expectTypeOf(found).toEqualTypeOf<{ name: string } | null>()
  expect(found?.name).toBe('Customer 1 & <more>')
})

it('makes a declared fault a typed error that is not repeated', async () => {
  await using connection = open()
  const error = await failure(connection.call.invoke({ operation: 'GetCustomer', body: { id: 'none' } }))
  expect(error).toMatchObject({
    kind: 'unexpected',
    code: 'NoSuchCustomer',
    retry: 'never',
    detail: 'the SOAP server answered with a fault: There is no such customer',
    issues: [
      { path: 'detail.NoSuchCustomer.id', message: 'none' },
      { path: 'detail.NoSuchCustomer.hint', message: 'ask Ada' },
    ],
  })
  expect(soapFaultOf(error)?.detail?.value).toEqual({ id: 'none', hint: 'ask Ada' })
  expect(asked).toBe(1)
})

it('gives a fault the kind that the connection says', async () => {
  await using connection = open({ faults: { NoSuchCustomer: 'not-found' } })
  expect(await failure(connection.call.invoke({ operation: 'GetCustomer', body: { id: 'none' } }))).toMatchObject({
    kind: 'not-found',
  })
})

it('shows no secret that a fault repeats', async () => {
  await using connection = open()
  const error = (await failure(connection.call.invoke({ operation: 'GetCustomer', body: { id: 'secret' } }))) as Error
  expect(error).toMatchObject({ kind: 'invalid-input', code: 'Client' })
  expect(`${error} ${JSON.stringify(error)} ${soapFaultOf(error)}`).not.toContain('top-secret-1')
})

it('repeats a read, and nothing that is not declared as one', async () => {
  await using connection = open()
  failures = 2
  await connection.call.invoke({ operation: 'GetCustomer', body: { id: '1' } })
  expect(asked).toBe(3)
  await using careful = open({ operations: {} })
  failures = 2
  asked = 0
  expect(await failure(careful.call.invoke({ operation: 'GetCustomer', body: { id: '1' } }))).toMatchObject({
    kind: 'unavailable',
    retry: 'never',
  })
  expect(asked).toBe(1)
})

it.each([
  [
    'an unknown operation',
    { operation: 'Nothing' },
    'operation',
    'there are GetCustomer, SaveCustomer, StoreDocument, Touch',
  ],
  ['a wrong field', { operation: 'GetCustomer', body: { ID: '1' } }, 'body.ID', 'is no element of this type'],
  [
    'an unknown header',
    { operation: 'GetCustomer', body: { id: '1' }, headers: { x: 1 } },
    'headers.x',
    'is no header',
  ],
])('refuses %s before anything is sent', async (_, input, path, message) => {
  await using connection = open()
  const error = await failure(connection.call.invoke(input))
  expect(error).toMatchObject({ kind: 'invalid-input', sent: 'none' })
  expect(isPatchbayError(error) && error.issues.find((issue) => issue.path === path)?.message).toContain(message)
  expect(asked).toBe(0)
})

it('refuses rpc/encoded', async () => {
  await using connection = open({ port: 'Calculator', operations: {} })
  expect(await failure(connection.call.invoke({ operation: 'Old', body: { a: 1, b: '2' } }))).toMatchObject({
    kind: 'unsupported',
    detail: expect.stringContaining('is rpc/encoded'),
  })
})

it('hands out the library itself, over the same transport', async () => {
  await using connection = open({ wsdl: flatCrm })
  const client = await (await connection.$raw()).soap<{ GetCustomerAsync(input: unknown): Promise<SoapResult> }>()
  const [found] = await client.GetCustomerAsync({ id: '2' })
  expect(found).toMatchObject({ customer: { name: 'Customer 2 & <more>' } })
})

it('calls what a WSDL from the server itself describes', async () => {
  await using connection = open({ wsdl: `${origin}/crm?wsdl` })
  const { body } = await connection.call.invoke({ operation: 'GetCustomer', body: { id: '3' } })
  expect(body).toMatchObject({ customer: { name: 'Customer 3 & <more>' } })
})

it('leaves no socket, timer or listener behind', async () => {
  const leaks = leakCheck({ withinMs: 1000 })
  const connection = open()
  await connection.call.invoke({ operation: 'GetCustomer', body: { id: '1' } })
  await failure(connection.call.invoke({ operation: 'GetCustomer', body: { id: 'none' } }))
  await connection.$close()
  await leaks.verify()
})
