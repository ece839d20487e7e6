import { type ConnectorSubject, connectorChecks, runChecks } from '@patchbay/core/conformance'
import { expect, it } from 'vitest'
import { crm } from './fixtures/crm-documents.ts'
import { soap, wsSecurity } from './index.ts'

const xml = { 'content-type': 'text/xml; charset=utf-8' }
const envelope = (content: string): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${content}</s:Body></s:Envelope>`
const answer = `<StoreDocumentResponse xmlns="urn:crm:customer"><size>9007199254740993</size></StoreDocumentResponse>`
const fault = (code: string, detail = ''): string =>
  envelope(`<s:Fault><faultcode>${code}</faultcode><faultstring>No</faultstring><detail>${detail}</detail></s:Fault>`)
const secret = 'P4ssw0rd/of+Ada=='
const json = { json: { a: 1 } }
const config = { wsdl: crm, port: 'Crm11', endpoint: 'https://crm.example.com/soap' }

const subject: ConnectorSubject = {
  connector: soap,
  config,
  wrongConfigs: [
    { config: {}, path: 'wsdl' },
    { config: { wsdl: '/etc/passwd' }, path: 'wsdl' },
    { config: { ...config, endpoint: 'file:///x' }, path: 'endpoint' },
    { config: { ...config, operations: { GetCustomer: { effect: 'maybe' } } }, path: 'operations.GetCustomer.effect' },
  ],
  credential: wsSecurity({ username: 'ada', password: secret, passwordType: 'text' }),
  secrets: [secret],
  operations: {
    'call.invoke': {
      input: { operation: 'StoreDocument', body: { name: 'a', content: new Uint8Array([1]) } },
      reply: { text: envelope(answer), headers: xml },
      output: { body: { size: '9007199254740993' }, headers: {} },
    },
    'request.read': { input: { path: '/' }, reply: json, ignoresBody: true },
    'request.list': { input: { path: '/' }, reply: { json: [] }, ignoresBody: true },
    'request.apply': { input: { path: '/' }, reply: json, ignoresBody: true },
    'request.write': { input: { path: '/' }, reply: json, ignoresBody: true },
    'request.writeOnce': { input: { path: '/' }, reply: json, ignoresBody: true },
    'request.destroy': {
      input: { path: '/' },
      options: { approval: { by: 'a', reason: 'b' } },
      reply: json,
      ignoresBody: true,
    },
  },
  failures: [
    {
      operation: 'call.invoke',
      reply: { status: 500, text: fault('s:Client.Bad'), headers: xml },
      kind: 'invalid-input',
      code: 'Client.Bad',
    },
    {
      operation: 'call.invoke',
      reply: { status: 500, text: fault('s:Server'), headers: xml },
      kind: 'unavailable',
      code: 'Server',
    },
    { operation: 'call.invoke', reply: { text: fault('wsse:FailedAuthentication'), headers: xml }, kind: 'credential' },
    { operation: 'call.invoke', reply: { text: envelope('<a/>'), headers: xml }, kind: 'protocol', code: 'schema' },
    {
      operation: 'call.invoke',
      reply: { text: `<!DOCTYPE a>${envelope(answer)}`, headers: xml },
      kind: 'protocol',
      code: 'bad-xml',
    },
    {
      operation: 'call.invoke',
      reply: { status: 500, text: envelope(answer), headers: xml },
      kind: 'protocol',
      code: 'no-fault',
    },
    { operation: 'call.invoke', reply: { status: 503, text: fault('s:Server'), headers: xml }, kind: 'unavailable' },
  ],
}

it('conforms', async () => {
  const results = await runChecks(connectorChecks, { open: () => subject })
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
})
