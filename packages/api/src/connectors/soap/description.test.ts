import { connect, type HttpRequest, type Transport } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { expect, it } from 'vitest'
import { describeWsdlText } from './description/index.ts'
import { descriptionLimits } from './description/load-documents.ts'
import { crm } from './fixtures/crm-documents.ts'
import { type SoapConfig, soap } from './index.ts'

/** A host with documents. Everything else is not there. */
function host(documents: Readonly<Record<string, string>>) {
  const requests: HttpRequest[] = []
  const transport: Transport = {
    async send(request) {
      requests.push(request)
      const text = documents[request.url]
      const body = Buffer.from(text ?? '')
      const headers = { 'content-type': 'text/xml' }
      return {
        status: text === undefined ? 404 : 200,
        statusText: '',
        headers,
        url: request.url,
        body,
        stream: undefined,
      }
    },
    close: async () => undefined,
  }
  return { requests, transport }
}

async function loaded(documents: Readonly<Record<string, string>>, config: Partial<SoapConfig> = {}) {
  const vendor = host(documents)
  const connection = connect(soap, {
    config: { wsdl: 'https://crm.example.com/api/crm.wsdl', ...config },
    credential: bearer({ token: 'a-secret-token' }),
    transport: vendor.transport,
  })
  const outcome = await connection.$raw().then(
    (client) => client,
    (error: unknown) => error,
  )
  return { ...vendor, outcome }
}

const base = 'https://crm.example.com/api/'
const served = {
  [`${base}crm.wsdl`]: crm.text.replaceAll('http://localhost:1/', 'https://crm.example.com/'),
  ...Object.fromEntries(Object.entries(crm.documents).map(([name, text]) => [base + name, text])),
}

const wsdl = (more: string, types = ''): string =>
  `<definitions targetNamespace="urn:t" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:xsd="http://www.w3.org/2001/XMLSchema">${more}<types>${types}</types></definitions>`

it('reads several files with cycles once each, with the credential', async () => {
  const { outcome, requests } = await loaded(served, { port: 'Crm12' })
  expect(outcome).toMatchObject({ endpoint: 'https://crm.example.com/crm12', port: { name: 'Crm12', version: '1.2' } })
  expect(requests.map(({ url }) => url).sort()).toEqual(Object.keys(served).sort())
  expect(requests.every(({ headers }) => headers?.authorization === 'Bearer a-secret-token')).toBe(true)
})

it('knows what the files say together', async () => {
  const { ports, schemas, documentation } = await describeWsdlText(crm)
  expect(documentation).toBe('Customers and their documents.')
  expect(ports.map(({ name, version, operations }) => [name, version, [...operations.keys()]])).toEqual([
    ['Crm11', '1.1', ['GetCustomer', 'SaveCustomer', 'StoreDocument', 'Touch']],
    ['Crm12', '1.2', ['GetCustomer', 'SaveCustomer']],
    ['Calculator', '1.1', ['Add', 'Old']],
  ])
  const get = ports[0]?.operations.get('GetCustomer')
  expect(get).toMatchObject({
    soapAction: 'urn:crm:GetCustomer',
    documentation: 'One customer by id.',
    unsupported: undefined,
  })
  expect(get?.input.headers.map(({ key }) => key)).toEqual(['Context'])
  expect(get?.faults.map(({ name }) => name)).toEqual(['{urn:crm:customer}NoSuchCustomer'])
  expect(ports[0]?.operations.get('Touch')?.output).toBeUndefined()
  // A schema without a namespace belongs to the one that includes it; a redefined type builds upon what it was.
  expect(schemas.types.get('{urn:crm:customer}Money')).toMatchObject({ base: '{urn:crm:customer}Amount' })
  expect(schemas.types.get('{urn:crm:customer}Tag')).toMatchObject({ base: '{urn:crm:customer}Tag#redefined' })
})

it('asks which port is meant', async () => {
  const { outcome } = await loaded(served)
  expect(outcome).toMatchObject({
    kind: 'config',
    issues: [{ path: 'port', message: expect.stringContaining('CrmService/Calculator') }],
  })
})

it('sends the credential nowhere that only the WSDL names', async () => {
  const { outcome } = await loaded({ ...served, [`${base}crm.wsdl`]: crm.text }, { port: 'Crm11' })
  expect(outcome).toMatchObject({ kind: 'config', issues: [{ path: 'endpoint' }] })
})

it.each([
  ['another host', 'https://evil.example/a.xsd'],
  ['another port', 'https://crm.example.com:8443/api/a.xsd'],
  ['another scheme', 'http://crm.example.com/api/a.xsd'],
  ['a file', 'file:///etc/passwd'],
  ['a folder above', '../secret/a.xsd'],
  ['a folder above, encoded', 'x/..%2f..%2fsecret/a.xsd'],
  ['a user in the URL', 'https://a:b@crm.example.com/api/a.xsd'],
  ['data', 'data:text/xml,<a/>'],
])('reads nothing from %s', async (_, location) => {
  const text = wsdl(`<import namespace="u" location="${location.replaceAll('<', '&lt;')}"/>`)
  const { outcome, requests } = await loaded({ [`${base}crm.wsdl`]: text })
  expect(outcome).toMatchObject({
    kind: 'config',
    issues: [{ path: 'wsdl', message: expect.stringContaining('imports') }],
  })
  expect(requests).toHaveLength(1)
})

it('reads from where the connection allows it, without the credential elsewhere', async () => {
  const schema = '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"/>'
  const text = wsdl('<import namespace="u" location="https://types.example/x/a.xsd"/>')
  const documents = { [`${base}crm.wsdl`]: text, 'https://types.example/x/a.xsd': schema }
  const { requests } = await loaded(documents, { imports: ['https://types.example/x/'] })
  expect(requests.map(({ url }) => url)).toEqual(Object.keys(documents))
  expect(requests[1]?.headers?.authorization).toBeUndefined()
})

it.each([
  ['a document type', `<!DOCTYPE a SYSTEM "file:///etc/passwd">${wsdl('')}`, 'document type'],
  ['entities', `<!DOCTYPE a [<!ENTITY a "b">]>${wsdl('')}`, 'document type'],
  ['an entity that nobody declared', wsdl('&a;'), 'not well-formed'],
  ['broken XML', '<definitions>', 'not well-formed'],
  ['another document', '<html/>', 'neither a WSDL 1.1 document nor an XML Schema'],
  ['WSDL 2.0', '<description xmlns="http://www.w3.org/ns/wsdl"/>', 'WSDL 2.0'],
  ['depth', '<a>'.repeat(200) + '</a>'.repeat(200), 'elements deep'],
])('refuses %s', async (_, text, message) => {
  const { outcome } = await loaded({ [`${base}crm.wsdl`]: text })
  expect(outcome).toMatchObject({
    kind: 'config',
    issues: [{ path: 'wsdl', message: expect.stringContaining(message) }],
  })
})

it('ends with imports that do not', async () => {
  let asked = 0
  const transport: Transport = {
    async send({ url }) {
      asked++
      const body = Buffer.from(wsdl(`<import namespace="u" location="${asked}.wsdl"/>`))
      return { status: 200, statusText: '', headers: {}, url, body, stream: undefined }
    },
    close: async () => undefined,
  }
  const connection = connect(soap, { config: { wsdl: `${base}crm.wsdl` }, transport })
  await expect(connection.$raw()).rejects.toMatchObject({ kind: 'config', issues: [{ path: 'wsdl' }] })
  expect(asked).toBeLessThanOrEqual(descriptionLimits.depth + 1)
})

it('ends with groups that name groups that name groups', async () => {
  const group = (name: string, inner: string): string =>
    `<xsd:group name="${name}"><xsd:sequence>${inner}</xsd:sequence></xsd:group>`
  const twice = (name: string): string => `<xsd:group ref="t:${name}"/><xsd:group ref="t:${name}"/>`
  const groups = Array.from({ length: 40 }, (_, index) =>
    group(`g${index}`, index === 0 ? '<xsd:element name="a" type="xsd:int"/>' : twice(`g${index - 1}`)),
  )
  const bomb = `<xsd:schema targetNamespace="urn:t" xmlns:t="urn:t" xmlns:xsd="http://www.w3.org/2001/XMLSchema">${groups.join('')}
    <xsd:element name="In"><xsd:complexType><xsd:group ref="t:g39"/></xsd:complexType></xsd:element></xsd:schema>`
  const text = `<definitions targetNamespace="urn:t" xmlns:t="urn:t" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/">
    <types>${bomb}</types><message name="M"><part name="p" element="t:In"/></message>
    <portType name="P"><operation name="Go"><input message="t:M"/></operation></portType>
    <binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Go"><s:operation/><input><s:body use="literal"/></input></operation></binding>
    <service name="S"><port name="P" binding="t:B"><s:address location="https://crm.example.com/x"/></port></service></definitions>`
  const connection = connect(soap, { config: { wsdl: text }, transport: host({}).transport })
  const begun = performance.now()
  await expect(connection.call.invoke({ operation: 'Go', body: { a: 1 } })).rejects.toMatchObject({
    kind: 'config',
    code: 'wsdl',
  })
  expect(performance.now() - begun).toBeLessThan(2000)
})
