import { Fault, patchbayError } from '@patchbay/core'
import type { SoapDescription, SoapOperation, SoapPort } from '../../connectors/soap/description/description-model.ts'
import { describeWsdl } from '../../connectors/soap/description/index.ts'
import type { ElementDeclaration } from '../../connectors/soap/schema/schema-model.ts'
import { dataOfSchemas } from '../../connectors/soap/schema/write-schema-data.ts'
import { namespaces } from '../../connectors/soap/xml/names.ts'
import type { Findings } from '../finding.ts'
import type { ApiModel, MediaTypeModel, OperationModel, ServerModel } from '../model.ts'
import type { DescriptionReader, ReadingContext } from '../reader.ts'
import type { XmlDocument } from '../source-document.ts'
import { type Translated, translated } from '../translated.ts'
import { SchemaDefinitions } from './schema-definitions.ts'

/**
 * WSDL 1.1 with its imports, for `readers` of `readDescription`. Each operation of a SOAP port is an operation whose body is what stands in the
 * message's element; `binding` has the SOAPAction, the version and the names of the elements. Imports are read where the policy of the reading
 * allows it. Of ports that differ in nothing but the version of SOAP the first counts.
 * @see https://www.w3.org/TR/wsdl.html
 */
export const wsdlReader: DescriptionReader = {
  format: 'wsdl',
  detects: (document) =>
    document.syntax === 'xml' && document.root.name === 'definitions' && document.root.namespace === namespaces.wsdl,
  async read(document, context) {
    if (document.syntax !== 'xml') throw new TypeError('detects() comes before read()')
    return modelOf(await described(document, context), document, context.findings)
  },
}

async function described(document: XmlDocument, { load }: ReadingContext): Promise<SoapDescription> {
  const { text, location } = document
  const source = location === undefined ? { text } : { url: location, documents: { [location]: text } }
  try {
    return await describeWsdl(source, 'anywhere', async ({ href }) => {
      const other = await load(href, document)
      if (other.syntax === 'xml') return other.text
      throw new Fault({
        kind: 'config',
        issues: [{ path: 'wsdl', message: `imports ${href.slice(0, 200)}, which is no XML` }],
      })
    })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw patchbayError({ ...error.facts, code: 'description-malformed' })
  }
}

function modelOf(description: SoapDescription, { location }: XmlDocument, findings: Findings): ApiModel {
  const definitions = new SchemaDefinitions(description.schemas)
  const all = translated(definitions.all(), location, findings)
  const ports = distinct(description.ports)
  if (ports.length === 0)
    findings.add('port-missing', '#', 'No port with a SOAP binding over HTTP: there is nothing to call.')
  const elements = new Map(description.schemas.elements)
  const operations = ports.flatMap((port) =>
    [...port.operations.values()].flatMap((operation) => {
      const reason = operation.unsupported ?? clashOf(operation, elements)
      if (reason === undefined) return operationOf(port, operation, definitions, all.node, ports.length > 1)
      findings.add('operation-left-out', `${port.name}.${operation.name}`, `The operation ${reason}; left out.`)
      return []
    }),
  )
  const [first] = ports
  return {
    protocol: 'soap',
    format: 'wsdl-1.1',
    title: description.name ?? first?.service ?? '',
    version: '',
    description: description.documentation,
    links: {},
    servers: serversOf(first),
    security: new Map(),
    operations,
    schemas: all.schemas,
    xml: dataOfSchemas(description.schemas, [...elements.values()]),
    findings: findings.list,
  }
}

/** Wrappers of rpc messages are named like elements and are none: two of one name cannot be told apart by it. */
function clashOf(
  { input, output, faults }: SoapOperation,
  elements: Map<string, ElementDeclaration>,
): string | undefined {
  const all = [input.body, output?.body, ...faults, ...input.headers.map(({ element }) => element)]
  for (const one of all) {
    if (one === undefined) continue
    const known = elements.get(one.name)
    if (known === undefined) elements.set(one.name, one)
    else if (known !== one && JSON.stringify(known) !== JSON.stringify(one))
      return `has a message whose element ${one.local} has the name of another`
  }
  return undefined
}

function distinct(ports: readonly SoapPort[]): readonly SoapPort[] {
  return ports.filter(
    (port, index) => ports.findIndex((one) => one.portType === port.portType && one.service === port.service) === index,
  )
}

function serversOf(port: SoapPort | undefined): ServerModel[] {
  const url = addressOf(port)
  return url === undefined ? [] : [{ url: url.origin, variables: new Map() }]
}

/** The whole address is where calls go: its path is that of the operations, and no prefix to which they add one. */
function addressOf(port: SoapPort | undefined): URL | undefined {
  const url = URL.parse(port?.address ?? '')
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined
}

function operationOf(
  port: SoapPort,
  { name, documentation, soapAction, input, output, faults, addressing }: SoapOperation,
  definitions: SchemaDefinitions,
  node: Translated['node'],
  several: boolean,
): OperationModel {
  const id = several ? `${port.name}.${name}` : name
  const address = addressOf(port)
  const query = [...(address?.searchParams ?? [])]
  const type = port.version === '1.1' ? 'text/xml' : 'application/soap+xml'
  const media = (body: SoapOperation['input']['body']): MediaTypeModel[] =>
    body === undefined ? [] : [{ type, schema: node(definitions.element(body)) }]
  return {
    key: `${port.service}.${port.name}.${name}`,
    id,
    method: 'POST',
    path: address?.pathname ?? '/',
    fixedQuery: query.length === 0 ? undefined : new Map(query),
    summary: documentation?.slice(0, 300),
    description: documentation,
    tags: several ? [port.name] : [],
    deprecated: false,
    parameters: [],
    body: input.body === undefined ? undefined : { required: true, media: media(input.body) },
    responses: [{ status: '200', media: media(output?.body), headers: new Map() }],
    security: [],
    servers: several ? serversOf(port) : undefined,
    binding: {
      kind: 'soap',
      action: soapAction,
      version: port.version,
      service: port.service,
      port: port.name,
      operation: name,
      input: input.body?.name,
      output: output?.body?.name,
      headers: input.headers.map(({ element }) => element.name),
      headerSchemas: input.headers.map(({ element }) => node(definitions.element(element))),
      faults: faults.map((fault) => fault.name),
      addressing: addressing.used ? addressing.action : undefined,
    },
  }
}
