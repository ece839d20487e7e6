import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@patchbay/core'
import { type HttpClient, httpClient, undiciTransport } from '@patchbay/core/http'
import soap from 'soap'
import { expect, it, vi } from 'vitest'
import { type SoapResult, soapFor } from './soap-for.ts'
import { envelopeIn, hasRunawayText } from './soap-http-client.ts'

const description = (address: string, more = ''): string => `<?xml version="1.0"?>
<definitions targetNamespace="urn:r" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:tns="urn:r" xmlns:xsd="http://www.w3.org/2001/XMLSchema">${more}
  <types><xsd:schema targetNamespace="urn:r" elementFormDefault="qualified"><xsd:element name="Get" type="xsd:string"/>
    <xsd:element name="GetResponse" type="xsd:string"/></xsd:schema></types>
  <message name="In"><part name="parameters" element="tns:Get"/></message>
  <message name="Out"><part name="parameters" element="tns:GetResponse"/></message>
  <portType name="Port"><operation name="Get"><input message="tns:In"/><output message="tns:Out"/></operation></portType>
  <binding name="Binding" type="tns:Port"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Get"><soap:operation soapAction="urn:get"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
  <service name="R"><port name="Port" binding="tns:Binding"><soap:address location="${address}"/></port></service>
</definitions>`

interface Methods {
  GetAsync(input: unknown, options?: object): Promise<SoapResult>
  setSecurity(security: unknown): void
}

const secret = 'S3CR3T/zk9+QW=v'
const inBody = (content: string): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${content}</s:Body></s:Envelope>`

/** A client whose vendor answers every request with `answer`. */
function answering(answer: (url: string) => { readonly status?: number; readonly body: string }): HttpClient {
  const none = { clock: systemClock }
  return httpClient({
    ...none,
    baseUrl: 'https://vendor.example/soap',
    credential: {
      scheme: 'bearer',
      marks: { headers: ['authorization'], query: [] },
      apply(request) {
        request.headers.authorization = `Bearer ${secret}`
      },
    },
    transport: {
      async send({ url }) {
        const { status = 200, body } = answer(url)
        const headers = { 'content-type': 'text/xml' }
        return { status, statusText: '', headers, url, body: Buffer.from(body), stream: undefined }
      },
      async close() {},
    },
  })
}

async function methodsOver(client: HttpClient): Promise<Methods> {
  return soapFor(client).createClient<Methods>(description('https://vendor.example/soap/get'))
}

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'success',
    (error: unknown) => error,
  )

it.each([
  ['no envelope in a megabyte of brackets', '<'.repeat(1_000_000)],
  ['envelopes that never close', '<a:Envelope >'.repeat(80_000)],
  ['comments that never close', '<!--'.repeat(250_000)],
  [
    'declarations that never end, in CDATA',
    inBody(`<t:GetResponse xmlns:t="urn:r"><![CDATA[${'<?xml '.repeat(170_000)}]]></t:GetResponse>`),
  ],
])('a hostile answer costs no time that grows with its square: %s', async (_, body) => {
  const methods = await methodsOver(answering(() => ({ body })))
  const begun = performance.now()
  expect(await failure(methods.GetAsync({}))).toMatchObject({ kind: 'protocol' })
  // Quadratic, each of these takes minutes.
  expect(performance.now() - begun).toBeLessThan(5_000)
})

it('finds the envelope as soap itself does', () => {
  const envelope = inBody('<a/>')
  for (const [before, after] of [
    ['', ''],
    ['<?xml version="1.0"?>\n', '\n'],
    ['--boundary\r\ncontent-type: text/xml\r\n\r\n', '\r\n--boundary--'],
    ['<!-- <x:Envelope >fake</x:Envelope> -->', ''],
  ])
    expect(envelopeIn(before + envelope + after)).toBe(envelope)
  expect(envelopeIn('<Envelope/>')).toBe('<Envelope/>')
  expect(hasRunawayText(inBody('<![CDATA[<?xml version="1.0"?><a/>]]><![CDATA[<?xml version="1.0"?><b/>]]>'))).toBe(
    false,
  )
  expect(hasRunawayText(inBody('<![CDATA[<?xml <?xml ]]><![CDATA[?>]]>'))).toBe(true)
})

it('NTLM does not go past the address guard', async () => {
  const reached = vi.fn()
  const inside = createServer((_, response) => {
    reached()
    response.end()
  })
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(inside.address() as AddressInfo).port}`
  const transport = undiciTransport({ clock: systemClock })
  const none = { scheme: 'none', marks: { headers: [], query: [] }, apply: () => undefined }
  try {
    const face = soapFor(httpClient({ baseUrl: origin, credential: none, transport, clock: systemClock }))
    const methods = await face.createClient<Methods>(description(`${origin}/get`))
    methods.setSecurity(new soap.NTLMSecurity({ username: 'u', password: 'p' }))
    expect(await failure(methods.GetAsync({}))).toMatchObject({ kind: 'unsupported', issues: [{ path: 'ntlm' }] })
    const wsdl = { wsdl_options: { ntlm: true, username: 'u', password: 'p' } }
    expect(await failure(face.createClient(`${origin}/get?wsdl`, wsdl))).toMatchObject({ kind: 'unsupported' })
    expect(reached).not.toHaveBeenCalled()
  } finally {
    await transport.close()
    inside.closeAllConnections()
    inside.close()
  }
})

it('a description that imports another without end is not followed for ever', async () => {
  let asked = 0
  const endless = answering(() => {
    asked++
    const location = `https://vendor.example/soap/${asked}.wsdl`
    return { body: description('https://vendor.example/soap', `<import namespace="u" location="${location}"/>`) }
  })
  const work = soapFor(endless).createClient('https://vendor.example/soap?wsdl')
  expect(await failure(work)).toMatchObject({ kind: 'config', issues: [{ path: 'wsdl' }] })
  expect(asked).toBeLessThan(600)
})

it("a fault's text is one line and without the credential that the vendor repeats", async () => {
  const fault = `<s:Fault><faultcode>s:X</faultcode><faultstring>no such key ${secret}\r\nFORGED LINE</faultstring></s:Fault>`
  const methods = await methodsOver(answering(() => ({ status: 500, body: inBody(fault) })))
  const error = (await failure(methods.GetAsync({}))) as Error
  expect(error.message).toBe(
    'unexpected (500, X): the SOAP server answered with a fault: no such key [secret] FORGED LINE',
  )
})

it('a local path that a description imports is named as it is written there', async () => {
  const work = soapFor(answering(() => ({ body: '' }))).createClient(
    description('https://vendor.example/soap', '<import namespace="u" location="../etc/passwd"/>'),
  )
  const { message } = (await failure(work)) as Error
  expect(message).toContain('imports ../etc/passwd')
  expect(message).not.toContain(process.cwd())
})
