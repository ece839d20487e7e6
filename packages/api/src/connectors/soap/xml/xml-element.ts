import { expandedName, namespaces } from './names.ts'

export interface XmlAttribute {
  readonly prefix: string
  readonly local: string
  /** Empty for attributes without a prefix. */
  readonly uri: string
  readonly value: string
}

/** One element of a document. Texts and elements stand in `children` in their order; comments and processing instructions are gone. */
export class XmlElement {
  readonly prefix: string
  readonly local: string
  readonly uri: string
  readonly attributes: XmlAttribute[] = []
  readonly children: (XmlElement | string)[] = []
  /** Namespaces declared at this very element, by prefix; the empty prefix is the default namespace. */
  declared: Map<string, string> | undefined
  parent: XmlElement | undefined

  constructor(prefix: string, local: string, uri: string, parent?: XmlElement) {
    this.prefix = prefix
    this.local = local
    this.uri = uri
    this.parent = parent
  }

  /** As it is written: with its prefix. */
  get qualified(): string {
    return this.prefix === '' ? this.local : `${this.prefix}:${this.local}`
  }

  get name(): string {
    return expandedName(this.uri, this.local)
  }

  is(uri: string, local: string): boolean {
    return this.local === local && this.uri === uri
  }

  attribute(local: string, uri = ''): string | undefined {
    return this.attributes.find((one) => one.local === local && one.uri === uri)?.value
  }

  append(child: XmlElement): XmlElement {
    child.parent = this
    this.children.push(child)
    return child
  }

  get elements(): XmlElement[] {
    return this.children.filter((child) => typeof child !== 'string')
  }

  /** Children of this name. */
  all(uri: string, local: string): XmlElement[] {
    return this.elements.filter((child) => child.is(uri, local))
  }

  /** The first child of this name. */
  first(uri: string, local: string): XmlElement | undefined {
    return this.children.find((child): child is XmlElement => typeof child !== 'string' && child.is(uri, local))
  }

  /** The texts that stand directly in this element. */
  get text(): string {
    const [only] = this.children
    if (this.children.length === 1 && typeof only === 'string') return only
    return this.children.filter((child) => typeof child === 'string').join('')
  }

  /** The namespace that a prefix means here; undefined when it means none. The empty prefix without a default namespace means ''. */
  namespaceOf(prefix: string): string | undefined {
    for (let at: XmlElement | undefined = this; at !== undefined; at = at.parent) {
      const uri = at.declared?.get(prefix)
      if (uri !== undefined) return uri
    }
    return prefix === '' ? '' : prefix === 'xml' ? namespaces.xml : undefined
  }

  /** This element and all below it. */
  *walk(): Generator<XmlElement> {
    yield this
    for (const child of this.children) if (typeof child !== 'string') yield* child.walk()
  }
}
