import { type Call, type CalledAs, operation, unchecked } from '@patchbay/core'
import { defineAPIConnector } from '../../contract.ts'
import { credentialSchemes } from '../../credential-schemes.ts'
import { requestOperations } from '../../request/request-operations.ts'
import { soapConfig, targetOf } from './config.ts'
import { invoke } from './invoke.ts'
import { type InvokeMethod, invokeInput, type SoapReply } from './invoke-input.ts'
import { manifest } from './manifest.ts'
import { wsSecurity } from './security/ws-security.ts'
import { openSoap, type SoapServiceClient } from './soap-client.ts'

const calling = operation(
  {
    name: 'call.invoke',
    effect: 'write',
    summary: 'Calls an operation of the WSDL. What sending it twice does stands in the config, under `operations`.',
    input: invokeInput,
    output: unchecked<SoapReply>(),
  },
  (client: SoapServiceClient, input, call: Call) => invoke(client, input, call),
)

/**
 * Any SOAP service, by its WSDL:
 *
 * ```ts
 * const connection = connect(soap, {
 *   config: { wsdl: 'https://crm.example.com/customers?wsdl', operations: { GetCustomer: { effect: 'read' } } },
 *   credential: wsSecurity({ username: 'ada', password }),
 * })
 * const { body } = await connection.call.invoke<Customer>({ operation: 'GetCustomer', body: { id: '7' } })
 * ```
 */
export const soap = defineAPIConnector({
  contract: 1,
  manifest,
  api: {
    style: 'soap',
    describe: async (client: SoapServiceClient) => ({
      format: 'wsdl',
      source: client.description.documents[0] ?? '',
      content: client.wsdl,
    }),
  },
  config: soapConfig,
  credentials: [wsSecurity.scheme, ...credentialSchemes],
  operations: {
    'call.invoke': calling as typeof calling & CalledAs<InvokeMethod>,
    ...requestOperations,
  },
  target: targetOf,
  open: openSoap,
})
