import { descriptionError } from '../description-error.ts'
import type { XmlElement } from '../source-document.ts'

interface Building {
  name: string
  namespace: string
  attributes: Map<string, string>
  children: Building[]
  text: string
  line: number
}

/**
 * XML as elements with their namespaces. Entities that the document declares itself are not expanded, and nothing outside of it is read:
 * a document type declaration is refused.
 * @throws PatchbayError `description-syntax` with line and column, `description-too-deep`
 */
export async function parseXml(text: string, maxDepth: number): Promise<XmlElement> {
  const { SaxesParser } = await import('saxes')
  const parser = new SaxesParser({ xmlns: true, position: true })
  const open: Building[] = []
  let root: Building | undefined
  const place = (): string => `line ${parser.line}, column ${parser.column + 1}`
  parser.on('error', (error) => {
    const reason = error.message.replace(/^\d+:\d+: /, '')
    throw descriptionError('syntax', place(), `the XML is broken: ${reason}`, 'Correct the document there.')
  })
  parser.on('doctype', () => {
    const what = 'the XML has a document type declaration'
    throw descriptionError('syntax', place(), what, 'Remove it: entities are not expanded.')
  })
  parser.on('opentag', (tag) => {
    if (open.length >= maxDepth) {
      const what = `the document is nested deeper than ${maxDepth} levels`
      throw descriptionError('too-deep', place(), what, 'Raise maxDepth if you trust it.')
    }
    const attributes = new Map<string, string>()
    for (const { local, prefix, value } of Object.values(tag.attributes)) {
      if (prefix === '' || !attributes.has(local)) attributes.set(local, value)
    }
    const element = { name: tag.local, namespace: tag.uri, attributes, children: [], text: '', line: parser.line }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  parser.on('text', (part) => {
    const element = open.at(-1)
    if (element !== undefined) element.text += part
  })
  parser.on('cdata', (part) => {
    const element = open.at(-1)
    if (element !== undefined) element.text += part
  })
  parser.on('closetag', () => {
    const element = open.pop()
    if (element !== undefined) element.text = element.text.trim()
  })
  parser.write(text).close()
  if (root === undefined)
    throw descriptionError('syntax', 'line 1, column 1', 'the XML has no element', 'Give a document.')
  return root
}
