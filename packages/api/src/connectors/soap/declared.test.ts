import { expect, it } from 'vitest'
import { type DeclaredSoap, readSchemas, soapAnswer, soapDefinition, soapRequest } from './declared.ts'
import { crm } from './fixtures/crm-documents.ts'

const { 'messages.wsdl': _, ...documents } = crm.documents
const schemas = await readSchemas(documents)
const declared: DeclaredSoap = {
  version: '1.2',
  action: 'urn:crm:GetCustomer',
  input: '{urn:crm:customer}GetCustomer',
  output: '{urn:crm:customer}StoreDocumentResponse',
}
const definition = soapDefinition(declared, schemas, 'customer.get')
const reply = (content: string, status = 200) => ({
  status,
  headers: { 'content-type': 'application/soap+xml' },
  body: Buffer.from(
    `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${content}</s:Body></s:Envelope>`,
  ),
})

it('writes and reads messages without a WSDL', async () => {
  const { headers, body } = soapRequest(definition, { body: { id: '7' } })
  expect(headers).toEqual({
    accept: 'application/soap+xml, multipart/related',
    'content-type': 'application/soap+xml; charset=utf-8; action="urn:crm:GetCustomer"',
  })
  expect(body).toBe(
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:n2="urn:crm:customer"><soap:Body><n2:GetCustomer><n2:id>7</n2:id></n2:GetCustomer></soap:Body></soap:Envelope>',
  )
  const answer = '<StoreDocumentResponse xmlns="urn:crm:customer"><size>7</size></StoreDocumentResponse>'
  expect(await soapAnswer(definition, reply(answer))).toEqual({ size: '7' })
})

it('reads the faults of SOAP 1.2', async () => {
  const fault = `<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:m="urn:m">m:TooLong</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="de">Nein</s:Text><s:Text xml:lang="en">No</s:Text></s:Reason></s:Fault>`
  await expect(soapAnswer(definition, reply(fault, 400))).rejects.toMatchObject({
    facts: {
      kind: 'invalid-input',
      code: 'TooLong',
      status: 400,
      message: 'the SOAP server answered with a fault: No',
    },
  })
  await expect(soapAnswer(definition, reply(fault, 400), { faults: { TooLong: 'conflict' } })).rejects.toMatchObject({
    facts: { kind: 'conflict' },
  })
})

it('names elements that no schema declares', () => {
  expect(() => soapDefinition({ ...declared, input: '{urn:crm:customer}Nothing' }, schemas, 'a.b')).toThrow()
})
