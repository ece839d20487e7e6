import { type ExpandedName, isLocalName, namespaces, splitName } from '../xml/names.ts'
import { isXmlText } from '../xml/serialize-xml.ts'
import { XmlElement } from '../xml/xml-element.ts'

/** An element as it stands, for what no schema describes. */
export interface AnyXml {
  /** `{namespace}local`, or `local` without a namespace. */
  readonly name: ExpandedName
  /** By `{namespace}local` or `local`. */
  readonly attributes?: Readonly<Record<string, string>>
  readonly content?: readonly (string | AnyXml)[]
}

/** An element of the wire as data. Namespaces of attribute values (QNames) are lost. */
export function toAnyXml(element: XmlElement): AnyXml {
  const attributes = element.attributes.map(({ uri, local, value }) => [uri === '' ? local : `{${uri}}${local}`, value])
  const content = element.children.map((child) => (typeof child === 'string' ? child : toAnyXml(child)))
  return {
    name: element.name,
    ...(attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) }),
    ...(content.length === 0 ? {} : { content }),
  }
}

/** Gives prefixes; the document declares them all at its root. */
export interface Prefixes {
  prefixOf(uri: string): string
}

const deepest = 90

/** @returns the element, or what is wrong with the data */
export function fromAnyXml(value: unknown, prefixes: Prefixes, depth = 0): XmlElement | string {
  if (depth > deepest) return `must not be more than ${deepest} elements deep`
  if (typeof value !== 'object' || value === null) return 'must be an object with the name of an element'
  const { name, attributes = {}, content = [] } = value as AnyXml
  if (typeof name !== 'string') return 'must have a name, such as "{urn:example}item"'
  const { uri, local } = splitName(name)
  if (!isLocalName(local) || !isXmlText(uri) || uri === namespaces.xmlns) return 'has a name that no element can have'
  const element = new XmlElement(prefixes.prefixOf(uri), local, uri)
  for (const [key, text] of Object.entries(attributes)) {
    const attribute = splitName(key)
    if (!isLocalName(attribute.local) || attribute.uri === namespaces.xmlns || key === 'xmlns')
      return 'has an attribute that cannot be'
    if (typeof text !== 'string' || !isXmlText(text))
      return `attribute ${attribute.local} must be text without control characters`
    element.attributes.push({ ...attribute, prefix: prefixes.prefixOf(attribute.uri), value: text })
  }
  if (!Array.isArray(content)) return 'content must be a list'
  for (const child of content) {
    if (typeof child === 'string') {
      if (!isXmlText(child)) return 'holds a control character, which XML cannot carry'
      element.children.push(child)
      continue
    }
    const made = fromAnyXml(child, prefixes, depth + 1)
    if (typeof made === 'string') return made
    element.append(made)
  }
  return element
}
