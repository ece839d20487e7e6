import type { XmlElement } from '../../connectors/soap/xml/xml-element.ts'

/**
 * An XML document as a value for expressions, under the local name of its root. An element with nothing but text is that text; others are
 * objects with their children by local name (a list where there are several), attributes as `@name`, and text beside them as `#text`. Namespaces
 * are left out. Keys are own properties, whatever their names.
 */
export function xmlValue(root: XmlElement): unknown {
  return Object.fromEntries([[root.local, contentOf(root)]])
}

function contentOf(element: XmlElement): unknown {
  const { attributes, children } = element
  const texts = children.filter((child) => typeof child === 'string')
  const elements = element.elements
  const text = texts.join('').trim()
  if (elements.length === 0 && attributes.length === 0) return text
  const values = new Map<string, unknown>()
  for (const { local, value } of attributes) values.set(`@${local}`, value)
  for (const child of elements) {
    const value = contentOf(child)
    if (!values.has(child.local)) values.set(child.local, value)
    else {
      const before = values.get(child.local)
      values.set(child.local, Array.isArray(before) ? [...before, value] : [before, value])
    }
  }
  if (text !== '') values.set('#text', text)
  return Object.fromEntries(values)
}
