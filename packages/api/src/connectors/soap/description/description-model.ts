import type { ElementDeclaration } from '../schema/schema-model.ts'
import type { SchemaSet } from '../schema/schema-set.ts'

/** A WSDL with its schemas, as far as calling its services needs it. */
export interface SoapDescription {
  readonly name: string | undefined
  readonly targetNamespace: string
  readonly documentation: string | undefined
  readonly ports: readonly SoapPort[]
  readonly schemas: SchemaSet
  /** Locations of all documents that were read, the WSDL first. */
  readonly documents: readonly string[]
}

export interface SoapPort {
  readonly service: string
  readonly name: string
  readonly portType: string
  readonly version: '1.1' | '1.2'
  /** As the WSDL has it; a connection may be given another. */
  readonly address: string | undefined
  readonly operations: ReadonlyMap<string, SoapOperation>
}

export interface SoapOperation {
  readonly name: string
  readonly documentation: string | undefined
  readonly soapAction: string
  readonly style: 'document' | 'rpc'
  readonly input: SoapMessage
  /** Undefined: one-way, there is no answer. */
  readonly output: SoapMessage | undefined
  /** Details of the faults that the operation declares. */
  readonly faults: readonly ElementDeclaration[]
  /** WS-Addressing as the binding states it. */
  readonly addressing: { readonly used: boolean; readonly action: string }
  /** Why this operation cannot be called; undefined when it can. */
  readonly unsupported: string | undefined
}

export interface SoapMessage {
  /** What stands in the Body: the element of a document message, the wrapper of an rpc message, nothing for an empty one. */
  readonly body: ElementDeclaration | undefined
  readonly headers: readonly SoapHeader[]
}

export interface SoapHeader {
  /** Local name of the header's element; its full name where two share one. */
  readonly key: string
  readonly element: ElementDeclaration
}
