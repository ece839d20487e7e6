import { documentationOf, qualifiedName, requiredName } from '../schema/read-schema.ts'
import type { ElementDeclaration } from '../schema/schema-model.ts'
import type { SchemaSet } from '../schema/schema-set.ts'
import { namespaces, splitName } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import type { SoapMessage, SoapOperation, SoapPort } from './description-model.ts'
import type { Definitions } from './read-definitions.ts'
import { declarationOf, readMessage } from './read-messages.ts'

const versions = { [namespaces.wsdlSoap11]: '1.1', [namespaces.wsdlSoap12]: '1.2' } as const
const http = new Set(['http://schemas.xmlsoap.org/soap/http', 'http://www.w3.org/2003/05/soap/bindings/HTTP/'])

/** All ports with a SOAP binding over HTTP. Others (plain HTTP, JMS) are left out. */
export function readPorts(definitions: Definitions, schemas: SchemaSet): SoapPort[] {
  const ports: SoapPort[] = []
  for (const service of definitions.services) {
    for (const port of service.all(namespaces.wsdl, 'port')) {
      const binding = definitions.binding(qualifiedName(port, port.attribute('binding') ?? ''))
      const soap = binding.elements.find(({ uri, local }) => local === 'binding' && Object.hasOwn(versions, uri))
      if (soap === undefined || !http.has(soap.attribute('transport') ?? '')) continue
      const portType = qualifiedName(binding, binding.attribute('type') ?? '')
      const address = port.elements.find((one) => one.local === 'address' && Object.hasOwn(versions, one.uri))
      const addressed = definitions.asksForAddressing(binding) || definitions.asksForAddressing(port)
      ports.push({
        service: requiredName(service),
        name: requiredName(port),
        portType,
        version: versions[soap.uri as keyof typeof versions],
        address: address?.attribute('location'),
        operations: readOperations(definitions, schemas, binding, soap, portType, addressed),
      })
    }
  }
  return ports
}

function readOperations(
  definitions: Definitions,
  schemas: SchemaSet,
  binding: XmlElement,
  soap: XmlElement,
  portType: string,
  addressed: boolean,
): Map<string, SoapOperation> {
  const abstract = definitions.portType(portType).all(namespaces.wsdl, 'operation')
  const operations = new Map<string, SoapOperation>()
  for (const bound of binding.all(namespaces.wsdl, 'operation')) {
    const name = requiredName(bound)
    const wanted = inputNameOf(bound)
    const named = abstract.filter((one) => one.attribute('name') === name)
    const found = named.find((one) => named.length === 1 || inputNameOf(one) === wanted) ?? named[0]
    if (found === undefined) continue
    // Overloaded: told apart by the names of their inputs.
    const key = named.length > 1 ? `${name}:${inputNameOf(found) ?? named.indexOf(found)}` : name
    operations.set(key, readOperation(definitions, schemas, { key, name, bound, found, soap, portType, addressed }))
  }
  return operations
}

interface Bound {
  readonly key: string
  readonly name: string
  readonly bound: XmlElement
  readonly found: XmlElement
  readonly soap: XmlElement
  readonly portType: string
  readonly addressed: boolean
}

const nothing: SoapMessage = { body: undefined, headers: [] }

function readOperation(definitions: Definitions, schemas: SchemaSet, of: Bound): SoapOperation {
  const { key, name, bound, found, soap, portType, addressed } = of
  const operation = bound.first(soap.uri, 'operation')
  const stated = operation?.attribute('style') ?? soap.attribute('style')
  const style = stated === 'rpc' ? 'rpc' : 'document'
  const direction = (which: 'input' | 'output', wrapper: string) => {
    const message = found.first(namespaces.wsdl, which)
    if (message === undefined) return undefined
    const from = qualifiedName(message, message.attribute('message') ?? '')
    const context = { definitions, schemas, style, soap: soap.uri, wrapper } as const
    return readMessage(from, bound.first(namespaces.wsdl, which), context)
  }
  const input = direction('input', name) ?? 'has no input: services that begin a conversation cannot be called'
  const output = direction('output', `${name}Response`)
  const soapAction = operation?.attribute('soapAction') ?? ''
  const unsupported = [input, output, actionProblem(soapAction)].find((one) => typeof one === 'string')
  return {
    name: key,
    documentation: documentationOf(found),
    soapAction,
    style,
    input: typeof input === 'string' ? nothing : input,
    output: typeof output === 'string' ? nothing : output,
    faults: faultsOf(definitions, schemas, found),
    addressing: { used: addressed, action: actionOf(found, name, portType, soapAction) },
    unsupported,
  }
}

function actionProblem(soapAction: string): string | undefined {
  return /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/.test(soapAction)
    ? undefined
    : 'has a SOAPAction that cannot stand in a header'
}

function faultsOf(definitions: Definitions, schemas: SchemaSet, operation: XmlElement): ElementDeclaration[] {
  return operation.all(namespaces.wsdl, 'fault').flatMap((fault) => {
    const message = fault.attribute('message')
    const [part] = message === undefined ? [] : definitions.message(qualifiedName(fault, message))
    return part === undefined ? [] : [declarationOf(part, schemas)]
  })
}

function inputNameOf(operation: XmlElement): string | undefined {
  return operation.first(namespaces.wsdl, 'input')?.attribute('name')
}

/** WS-Addressing 1.0 Metadata section 4.4: stated, else the SOAPAction, else made of namespace, port type and input. */
function actionOf(operation: XmlElement, name: string, portType: string, soapAction: string): string {
  const input = operation.first(namespaces.wsdl, 'input')
  const stated =
    input?.attribute('Action', namespaces.addressingMetadata) ?? input?.attribute('Action', namespaces.addressingWsdl)
  if (stated !== undefined) return stated
  if (soapAction !== '') return soapAction
  const { uri, local } = splitName(portType)
  const delimiter = uri.startsWith('urn:') ? ':' : '/'
  const oneWay = operation.first(namespaces.wsdl, 'output') === undefined
  const last = input?.attribute('name') ?? (oneWay ? name : `${name}Request`)
  return `${uri.endsWith(delimiter) ? uri.slice(0, -1) : uri}${delimiter}${local}${delimiter}${last}`
}
