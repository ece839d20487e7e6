/** Namespaces that SOAP, WSDL, XML Schema and their companions have in their specifications. */
export const namespaces = {
  xml: 'http://www.w3.org/XML/1998/namespace',
  xmlns: 'http://www.w3.org/2000/xmlns/',
  schema: 'http://www.w3.org/2001/XMLSchema',
  instance: 'http://www.w3.org/2001/XMLSchema-instance',
  wsdl: 'http://schemas.xmlsoap.org/wsdl/',
  wsdlSoap11: 'http://schemas.xmlsoap.org/wsdl/soap/',
  wsdlSoap12: 'http://schemas.xmlsoap.org/wsdl/soap12/',
  wsdlMime: 'http://schemas.xmlsoap.org/wsdl/mime/',
  envelope11: 'http://schemas.xmlsoap.org/soap/envelope/',
  envelope12: 'http://www.w3.org/2003/05/soap-envelope',
  encoding11: 'http://schemas.xmlsoap.org/soap/encoding/',
  xop: 'http://www.w3.org/2004/08/xop/include',
  xmime: 'http://www.w3.org/2005/05/xmlmime',
  addressing: 'http://www.w3.org/2005/08/addressing',
  addressingWsdl: 'http://www.w3.org/2006/05/addressing/wsdl',
  addressingMetadata: 'http://www.w3.org/2007/05/addressing/metadata',
  security: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd',
  securityUtility: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
} as const

/** A name with its namespace as one text, `{namespace}local`; without a namespace just `local`. */
export type ExpandedName = string

export function expandedName(uri: string, local: string): ExpandedName {
  return uri === '' ? local : `{${uri}}${local}`
}

export function splitName(name: ExpandedName): { readonly uri: string; readonly local: string } {
  const end = name.startsWith('{') ? name.indexOf('}') : -1
  return end === -1 ? { uri: '', local: name } : { uri: name.slice(1, end), local: name.slice(end + 1) }
}

const ncName = /^[\p{L}_][\p{L}\p{N}\p{M}_.\u00b7-]*$/u

/** True for a name without a colon that may stand as an element's or attribute's name. */
export function isLocalName(text: string): boolean {
  return ncName.test(text)
}
