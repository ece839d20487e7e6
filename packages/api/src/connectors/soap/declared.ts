import { Fault, type HttpResponse } from '@patchbay/core'
import { type CleanText, vendorText } from '@patchbay/core/http'
import { readMessage } from './attachments/incoming-message.ts'
import type { SoapOperation } from './description/description-model.ts'
import { describeWsdlText } from './description/index.ts'
import { buildEnvelope, type MessageInput, type SoapVersion } from './message/build-envelope.ts'
import { httpHeaders } from './message/http-headers.ts'
import { parseEnvelope, protocolFault, readAnswer } from './message/read-envelope.ts'
import { type FaultKinds, faultFacts } from './message/soap-fault.ts'
import type { SchemaSet } from './schema/schema-set.ts'
import { escapeAttribute } from './xml/serialize-xml.ts'

/** A SOAP operation that stands in a manifest and not in a WSDL. */
export interface DeclaredSoap {
  readonly version: SoapVersion
  readonly action: string
  /** `{namespace}name` of the Body's element. */
  readonly input: string
  /** The same of the answer's; left out for one-way operations. */
  readonly output?: string | undefined
}

/** Ready to write and read messages: made once per operation. */
export interface SoapDefinition {
  readonly schemas: SchemaSet
  readonly version: SoapVersion
  readonly operation: SoapOperation
}

/** The schemas of a manifest by the paths with which they import one another. @throws Fault `config` */
export async function readSchemas(documents: Readonly<Record<string, string>>): Promise<SchemaSet> {
  const imports = Object.keys(documents).map((path) => `<xsd:import schemaLocation="${escapeAttribute(path)}"/>`)
  const text = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><types><xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">${imports.join('')}</xsd:schema></types></definitions>`
  return (await describeWsdlText({ text, documents })).schemas
}

/** @throws Fault `config` for elements that the schemas do not declare */
export function soapDefinition(declared: DeclaredSoap, schemas: SchemaSet, name: string): SoapDefinition {
  const message = (element: string) => ({ body: schemas.element(element), headers: [] })
  const operation: SoapOperation = {
    name,
    documentation: undefined,
    soapAction: declared.action,
    style: 'document',
    input: message(declared.input),
    output: declared.output === undefined ? undefined : message(declared.output),
    faults: [],
    addressing: { used: false, action: declared.action },
    unsupported: undefined,
  }
  return { schemas, version: declared.version, operation }
}

/** The request for an input, for the `headers` and `body` of a ClientRequest. @throws Fault `invalid-input` naming the fields */
export function soapRequest(
  { schemas, version, operation }: SoapDefinition,
  input: MessageInput,
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const envelope = buildEnvelope(schemas, version, operation, input)
  return { headers: httpHeaders(version, operation.soapAction), body: envelope.text }
}

/** The value of an answer. @throws Fault for faults and for what does not fit the schemas */
export async function soapAnswer(
  { schemas, operation }: SoapDefinition,
  reply: Pick<HttpResponse, 'status' | 'headers' | 'body'>,
  options: { readonly faults?: FaultKinds; readonly clean?: CleanText; readonly lenient?: boolean } = {},
): Promise<unknown> {
  const { status, headers, body } = reply
  if (operation.output === undefined && body.byteLength === 0 && status <= 299) return undefined
  const { faults = {}, clean = (text) => vendorText(text), lenient = false } = options
  const message = await readMessage(headers, once(body), { envelopeBytes: Number.POSITIVE_INFINITY })
  await message.close()
  const envelope = parseEnvelope(message.envelope, {}, status)
  if (envelope.fault !== undefined)
    throw new Fault(faultFacts(envelope.fault, { schemas, operation, status, kinds: faults, clean }))
  if (status >= 400) throw protocolFault('no-fault', 'the answer has a status of failure and no fault in it', status)
  return readAnswer(schemas, operation, envelope, { lenient }).body
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
