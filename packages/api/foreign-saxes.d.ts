// As much of saxes as is used. Its own declarations do not compile under `exactOptionalPropertyTypes`; `paths` leads here instead.
interface Name {
  /** With prefix. */
  readonly name: string
  readonly prefix: string
  readonly local: string
  readonly uri: string
}
interface Attribute extends Name {
  readonly value: string
}
interface Tag extends Name {
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly isSelfClosing: boolean
}
interface Listeners {
  readonly error: (error: Error) => void
  readonly doctype: (text: string) => void
  readonly processinginstruction: (instruction: { readonly target: string; readonly body: string }) => void
  readonly attribute: (attribute: Attribute) => void
  readonly opentag: (tag: Tag) => void
  readonly closetag: (tag: Tag) => void
  readonly text: (text: string) => void
  readonly cdata: (text: string) => void
}

export declare class SaxesParser {
  constructor(options: {
    readonly xmlns: true
    readonly position?: boolean
    readonly forceXMLVersion?: boolean
    readonly defaultXMLVersion?: '1.0' | '1.1'
  })
  readonly line: number
  readonly column: number
  readonly position: number
  on<Event extends keyof Listeners>(event: Event, listener: Listeners[Event]): void
  write(chunk: string): this
  close(): this
}
