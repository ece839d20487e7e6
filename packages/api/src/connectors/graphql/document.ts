import { lazy } from '@patchbay/core'
import { type OperationKinds, operationKinds } from './operation-kinds.ts'

/** How typed documents carry their types: as in `@graphql-typed-document-node/core`, graphql-codegen and gql.tada. Nothing at run time. */
export interface DocumentTypes<Data, Variables> {
  readonly __apiType?: ((variables: Variables) => Data) | undefined
}

/** A document that the server knows by an id (a trusted, or persisted, document): its text is never sent. */
export interface PersistedDocument<Data = unknown, Variables = GraphqlVariables>
  extends DocumentTypes<Data, Variables> {
  readonly id: string
}

interface DocumentTree {
  readonly kind: string
  readonly definitions: readonly unknown[]
}

/** As graphql-codegen writes documents with `documentMode: 'string'`: a String object. */
interface DocumentText {
  toString(): string
  charAt(position: number): string
}

/**
 * A GraphQL document: text, a parsed tree, or the id of a trusted document. Of a typed one (`TypedDocumentNode`, `TypedDocumentString`,
 * gql.tada) the types of data and variables are inferred; of plain text they are given: `run<Data, Variables>({ document: '…' })`.
 */
export type GraphqlDocument<Data = unknown, Variables = GraphqlVariables> =
  | string
  | (DocumentText & DocumentTypes<Data, Variables>)
  | (DocumentTree & DocumentTypes<Data, Variables>)
  | PersistedDocument<Data, Variables>

export type GraphqlVariables = Readonly<Record<string, unknown>>

/** Names a trusted document: `persisted<Data, Variables>('sha256:…')`. */
export function persisted<Data = unknown, Variables = GraphqlVariables>(
  id: string,
): PersistedDocument<Data, Variables> {
  return { id }
}

/** A document as text, or as the id that stands for it, and what is in it. */
export interface PreparedDocument {
  readonly text: string | undefined
  readonly id: string | undefined
  /** Undefined of a trusted document that is known by its id only. */
  readonly kinds: OperationKinds | undefined
}

const printer = lazy(async () => (await import('graphql')).print)
const trees = new WeakMap<object, PreparedDocument>()

/**
 * The document in the form in which it is sent; a promise only while the printer of trees is being loaded. Undefined for a value that is
 * no document.
 */
export function prepareDocument(
  document: unknown,
): PreparedDocument | undefined | Promise<PreparedDocument | undefined> {
  if (typeof document === 'string') return fromText(document, undefined)
  if (typeof document !== 'object' || document === null) return undefined
  const known = trees.get(document)
  if (known !== undefined) return known
  const hash = hashOf(document)
  if (document instanceof String) return remember(document, fromText(String(document), hash))
  if (isTree(document)) {
    const print = printer.current
    const prepare = (text: string): PreparedDocument | undefined => remember(document, fromText(text, hash))
    return print === undefined
      ? printer().then((late) => prepare(printed(late, document)))
      : prepare(printed(print, document))
  }
  const { id } = document as { id?: unknown }
  if (typeof id === 'string' && id !== '') return { text: undefined, id, kinds: undefined }
  return undefined
}

function printed(print: (tree: never) => string, tree: DocumentTree): string {
  try {
    return print(tree as never)
  } catch {
    // Not a tree after all.
    return ''
  }
}

function remember(document: object, prepared: PreparedDocument | undefined): PreparedDocument | undefined {
  if (prepared !== undefined) trees.set(document, prepared)
  return prepared
}

function fromText(text: string, id: string | undefined): PreparedDocument | undefined {
  const kinds = operationKinds(text)
  return kinds === undefined ? undefined : { text, id, kinds }
}

function isTree(value: object): value is DocumentTree {
  const { kind, definitions } = value as Partial<DocumentTree>
  return kind === 'Document' && Array.isArray(definitions)
}

/** graphql-codegen notes the id under which it stored a document in the server's manifest. */
function hashOf(document: object): string | undefined {
  const meta = (document as { __meta__?: { hash?: unknown } }).__meta__
  const hash = typeof meta === 'object' && meta !== null ? meta.hash : undefined
  return typeof hash === 'string' && hash !== '' ? hash : undefined
}
