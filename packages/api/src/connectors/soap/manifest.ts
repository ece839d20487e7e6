import type { Manifest } from '@patchbay/core'

export const manifest: Manifest = {
  id: 'api/soap',
  title: 'SOAP',
  summary: 'Any SOAP service by its WSDL, with typed messages, WS-Security and MTOM.',
  version: '1.0.0',
  sources: [
    'https://www.w3.org/TR/wsdl.html',
    'https://www.w3.org/TR/2000/NOTE-SOAP-20000508/',
    'https://www.w3.org/TR/soap12-part1/',
    'https://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-SOAPMessageSecurity-v1.1.1-os.html',
    'https://www.w3.org/TR/soap12-mtom/',
  ],
}
