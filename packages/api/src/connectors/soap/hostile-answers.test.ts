import { connect, isPatchbayError, systemClock, type Transport } from '@patchbay/core'
import { httpClient } from '@patchbay/core/http'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { flatCrm } from './fixtures/crm-documents.ts'
import { type SoapResult, soap, soapFor } from './index.ts'

const url = 'https://crm.example.com/x'
const none = { scheme: 'none', marks: { headers: [], query: [] }, apply: () => undefined }

/** Answers of a vendor that means no good, through the connector and through the face. */
async function outcomes(body: string, type = 'text/xml'): Promise<readonly unknown[]> {
  const transport: Transport = {
    send: async () => ({
      status: 200,
      statusText: '',
      headers: { 'content-type': type },
      url,
      body: Buffer.from(body),
      stream: undefined,
    }),
    close: async () => undefined,
  }
  const connection = connect(soap, { config: { wsdl: flatCrm, port: 'Crm11', endpoint: url }, transport })
  const face = soapFor(httpClient({ baseUrl: url, credential: none, transport, clock: systemClock }))
  const client = await face.createClient<{ StoreDocumentAsync(input: unknown): Promise<SoapResult> }>(flatCrm, {
    endpoint: url,
  })
  const input = { name: 'a', content: 'AA==' }
  return Promise.all(
    [connection.call.invoke({ operation: 'StoreDocument', body: input }), client.StoreDocumentAsync(input)].map(
      (work) =>
        work.then(
          () => 'success',
          (error: unknown) => error,
        ),
    ),
  )
}

const inBody = (content: string): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${content}</s:Body></s:Envelope>`

it.each([
  ['twenty thousand elements deep', inBody('<a>'.repeat(20_000) + '</a>'.repeat(20_000))],
  [
    'deep inside of the right element',
    inBody(
      `<StoreDocumentResponse xmlns="urn:crm:customer"><size>${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}</size></StoreDocumentResponse>`,
    ),
  ],
  [
    'a deep fault',
    inBody(
      `<s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring><detail>${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}</detail></s:Fault>`,
    ),
  ],
  ['a document type', `<!DOCTYPE a [<!ENTITY b "c">]>${inBody('<a>&b;</a>')}`],
  ['no XML', 'not XML'],
])('%s is a protocol error', async (_, body) => {
  for (const outcome of await outcomes(body)) expect(outcome).toMatchObject({ kind: 'protocol' })
})

it('any answer is a value or a typed error', async () => {
  const names = fc.constantFrom(
    'StoreDocumentResponse',
    'size',
    'content',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    's:Fault',
    's:Body',
    's:Envelope',
    'faultcode',
    'detail',
    'x:Include',
  )
  const attribute = fc.constantFrom(
    '',
    ' xmlns="urn:crm:customer"',
    ' xsi:nil="true"',
    ' xsi:type="c:Customer"',
    ' href="cid:a"',
    ' href="#1"',
    ' id="1"',
    ' xmlns:x="http://www.w3.org/2004/08/xop/include"',
    ' __proto__="x"',
  )
  const tree = fc.letrec<{ node: string }>((tie) => ({
    node: fc
      .tuple(
        names,
        attribute,
        fc.array(
          fc.oneof(
            { maxDepth: 5 },
            fc.constantFrom('', '1', '&amp;', '<![CDATA[<?xml version="1.0"?><a/>]]>'),
            tie('node'),
          ),
          { maxLength: 3 },
        ),
      )
      .map(([name, more, children]) => `<${name}${more}>${children.join('')}</${name}>`),
  }))
  const open =
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:c="urn:crm:customer" xmlns:x="urn:x">'
  await fc.assert(
    fc.asyncProperty(tree.node, fc.boolean(), async (node, wrapped) => {
      const body = wrapped ? `${open}<s:Body>${node}</s:Body></s:Envelope>` : node
      for (const outcome of await outcomes(body)) expect(outcome === 'success' || isPatchbayError(outcome)).toBe(true)
    }),
    { numRuns: 150 },
  )
}, 60_000)
