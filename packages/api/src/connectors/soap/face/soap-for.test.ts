import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@patchbay/core'
import { httpClient, undiciTransport } from '@patchbay/core/http'
import soap from 'soap'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type SoapFace, type SoapResult, soapFor } from './soap-for.ts'

interface Records {
  GetRecordAsync(input: { id: string }, options?: object): Promise<SoapResult>
}

const transport = undiciTransport({ clock: systemClock, allow: [{ cidr: '127.0.0.0/8' }] })
const none = { scheme: 'none', marks: { headers: [], query: [] }, apply: () => undefined }
let server: Server
let origin: string
let face: SoapFace
let descriptionsAsked = 0

/** The schema comes from a file of its own, as most vendors have it. */
const types = `<?xml version="1.0"?><xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:records" elementFormDefault="qualified">
<xsd:element name="GetRecord"><xsd:complexType><xsd:sequence><xsd:element name="id" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
<xsd:element name="GetRecordResponse"><xsd:complexType><xsd:sequence><xsd:element name="name" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema>`

const wsdl = (address: string, schema: string): string => `<?xml version="1.0"?>
<definitions name="Records" targetNamespace="urn:records" xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:tns="urn:records" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <types><xsd:schema><xsd:import namespace="urn:records" schemaLocation="${schema}"/></xsd:schema></types>
  <message name="In"><part name="parameters" element="tns:GetRecord"/></message>
  <message name="Out"><part name="parameters" element="tns:GetRecordResponse"/></message>
  <portType name="Port"><operation name="GetRecord"><input message="tns:In"/><output message="tns:Out"/></operation></portType>
  <binding name="Binding" type="tns:Port"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="GetRecord"><soap:operation soapAction="urn:get"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
  <service name="Records"><port name="Port" binding="tns:Binding"><soap:address location="${address}"/></port></service>
</definitions>`

/** soap's own server: a real one, and not ours. */
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/types.xsd') response.setHeader('content-type', 'text/xml').end(types)
    else if (request.url === '/file.wsdl')
      response.setHeader('content-type', 'text/xml').end(wsdl(`${origin}/records`, 'file:///etc/passwd'))
    else if (request.url === '/slow') setTimeout(() => response.end(), 5000).unref()
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const GetRecord = ({ id }: { id: string }) => {
    if (id === 'none') throw { Fault: { faultcode: 'soap:Server.NoRecord', faultstring: 'There is no such record' } }
    return { name: `Record ${id} & <more>` }
  }
  const description = wsdl(`${origin}/records`, `${origin}/types.xsd`)
  await new Promise<void>((resolve, reject) => {
    soap.listen(server, {
      path: '/records',
      services: { Records: { Port: { GetRecord } } },
      xml: description,
      callback: (error) => (error ? reject(error) : resolve()),
    })
  })
  server.on('request', ({ url }) => {
    if (url === '/records?wsdl') descriptionsAsked++
  })
  face = soapFor(httpClient({ baseUrl: origin, credential: none, transport, clock: systemClock }))
})

afterAll(async () => {
  await transport.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'success',
    (error: unknown) => error,
  )

it('loads a description with its imports over the transport and calls its methods', async () => {
  const client = await face.createClient<Records>(`${origin}/records?wsdl`)
  const [result] = await client.GetRecordAsync({ id: '<7>' })
  expect(result).toEqual({ name: 'Record <7> & <more>' })
})

it('takes the text of a description, and another address', async () => {
  const client = await face.createClient<Records>(wsdl('http://other.example/', `${origin}/types.xsd`), {
    endpoint: `${origin}/records`,
  })
  expect((await client.GetRecordAsync({ id: '1' }))[0]).toEqual({ name: 'Record 1 & <more>' })
})

it('makes a fault a typed error with its code', async () => {
  const client = await face.createClient<Records>(`${origin}/records?wsdl`)
  expect(await failure(client.GetRecordAsync({ id: 'none' }))).toMatchObject({
    kind: 'unexpected',
    code: 'Server.NoRecord',
    retry: 'never',
    status: 200,
    detail: 'the SOAP server answered with a fault: There is no such record',
  })
})

it.each(['/etc/passwd', 'file:///etc/passwd', './local.wsdl', '<definitions/>'])(
  'reads no local file: %s',
  async (location) => {
    expect(await failure(face.createClient(location))).toMatchObject({ kind: 'config', issues: [{ path: 'wsdl' }] })
  },
)

it('reads no local file that a description imports', async () => {
  expect(await failure(face.createClient(`${origin}/file.wsdl`))).toMatchObject({
    kind: 'config',
    issues: [{ path: 'wsdl' }],
  })
})

it('does not leave the base URL', async () => {
  expect(await failure(face.createClient('http://169.254.169.254/records?wsdl'))).toMatchObject({
    sent: 'none',
    retry: 'never',
  })
})

it('keeps no description in a cache of the process, where other tenants would find it', async () => {
  const before = descriptionsAsked
  await face.createClient(`${origin}/records?wsdl`)
  await face.createClient(`${origin}/records?wsdl`)
  expect(descriptionsAsked - before).toBe(2)
})

it('times out by its options', async () => {
  const client = await face.createClient<Records>(`${origin}/records?wsdl`, { endpoint: `${origin}/slow` })
  expect(await failure(client.GetRecordAsync({ id: '1' }, { timeout: 50 }))).toMatchObject({ kind: 'timeout' })
})
