import { namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import type { Prefixes } from './any-xml.ts'

const usual: Readonly<Record<string, string>> = {
  [namespaces.instance]: 'xsi',
  [namespaces.schema]: 'xsd',
  [namespaces.envelope11]: 'soap',
  [namespaces.envelope12]: 'soap',
  [namespaces.addressing]: 'wsa',
  [namespaces.security]: 'wsse',
  [namespaces.securityUtility]: 'wsu',
  [namespaces.signature]: 'ds',
  [namespaces.xop]: 'xop',
  [namespaces.xmime]: 'xmime',
}

/** The prefixes of one document: each namespace gets one, and all are declared at the root. No default namespace is ever used. */
export class DocumentPrefixes implements Prefixes {
  readonly #byUri = new Map<string, string>()

  prefixOf(uri: string): string {
    if (uri === '') return ''
    if (uri === namespaces.xml) return 'xml'
    let prefix = this.#byUri.get(uri)
    if (prefix === undefined) {
      prefix = Object.hasOwn(usual, uri) ? (usual[uri] as string) : `n${this.#byUri.size + 1}`
      this.#byUri.set(uri, prefix)
    }
    return prefix
  }

  /** Declares what was used so far. */
  declareAt(root: XmlElement): void {
    root.declared = new Map([...this.#byUri].map(([uri, prefix]) => [prefix, uri]))
  }
}
