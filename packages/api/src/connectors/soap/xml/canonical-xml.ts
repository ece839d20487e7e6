import { escapeAttribute, escapeText } from './serialize-xml.ts'
import type { XmlElement } from './xml-element.ts'

/**
 * Exclusive Canonical XML 1.0 without comments, of an element and all below it. `inclusive` is the PrefixList of its InclusiveNamespaces:
 * those prefixes are written wherever they are in scope, used or not; `#default` stands for the default namespace.
 * @see https://www.w3.org/TR/xml-exc-c14n/
 */
export function canonicalXml(element: XmlElement, inclusive: readonly string[] = []): string {
  const parts: string[] = []
  write(element, new Map(), new Set(inclusive.map((prefix) => (prefix === '#default' ? '' : prefix))), parts)
  return parts.join('')
}

/** `rendered`: what the output ancestors have declared. */
function write(
  element: XmlElement,
  rendered: ReadonlyMap<string, string>,
  inclusive: ReadonlySet<string>,
  parts: string[],
): void {
  const wanted = new Map<string, string>()
  const want = (prefix: string, uri: string): void => {
    if (prefix === 'xml' || (rendered.get(prefix) ?? '') === uri) return
    wanted.set(prefix, uri)
  }
  want(element.prefix, element.uri)
  for (const { prefix, uri } of element.attributes) if (prefix !== '') want(prefix, uri)
  for (const prefix of inclusive) {
    const uri = element.namespaceOf(prefix)
    if (uri !== undefined) want(prefix, uri)
  }
  const { qualified } = element
  parts.push('<', qualified)
  for (const [prefix, uri] of [...wanted].sort(([a], [b]) => compare(a, b)))
    parts.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`, escapeAttribute(uri), '"')
  const attributes = [...element.attributes].sort((a, b) => compare(a.uri, b.uri) || compare(a.local, b.local))
  for (const { prefix, local, value } of attributes)
    parts.push(prefix === '' ? ` ${local}="` : ` ${prefix}:${local}="`, escapeAttribute(value), '"')
  parts.push('>')
  const inside = wanted.size === 0 ? rendered : new Map([...rendered, ...wanted])
  for (const child of element.children) {
    if (typeof child === 'string') parts.push(escapeText(child))
    else write(child, inside, inclusive, parts)
  }
  parts.push('</', qualified, '>')
}

/** By code points, which is not the order of UTF-16 beyond the basic plane. */
function compare(a: string, b: string): number {
  if (a === b) return 0
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'))
}
