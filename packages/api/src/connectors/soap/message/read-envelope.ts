import { Fault, type Issue } from '@patchbay/core'
import type { SoapMessage, SoapOperation } from '../description/description-model.ts'
import { toAnyXml } from '../schema/any-xml.ts'
import { type ReadContext, readXml } from '../schema/read-value.ts'
import type { SchemaSet } from '../schema/schema-set.ts'
import { namespaces } from '../xml/names.ts'
import { parseXml, type XmlLimits, XmlRefusal } from '../xml/parse-xml.ts'
import type { XmlElement } from '../xml/xml-element.ts'

/** A message that came in. */
export interface IncomingEnvelope {
  readonly root: XmlElement
  readonly header: XmlElement | undefined
  readonly body: XmlElement
  /** The one child of the Body; undefined when it is empty. */
  readonly content: XmlElement | undefined
  readonly fault: XmlElement | undefined
}

export function protocolFault(code: string, message: string, status?: number): Fault {
  return new Fault({ kind: 'protocol', code, status, sent: 'all', message })
}

/** @throws Fault `protocol` for whatever is no SOAP envelope; nothing of the text is repeated */
export function parseEnvelope(text: string, limits?: XmlLimits, status?: number): IncomingEnvelope {
  let root: XmlElement
  try {
    root = parseXml(text, limits)
  } catch (error) {
    if (error instanceof XmlRefusal) throw protocolFault('bad-xml', `the answer ${error.message}`, status)
    throw error
  }
  const { uri } = root
  if (root.local !== 'Envelope' || (uri !== namespaces.envelope11 && uri !== namespaces.envelope12))
    throw protocolFault('no-envelope', 'the answer is no SOAP envelope', status)
  const bodies = root.all(uri, 'Body')
  const headers = root.all(uri, 'Header')
  const [body] = bodies
  if (body === undefined || bodies.length > 1 || headers.length > 1)
    throw protocolFault(
      'no-envelope',
      'the answer is a SOAP envelope without the one Body, or with several Headers',
      status,
    )
  const content = body.elements
  return { root, header: headers[0], body, content: content[0], fault: body.first(uri, 'Fault') }
}

/** The values of an answer. */
export interface SoapAnswer {
  readonly body: unknown
  /** By the keys of the declared headers; others under `#any`. */
  readonly headers: Readonly<Record<string, unknown>>
}

export interface ReadOptions {
  readonly lenient: boolean
  readonly attached?: ReadContext['attached']
  readonly bytesAsText?: ReadContext['bytesAsText']
}

/** @throws Fault `protocol` naming the fields that do not fit */
export function readAnswer(
  schemas: SchemaSet,
  { output, name }: Pick<SoapOperation, 'output' | 'name'>,
  envelope: IncomingEnvelope,
  options: ReadOptions,
): SoapAnswer {
  const issues: Issue[] = []
  const context: ReadContext = { schemas, issues, ...options }
  const headers = output === undefined ? {} : readHeaders(output, envelope, context)
  const declared = output?.body
  const { content } = envelope
  if (declared === undefined) return { body: undefined, headers }
  if (content === undefined)
    throw protocolFault('schema', `the answer to ${name} has an empty Body where ${declared.local} must stand`)
  if (content.local !== declared.local || (content.uri !== declared.uri && content.uri !== '' && declared.uri !== ''))
    throw protocolFault('schema', `the answer to ${name} holds another element than ${declared.local}`)
  return { body: readXml(content, declared, context), headers }
}

/** Headers of WS-Security, WS-Addressing and their like are the connector's own affair. */
const own: ReadonlySet<string> = new Set([namespaces.security, namespaces.addressing])

function readHeaders(
  { headers: declared }: SoapMessage,
  { header }: IncomingEnvelope,
  context: ReadContext,
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  const any: unknown[] = []
  for (const element of header?.elements ?? []) {
    const known = declared.find((one) => one.element.name === element.name)
    if (known !== undefined) values[known.key] = readXml(element, known.element, context, `headers.${known.key}`)
    else if (!own.has(element.uri)) any.push(toAnyXml(element))
  }
  return any.length === 0 ? values : { ...values, '#any': any }
}
