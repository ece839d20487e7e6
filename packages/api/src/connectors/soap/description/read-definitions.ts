import { qualifiedName, refused, requiredName } from '../schema/read-schema.ts'
import { expandedName, namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'

export interface MessagePart {
  readonly name: string
  readonly element: string | undefined
  readonly type: string | undefined
}

/** The components of all WSDL documents of a description, by name. */
export class Definitions {
  readonly messages = new Map<string, readonly MessagePart[]>()
  readonly portTypes = new Map<string, XmlElement>()
  readonly bindings = new Map<string, XmlElement>()
  readonly services: XmlElement[] = []
  /** Of policies that ask for WS-Addressing, by `#id`. */
  readonly addressingPolicies = new Set<string>()

  add(definitions: XmlElement): void {
    const target = definitions.attribute('targetNamespace') ?? ''
    const put = <T>(components: Map<string, T>, element: XmlElement, value: T): void => {
      const name = expandedName(target, requiredName(element))
      if (!components.has(name)) components.set(name, value)
    }
    for (const element of definitions.elements) {
      if (isAddressingPolicy(element)) this.#addPolicy(element)
      if (element.uri !== namespaces.wsdl) continue
      if (element.local === 'message') put(this.messages, element, partsOf(element))
      else if (element.local === 'portType') put(this.portTypes, element, element)
      else if (element.local === 'binding') put(this.bindings, element, element)
      else if (element.local === 'service') this.services.push(element)
    }
  }

  #addPolicy(policy: XmlElement): void {
    const id = policy.attribute('Id', namespaces.securityUtility) ?? policy.attribute('id', namespaces.xml)
    if (id !== undefined) this.addressingPolicies.add(`#${id}`)
  }

  message(name: string): readonly MessagePart[] {
    return this.messages.get(name) ?? missing('message', name)
  }

  portType(name: string): XmlElement {
    return this.portTypes.get(name) ?? missing('portType', name)
  }

  binding(name: string): XmlElement {
    return this.bindings.get(name) ?? missing('binding', name)
  }

  /** True when the binding or the port asks for WS-Addressing headers. */
  asksForAddressing(element: XmlElement): boolean {
    return element.elements.some((child) => {
      if (child.is(namespaces.addressingWsdl, 'UsingAddressing')) return true
      if (child.local === 'PolicyReference') return this.addressingPolicies.has(child.attribute('URI') ?? '')
      return isAddressingPolicy(child)
    })
  }
}

function isAddressingPolicy(element: XmlElement): boolean {
  if (element.local !== 'Policy') return false
  for (const one of element.walk()) if (one.is(namespaces.addressingMetadata, 'Addressing')) return true
  return false
}

function partsOf(message: XmlElement): readonly MessagePart[] {
  return message.all(namespaces.wsdl, 'part').map((part) => {
    const element = part.attribute('element')
    const type = part.attribute('type')
    return {
      name: requiredName(part),
      element: element === undefined ? undefined : qualifiedName(part, element),
      type: type === undefined ? undefined : qualifiedName(part, type),
    }
  })
}

function missing(what: string, name: string): never {
  throw refused(`names the ${what} ${name.slice(0, 300)}, which is not there: is an import missing?`)
}
