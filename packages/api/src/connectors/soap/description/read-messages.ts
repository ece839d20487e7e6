import { qualifiedName } from '../schema/read-schema.ts'
import type { ElementDeclaration } from '../schema/schema-model.ts'
import type { SchemaSet } from '../schema/schema-set.ts'
import { expandedName, namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import type { SoapHeader, SoapMessage } from './description-model.ts'
import type { Definitions, MessagePart } from './read-definitions.ts'

/** What a binding says about one direction of an operation. */
export interface MessageBinding {
  readonly definitions: Definitions
  readonly schemas: SchemaSet
  readonly style: 'document' | 'rpc'
  /** Namespace of the binding's SOAP elements. */
  readonly soap: string
  /** Name of the wrapper of an rpc message. */
  readonly wrapper: string
}

/** Either the message, or why it cannot be sent. */
export type ReadMessage = SoapMessage | string

/** `bound`: wsdl:input or wsdl:output of the binding. */
export function readMessage(message: string, bound: XmlElement | undefined, binding: MessageBinding): ReadMessage {
  const { definitions, schemas, style, soap, wrapper } = binding
  const inside = bound === undefined ? [] : [...bound.walk()]
  const body = inside.find((element) => element.is(soap, 'body'))
  const headers = inside.filter((element) => element.is(soap, 'header'))
  if ([body, ...headers].some((element) => element?.attribute('use') === 'encoded'))
    return 'is rpc/encoded: SOAP encoding has no schema that both sides could hold to, and WS-I Basic Profile forbids it. Ask for a document/literal binding'
  const taken = new Set<string>()
  const read: SoapHeader[] = []
  for (const header of headers) {
    const from = qualifiedName(header, header.attribute('message') ?? '')
    const name = header.attribute('part') ?? ''
    const part = definitions.message(from).find((one) => one.name === name)
    if (part === undefined) return `has a header that names the part ${name.slice(0, 100)}, which is not there`
    if (from === message) taken.add(name)
    const element = declarationOf(part, schemas)
    const key = read.some((one) => one.key === element.local) ? element.name : element.local
    read.push({ key, element })
  }
  const listed = body?.attribute('parts')?.trim().split(/\s+/).filter(Boolean)
  const parts = definitions
    .message(message)
    .filter(({ name }) => (listed === undefined ? !taken.has(name) : listed.includes(name)))
  if (style === 'rpc') {
    if (parts.some(({ element }) => element !== undefined))
      return 'is rpc with parts of elements, which WS-I Basic Profile forbids'
    return { body: wrapperOf(wrapper, body?.attribute('namespace') ?? '', parts), headers: read }
  }
  const [only] = parts
  if (parts.length > 1) return 'has several elements in its body, which WS-I Basic Profile forbids'
  if (only !== undefined && only.element === undefined)
    return 'is a document message with a part of a type, which WS-I Basic Profile forbids'
  return { body: only === undefined ? undefined : declarationOf(only, schemas), headers: read }
}

export function declarationOf({ name, element, type }: MessagePart, schemas: SchemaSet): ElementDeclaration {
  if (element !== undefined) return schemas.element(element)
  return plain(name, '', type ?? expandedName(namespaces.schema, 'anyType'))
}

/** Parts of an rpc message stand without a namespace in a wrapper that is named after the operation (WSDL 1.1 section 3.5). */
function wrapperOf(local: string, uri: string, parts: readonly MessagePart[]): ElementDeclaration {
  const declared = plain(local, uri, '')
  return {
    ...declared,
    type: {
      variety: 'complex',
      name: undefined,
      abstract: false,
      mixed: false,
      derivation: undefined,
      base: undefined,
      content: 'elements',
      particle: {
        kind: 'sequence',
        min: 1,
        max: 1,
        particles: parts.map(({ name, type = '' }) => ({
          kind: 'element',
          min: 1,
          max: 1,
          element: plain(name, '', type),
        })),
      },
      attributes: { own: [], groups: [], any: false },
    },
  }
}

function plain(local: string, uri: string, type: string): ElementDeclaration {
  return { name: expandedName(uri, local), local, uri, type, nillable: false, abstract: false }
}
