import type { XmlElement } from './xml-element.ts'

// What XML 1.0 section 2.2 leaves out, and halves of surrogate pairs.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that no XML document may hold
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u

/** True for a text that a document may hold. */
export function isXmlText(text: string): boolean {
  return !forbidden.test(text)
}

const textEscapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' }
const attributeEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}

/** Escaped as Canonical XML writes texts, so that a carriage return survives the reader on the other side. */
export function escapeText(text: string): string {
  return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, (found) => textEscapes[found] as string) : text
}

export function escapeAttribute(text: string): string {
  return /[&<"\t\n\r]/.test(text) ? text.replace(/[&<"\t\n\r]/g, (found) => attributeEscapes[found] as string) : text
}

/** The text of an element, with the namespaces that are declared in it. */
export function serializeXml(element: XmlElement): string {
  const parts: string[] = []
  write(element, parts)
  return parts.join('')
}

function write(element: XmlElement, parts: string[]): void {
  const { qualified } = element
  parts.push('<', qualified)
  if (element.declared !== undefined)
    for (const [prefix, uri] of element.declared)
      parts.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`, escapeAttribute(uri), '"')
  for (const { prefix, local, value } of element.attributes)
    parts.push(prefix === '' ? ` ${local}="` : ` ${prefix}:${local}="`, escapeAttribute(value), '"')
  if (element.children.length === 0) {
    parts.push('/>')
    return
  }
  parts.push('>')
  for (const child of element.children) {
    if (typeof child === 'string') parts.push(escapeText(child))
    else write(child, parts)
  }
  parts.push('</', qualified, '>')
}
