import { Fault, type Issue } from '@patchbay/core'
import type { SoapOperation } from '../description/description-model.ts'
import { fromAnyXml } from '../schema/any-xml.ts'
import { DocumentPrefixes } from '../schema/prefixes.ts'
import type { SchemaSet } from '../schema/schema-set.ts'
import type { BinarySink } from '../schema/write-context.ts'
import { writeElement, writeXml } from '../schema/write-value.ts'
import { namespaces } from '../xml/names.ts'
import { serializeXml } from '../xml/serialize-xml.ts'
import { XmlElement } from '../xml/xml-element.ts'

export type SoapVersion = '1.1' | '1.2'

/** A message on its way out. What is added to it later takes its prefixes from here. */
export class OutgoingEnvelope {
  readonly root: XmlElement
  readonly header: XmlElement
  readonly body: XmlElement
  readonly prefixes = new DocumentPrefixes()
  readonly version: SoapVersion

  constructor(version: SoapVersion) {
    this.version = version
    const uri = version === '1.1' ? namespaces.envelope11 : namespaces.envelope12
    this.root = new XmlElement(this.prefixes.prefixOf(uri), 'Envelope', uri)
    this.header = this.root.append(new XmlElement('soap', 'Header', uri))
    this.body = this.root.append(new XmlElement('soap', 'Body', uri))
  }

  element(uri: string, local: string, text?: string): XmlElement {
    const element = new XmlElement(this.prefixes.prefixOf(uri), local, uri)
    if (text !== undefined && text !== '') element.children.push(text)
    return element
  }

  /** An attribute with a namespace. */
  mark(element: XmlElement, uri: string, local: string, value: string): void {
    element.attributes.push({ prefix: this.prefixes.prefixOf(uri), local, uri, value })
  }

  plain(element: XmlElement, local: string, value: string): void {
    element.attributes.push({ prefix: '', local, uri: '', value })
  }

  /** Declares all namespaces at the root: canonical forms can be made from now on, and no namespace may be new after it. */
  seal(): void {
    this.prefixes.declareAt(this.root)
  }

  get text(): string {
    this.seal()
    if (this.header.children.length > 0) return `${declaration}${serializeXml(this.root)}`
    // A message without headers has no Header element.
    const bare = new XmlElement(this.root.prefix, this.root.local, this.root.uri)
    bare.declared = this.root.declared
    bare.children.push(this.body)
    return `${declaration}${serializeXml(bare)}`
  }
}

const declaration = '<?xml version="1.0" encoding="utf-8"?>'

export interface MessageInput {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, unknown>> | undefined
}

/** @throws Fault `invalid-input` naming every field that does not fit the WSDL */
export function buildEnvelope(
  schemas: SchemaSet,
  version: SoapVersion,
  { input, name }: SoapOperation,
  given: MessageInput,
  binaries?: BinarySink,
): OutgoingEnvelope {
  const envelope = new OutgoingEnvelope(version)
  const issues: Issue[] = []
  const context = { schemas, prefixes: envelope.prefixes, issues, binaries }
  const headers = given.headers ?? {}
  for (const key of Object.keys(headers)) {
    const value = headers[key]
    if (value === undefined) continue
    const declared = input.headers.find((one) => one.key === key || one.element.name === key)
    if (declared !== undefined)
      envelope.header.append(writeElement(declared.element, value, context, `headers.${key}`, 0))
    else if (key === '#any' && Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        const made = fromAnyXml(item, envelope.prefixes)
        if (typeof made === 'string') issues.push({ path: `headers.#any.${index}`, message: made })
        else envelope.header.append(made)
      }
    } else
      issues.push({
        path: `headers.${key}`,
        message: `is no header that the WSDL declares for ${name}: pass others in "#any"`,
      })
  }
  if (input.body !== undefined) envelope.body.append(writeXml(input.body, given.body, context, 'body'))
  else if (given.body !== undefined) issues.push({ path: 'body', message: `must be left out: ${name} takes none` })
  if (issues.length > 0)
    throw new Fault({ kind: 'invalid-input', sent: 'none', message: 'the input does not fit the WSDL', issues })
  return envelope
}
