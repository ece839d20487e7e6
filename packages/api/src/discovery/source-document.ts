/** One document as it was loaded. Values of other documents are reached through references only. */
export type SourceDocument = DataDocument | XmlDocument | TextDocument

interface Loaded {
  /** URL of the document (`https:` or `file:`); undefined for text that was handed in. */
  readonly location: string | undefined
}

export interface DataDocument extends Loaded {
  readonly syntax: 'json' | 'yaml'
  readonly value: unknown
}

export interface XmlDocument extends Loaded {
  readonly syntax: 'xml'
  readonly root: XmlElement
  readonly text: string
}

/** Text that is neither JSON, YAML nor XML: a schema in GraphQL's own language. */
export interface TextDocument extends Loaded {
  readonly syntax: 'text'
  readonly text: string
}

export interface XmlElement {
  /** Without prefix. */
  readonly name: string
  readonly namespace: string
  /** By local name; of names with a prefix those with the same local name without one win. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** The text directly inside, joined and trimmed. */
  readonly text: string
  readonly line: number
}
