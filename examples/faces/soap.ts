// The soap library over Patchbay's transport: description and calls come through the guard, faults are typed errors.
import { type SoapResult, soapFor } from '@patchbay/api/soap'
import { connect, defineConnector, isPatchbayError, operation } from '@patchbay/core'
import { basic } from '@patchbay/core/credentials'
import { httpClient } from '@patchbay/core/http'
import { faultServer } from '@patchbay/core/testing'
import { z } from 'zod'

const space = 'urn:example:stock'
const field = (name: string, type: string): string => `<xsd:element name="${name}" type="xsd:${type}"/>`
const wsdl = (address: string): string => `<?xml version="1.0"?>
<definitions name="Stock" targetNamespace="${space}" xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:tns="${space}" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <types><xsd:schema targetNamespace="${space}" elementFormDefault="qualified">
    <xsd:element name="GetStock"><xsd:complexType><xsd:sequence>${field('part', 'string')}</xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="GetStockResponse"><xsd:complexType><xsd:sequence>
      ${field('part', 'string')}${field('count', 'int')}</xsd:sequence></xsd:complexType></xsd:element>
  </xsd:schema></types>
  <message name="In"><part name="parameters" element="tns:GetStock"/></message>
  <message name="Out"><part name="parameters" element="tns:GetStockResponse"/></message>
  <portType name="Port"><operation name="GetStock"><input message="tns:In"/><output message="tns:Out"/></operation></portType>
  <binding name="Binding" type="tns:Port"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="GetStock"><soap:operation soapAction="${space}:get"/><input><soap:body use="literal"/></input>
      <output><soap:body use="literal"/></output></operation></binding>
  <service name="Stock"><port name="Port" binding="tns:Binding"><soap:address location="${address}"/></port></service>
</definitions>`
const envelope = (body: string): string =>
  `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>${body}</soap:Body></soap:Envelope>`
const xml = { 'content-type': 'text/xml; charset=utf-8' }
await using vendor = await faultServer({
  answer: {
    'GET /stock.wsdl': ({ headers }) => ({ text: wsdl(`http://${headers.host}/stock`), headers: xml }),
    'POST /stock': (request) => {
      const part = /part>([^<]*)</.exec(request.text())?.[1] ?? ''
      if (part === 'x-9') {
        const fault =
          '<soap:Fault><faultcode>soap:Client</faultcode><faultstring>no such part</faultstring></soap:Fault>'
        return { status: 500, text: envelope(fault), headers: xml }
      }
      const answer = `<GetStockResponse xmlns="${space}"><part>${part}</part><count>12</count></GetStockResponse>`
      return { text: envelope(answer), headers: xml }
    },
  },
})

/** The part of the described service that is used. */
interface StockService {
  GetStockAsync(input: { part: string }, options: object): Promise<SoapResult>
}
const stock = defineConnector({
  contract: 1,
  manifest: { id: 'api/stock', title: 'Stock', summary: 'Counts of parts, through SOAP.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [basic.scheme],
  operations: {
    'part.count': operation(
      {
        name: 'part.count',
        effect: 'read',
        input: z.strictObject({ part: z.string() }),
        output: z.object({ count: z.number() }),
      },
      async (service: StockService, input, call) => (await service.GetStockAsync(input, { call }))[0],
    ),
  },
  // The description is loaded when the connection opens, through the same guarded transport. Local files are refused.
  open: async ({ url }, env) =>
    soapFor(httpClient({ ...env, baseUrl: url })).createClient<StockService>(`${url}/stock.wsdl`),
})
await using connection = connect(stock, {
  config: { url: vendor.origin },
  credential: basic({ username: 'ada', password: 'secret' }),
  network: { allow: [{ host: '127.0.0.1' }] },
})

console.log('in stock:', await connection.part.count({ part: 'a-1' }))
vendor.next('rst-before-reply')
console.log('after a broken connection:', await connection.part.count({ part: 'a-1' }))
await connection.part
  .count({ part: 'x-9' })
  .catch((error: unknown) => console.log(isPatchbayError(error) ? error.message : error))
console.log('sent:', vendor.ledger.requests.map(({ method }) => method).join(' '))
