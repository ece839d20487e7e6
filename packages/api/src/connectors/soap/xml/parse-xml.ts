import { SaxesParser } from 'saxes'
import { XmlElement } from './xml-element.ts'

export interface XmlLimits {
  /** Most elements inside one another. Default 100. */
  readonly maxDepth?: number | undefined
  /** Most elements of one document. Default 500 000. */
  readonly maxElements?: number | undefined
  /** Most attributes, namespace declarations among them, of one element. Default 200. */
  readonly maxAttributes?: number | undefined
}

/** Why a text is not taken for XML. The message quotes nothing of the text, which may hold secrets. */
export class XmlRefusal extends Error {
  override readonly name = 'XmlRefusal'
}

/**
 * Reads a document into a tree. There are no document types here and so no entities but XML's own five: neither a file nor a URL is ever
 * looked up, and nothing grows. A document with a processing instruction is refused too, as SOAP demands (SOAP 1.1 section 3, SOAP 1.2 part 1
 * section 5).
 * @throws XmlRefusal for what is not well-formed (namespaces included) or beyond a limit
 */
export function parseXml(text: string, limits: XmlLimits = {}, instructions: 'refuse' | 'skip' = 'refuse'): XmlElement {
  const { maxDepth = 100, maxElements = 500_000, maxAttributes = 200 } = limits
  const parser = new SaxesParser({ xmlns: true, position: true, forceXMLVersion: true, defaultXMLVersion: '1.0' })
  let root: XmlElement | undefined
  let open: XmlElement | undefined
  let depth = 0
  let elements = 0
  let attributes = 0
  parser.on('error', () => {
    throw new XmlRefusal(`is not well-formed at line ${parser.line}, column ${parser.column}`)
  })
  parser.on('doctype', () => {
    throw new XmlRefusal('holds a document type, which is never read')
  })
  parser.on('processinginstruction', () => {
    if (instructions === 'refuse') throw new XmlRefusal('holds a processing instruction, which SOAP forbids')
  })
  parser.on('attribute', () => {
    if (++attributes > maxAttributes) throw new XmlRefusal(`has an element with more than ${maxAttributes} attributes`)
  })
  parser.on('opentag', (tag) => {
    attributes = 0
    if (++depth > maxDepth) throw new XmlRefusal(`is more than ${maxDepth} elements deep`)
    if (++elements > maxElements) throw new XmlRefusal(`holds more than ${maxElements} elements`)
    const element = new XmlElement(tag.prefix, tag.local, tag.uri, open)
    for (const { prefix, local, uri, value, name } of Object.values(tag.attributes)) {
      if (prefix === 'xmlns' || name === 'xmlns') {
        element.declared ??= new Map()
        element.declared.set(prefix === 'xmlns' ? local : '', value)
      } else element.attributes.push({ prefix, local, uri: prefix === '' ? '' : uri, value })
    }
    if (open === undefined) root = element
    else open.children.push(element)
    open = element
  })
  parser.on('closetag', () => {
    depth--
    open = open?.parent
  })
  const addText = (more: string): void => {
    if (open === undefined || more === '') return
    const last = open.children.length - 1
    const before = open.children[last]
    if (typeof before === 'string') open.children[last] = before + more
    else open.children.push(more)
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.write(text).close()
  if (root === undefined) throw new XmlRefusal('holds no element')
  return root
}
