import { refused } from '../schema/read-schema.ts'
import { namespaces } from '../xml/names.ts'
import { parseXml, XmlRefusal } from '../xml/parse-xml.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import { type ImportRule, isWellKnown, mayImport } from './import-rule.ts'

/** Caps on a description and all that it imports. */
export const descriptionLimits = {
  documents: 200,
  /** Bytes of one document. */
  documentBytes: 8 * 1024 * 1024,
  /** Characters of all documents. */
  totalCharacters: 32 * 1024 * 1024,
  /** Imports inside imports. */
  depth: 30,
} as const

/** Fetches the text of a document that the rule allows. */
export type FetchDocument = (location: URL) => Promise<string>

/** The root elements of all documents of a description, by absolute location; the WSDL first. */
export type Documents = ReadonlyMap<string, XmlElement>

const atOnce = 6

/**
 * Reads the WSDL and all that it imports, each document once, so that cycles end by themselves.
 * @throws Fault `config` that names the document: not XML, beyond a cap, from a place that is not allowed
 */
export async function loadDocuments(
  text: string | undefined,
  rule: ImportRule,
  fetchDocument: FetchDocument,
): Promise<Documents> {
  const documents = new Map<string, XmlElement>()
  let characters = 0
  const take = (location: URL, content: string): XmlElement => {
    characters += content.length
    if (characters > descriptionLimits.totalCharacters) throw refused('and what it imports hold more than 32 MiB')
    return parsed(location, content)
  }
  const read = async (location: URL): Promise<XmlElement> =>
    take(location, rule.given.get(location.href) ?? (await fetchDocument(location)))
  documents.set(rule.root.href, text === undefined ? await read(rule.root) : take(rule.root, text))

  let level = wanted(documents, rule, [rule.root.href])
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= descriptionLimits.depth) throw refused(`imports documents over more than ${depth} others`)
    if (documents.size + level.length > descriptionLimits.documents)
      throw refused(`imports more than ${descriptionLimits.documents} documents`)
    const found: string[] = []
    for (let at = 0; at < level.length; at += atOnce) {
      const group = level.slice(at, at + atOnce)
      const roots = await Promise.all(group.map(read))
      for (const [index, root] of roots.entries()) {
        const { href } = group[index] as URL
        documents.set(href, root)
        found.push(href)
      }
    }
    level = wanted(documents, rule, found)
  }
  return documents
}

/** What the documents at these locations import and nobody has read yet. */
function wanted(documents: Documents, rule: ImportRule, locations: readonly string[]): URL[] {
  const next = new Map<string, URL>()
  for (const location of locations) {
    for (const element of importsOf(documents.get(location) as XmlElement)) {
      const target = targetOf(element, location, rule)
      if (target !== undefined && !documents.has(target.href)) next.set(target.href, target)
    }
  }
  return [...next.values()]
}

/** wsdl:import, xsd:import, xsd:include and xsd:redefine elements of a document, those of inline schemas among them. */
export function importsOf(root: XmlElement): XmlElement[] {
  const holders = root.is(namespaces.schema, 'schema') ? [root] : [root, ...inlineSchemas(root)]
  return holders.flatMap((holder) =>
    holder.elements.filter(
      ({ uri, local }) =>
        (uri === namespaces.wsdl && local === 'import') ||
        (uri === namespaces.schema && ['import', 'include', 'redefine'].includes(local)),
    ),
  )
}

export function inlineSchemas(definitions: XmlElement): XmlElement[] {
  return definitions.all(namespaces.wsdl, 'types').flatMap((types) => types.all(namespaces.schema, 'schema'))
}

/** Absolute location of what an import names; undefined for none, and for well-known schemas that need not be there. */
export function targetOf(element: XmlElement, from: string, rule: ImportRule): URL | undefined {
  const written = element.attribute('location') ?? element.attribute('schemaLocation')
  if (written === undefined || written.trim() === '') return undefined
  const target = URL.parse(written.trim(), from)
  if (target !== null) {
    target.hash = ''
    if (rule.anywhere === true && isWellKnown(element.attribute('namespace'))) return undefined
    if (target.href === rule.root.href || rule.given.has(target.href) || mayImport(rule, target)) return target
  }
  if (isWellKnown(element.attribute('namespace'))) return undefined
  throw refused(
    `imports ${written.slice(0, 200)}: only http(s) locations in the folder of the WSDL are read. Allow others in "imports", or give the document in "documents"`,
  )
}

function parsed(location: URL, text: string): XmlElement {
  const where = location.href.startsWith('wsdl:') ? location.pathname.slice(1, 200) : location.href.slice(0, 200)
  let root: XmlElement
  try {
    root = parseXml(text, {}, 'skip')
  } catch (error) {
    if (error instanceof XmlRefusal) throw refused(`cannot be read: ${where} ${error.message}`)
    throw error
  }
  if (root.is(namespaces.wsdl, 'definitions') || root.is(namespaces.schema, 'schema')) return root
  if (root.is('http://www.w3.org/ns/wsdl', 'description'))
    throw refused(`is WSDL 2.0 (${where}); give its WSDL 1.1 form`)
  throw refused(`cannot be read: ${where} is neither a WSDL 1.1 document nor an XML Schema`)
}
