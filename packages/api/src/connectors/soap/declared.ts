import { type Clock, Fault, type HttpResponse, type Random } from '@patchbay/core'
import { type CleanText, vendorText } from '@patchbay/core/http'
import { collectAttachments, readMessage } from './attachments/incoming-message.ts'
import type { SoapHeader, SoapOperation } from './description/description-model.ts'
import { describeWsdlText } from './description/index.ts'
import { addAddressing, checkRelation } from './message/addressing.ts'
import { buildEnvelope, type MessageInput, type SoapVersion } from './message/build-envelope.ts'
import { httpHeaders } from './message/http-headers.ts'
import { parseEnvelope, protocolFault, readAnswer } from './message/read-envelope.ts'
import { type FaultKinds, faultFacts } from './message/soap-fault.ts'
import type { ElementDeclaration } from './schema/schema-model.ts'
import type { SchemaSet } from './schema/schema-set.ts'
import { type SecuritySettings, secureEnvelope } from './security/security-header.ts'
import { escapeAttribute } from './xml/serialize-xml.ts'

/** A SOAP operation that stands in a manifest and not in a WSDL. Elements are named `{namespace}name`. */
export interface DeclaredSoap {
  readonly version: SoapVersion
  readonly action: string
  /** The Body's element; left out for an empty Body. */
  readonly input?: string | undefined
  /** The same of the answer's; left out for one-way operations. */
  readonly output?: string | undefined
  /** Elements that may stand in the request's Header. */
  readonly headers?: readonly string[] | undefined
  /** Details of the faults that are the service's own answers. */
  readonly faults?: readonly string[] | undefined
  /** Action of WS-Addressing; left out: its headers are not sent. */
  readonly addressing?: string | undefined
}

/** Ready to write and read messages: made once per operation. */
export interface SoapDefinition {
  readonly schemas: SchemaSet
  readonly version: SoapVersion
  readonly operation: SoapOperation
}

/** What a message gets beside its values. */
export interface SoapSending {
  readonly security?: SecuritySettings | undefined
  readonly env: { readonly clock: Clock; readonly random: Random }
  /** Where the message goes. */
  readonly to: string
}

/** The schemas of a manifest by the paths with which they import one another. @throws Fault `config` */
export async function readSchemas(documents: Readonly<Record<string, string>>): Promise<SchemaSet> {
  const imports = Object.keys(documents).map((path) => `<xsd:import schemaLocation="${escapeAttribute(path)}"/>`)
  const text = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><types><xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">${imports.join('')}</xsd:schema></types></definitions>`
  return (await describeWsdlText({ text, documents })).schemas
}

/** @throws Fault `config` for elements that the schemas do not declare */
export function soapDefinition(declared: DeclaredSoap, schemas: SchemaSet, name: string): SoapDefinition {
  const { action, headers = [], faults = [], addressing } = declared
  const body = (element: string | undefined) => (element === undefined ? undefined : schemas.element(element))
  const operation: SoapOperation = {
    name,
    documentation: undefined,
    soapAction: action,
    style: 'document',
    input: { body: body(declared.input), headers: headers.map((header) => headerOf(schemas.element(header))) },
    output: declared.output === undefined ? undefined : { body: body(declared.output), headers: [] },
    faults: faults.map((fault) => schemas.element(fault)),
    addressing: { used: addressing !== undefined, action: addressing ?? action },
    unsupported: undefined,
  }
  return { schemas, version: declared.version, operation }
}

function headerOf(element: ElementDeclaration): SoapHeader {
  return { key: element.name, element }
}

export interface WrittenSoap {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Of WS-Addressing, where it is used: the answer relates to it. */
  readonly messageId?: string | undefined
}

/** The request for an input, for the `headers` and `body` of a ClientRequest. @throws Fault `invalid-input` naming the fields */
export function soapRequest(
  { schemas, version, operation }: SoapDefinition,
  input: MessageInput,
  sending?: SoapSending,
): WrittenSoap {
  const envelope = buildEnvelope(schemas, version, operation, input)
  const headers = httpHeaders(version, operation.soapAction)
  if (sending === undefined) return { headers, body: envelope.text }
  const { security, env, to } = sending
  const { used, action } = operation.addressing
  const messageId = used ? addAddressing(envelope, { action, to, id: env.random.uuid() }) : undefined
  if (security !== undefined) secureEnvelope(envelope, security, env)
  return { headers, body: envelope.text, messageId }
}

export interface SoapReading {
  readonly faults?: FaultKinds
  readonly clean?: CleanText
  readonly lenient?: boolean
  readonly messageId?: string | undefined
  /** True: bytes are given as base64 and hex text. */
  readonly bytesAsText?: boolean
}

/** The value of an answer. @throws Fault for faults and for what does not fit the schemas */
export async function soapAnswer(
  { schemas, operation }: SoapDefinition,
  reply: Pick<HttpResponse, 'status' | 'headers' | 'body'>,
  options: SoapReading = {},
): Promise<unknown> {
  const { status, headers, body } = reply
  if (operation.output === undefined && body.byteLength === 0 && status <= 299) return undefined
  const { faults = {}, clean = (text) => vendorText(text), lenient = false, messageId, bytesAsText = false } = options
  const message = await readMessage(headers, once(body), { envelopeBytes: Number.POSITIVE_INFINITY })
  try {
    const bytes = await collectAttachments(message)
    const envelope = parseEnvelope(message.envelope, {}, status)
    if (envelope.fault !== undefined)
      throw new Fault(faultFacts(envelope.fault, { schemas, operation, status, kinds: faults, clean }))
    if (status >= 400) throw protocolFault('no-fault', 'the answer has a status of failure and no fault in it', status)
    if (messageId !== undefined) checkRelation(envelope, messageId)
    const attached = (contentId: string): unknown => {
      const found = bytes.get(contentId)
      return bytesAsText && found !== undefined ? Buffer.from(found).toString('base64') : found
    }
    return readAnswer(schemas, operation, envelope, { lenient, attached, bytesAsText }).body
  } finally {
    await message.close()
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
