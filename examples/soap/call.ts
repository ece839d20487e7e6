// A SOAP service by its WSDL: typed values, a fault as a typed error, a read that is tried again, WS-Security.
import { type SoapFault, soap, soapFaultOf, typedCalls, wsSecurity } from '@patchbay/api/soap'
import { connect, isPatchbayError } from '@patchbay/core'
import { faultServer } from '@patchbay/core/testing'

const space = 'urn:example:stock'
const wsdl = (address: string): string => `<?xml version="1.0"?>
<definitions name="Stock" targetNamespace="${space}" xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:tns="${space}" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <types><xsd:schema targetNamespace="${space}" elementFormDefault="qualified">
    <xsd:element name="GetStock"><xsd:complexType><xsd:sequence><xsd:element name="part" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="GetStockResponse"><xsd:complexType><xsd:sequence>
      <xsd:element name="count" type="xsd:int"/><xsd:element name="price" type="xsd:decimal"/>
      <xsd:element name="place" type="xsd:string" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="NoSuchPart"><xsd:complexType><xsd:sequence><xsd:element name="part" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
  </xsd:schema></types>
  <message name="In"><part name="parameters" element="tns:GetStock"/></message>
  <message name="Out"><part name="parameters" element="tns:GetStockResponse"/></message>
  <message name="Missing"><part name="fault" element="tns:NoSuchPart"/></message>
  <portType name="Port"><operation name="GetStock"><input message="tns:In"/><output message="tns:Out"/><fault name="f" message="tns:Missing"/></operation></portType>
  <binding name="Binding" type="tns:Port"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="GetStock"><soap:operation soapAction="${space}:get"/><input><soap:body use="literal"/></input>
      <output><soap:body use="literal"/></output></operation></binding>
  <service name="Stock"><port name="Port" binding="tns:Binding"><soap:address location="${address}"/></port></service>
</definitions>`
const envelope = (body: string): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`
const xml = { 'content-type': 'text/xml; charset=utf-8' }
let token = ''
await using vendor = await faultServer({
  answer: {
    'GET /stock.wsdl': ({ headers }) => ({ text: wsdl(`http://${headers.host}/stock`), headers: xml }),
    'POST /stock': (request) => {
      const part = /part>([^<]*)</.exec(request.text())?.[1] ?? ''
      token = /<wsse:Password Type="[^"#]*#(\w+)">/.exec(request.text())?.[1] ?? 'none'
      if (part === 'x-9') {
        const detail = `<detail><NoSuchPart xmlns="${space}"><part>x-9</part></NoSuchPart></detail>`
        const fault = `<s:Fault><faultcode>s:Client</faultcode><faultstring>no such part</faultstring>${detail}</s:Fault>`
        return { status: 500, text: envelope(fault), headers: xml }
      }
      const answer = `<GetStockResponse xmlns="${space}"><count>12</count><price>0.10</price><place>B 4</place></GetStockResponse>`
      return { text: envelope(answer), headers: xml }
    },
  },
})

await using connection = connect(soap, {
  config: { wsdl: `${vendor.origin}/stock.wsdl`, operations: { GetStock: { effect: 'read' } } },
  credential: wsSecurity({ username: 'ada', password: 'secret' }),
  network: { allow: [{ host: '127.0.0.1' }] },
})

// `typesOfWsdl` writes this interface out of the WSDL.
interface Stock {
  readonly GetStock: {
    readonly input: { readonly part: string }
    readonly output: { readonly count: number; readonly price: string; readonly place: readonly string[] }
  }
}
const call = typedCalls<Stock>(connection)
console.log('in stock:', await call('GetStock', { part: 'a-1' }))
console.log('the password went as', token)
vendor.next('rst-before-reply')
console.log('after a broken connection:', (await call('GetStock', { part: 'a-1' })).count)
await call('GetStock', { part: 'x-9' }).catch((error: unknown) => {
  const fault: SoapFault | undefined = soapFaultOf(error)
  console.log(isPatchbayError(error) ? error.message : error, fault?.detail?.value)
})
await connection.call
  .invoke({ operation: 'GetStock', body: { Part: 'a-1' } })
  .catch((error: unknown) => console.log(isPatchbayError(error) ? error.message : error))
