import { createHash } from 'node:crypto'
import { Fault } from '@patchbay/core'
import type { PreparedInput } from './input.ts'

/** How documents that the server keeps are named. */
export type TrustedField = 'documentId' | 'id' | 'doc_id' | 'extensions'

export type PersistedMode =
  /** The text, always. */
  | 'off'
  /** The hash of the text; the text only when the server does not know it yet ("automatic persisted queries"). */
  | 'automatic'
  /** An id that was agreed on before; never the text. */
  | 'trusted'

/** What is sent in place of, or with, the text of a document. */
export interface RequestBody {
  readonly query?: string | undefined
  readonly documentId?: string | undefined
  readonly id?: string | undefined
  readonly doc_id?: string | undefined
  readonly operationName?: string | undefined
  readonly variables?: Readonly<Record<string, unknown>> | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

const mostKept = 500
const hashes = new Map<string, string>()

/** SHA-256 of a document's text, in hexadecimal. */
export function hashOf(text: string): string {
  const known = hashes.get(text)
  if (known !== undefined) return known
  const hash = createHash('sha256').update(text).digest('hex')
  if (hashes.size >= mostKept) hashes.delete(hashes.keys().next().value as string)
  hashes.set(text, hash)
  return hash
}

/** The body with the whole text. */
export function plainBody({ document, operationName, variables, extensions }: PreparedInput): RequestBody {
  return { query: document.text, operationName, variables, extensions }
}

/** The body with the hash of the text; `withText` teaches the server what it stands for. */
export function hashedBody(input: PreparedInput, withText: boolean): RequestBody {
  const { document, operationName, variables, extensions } = input
  const text = document.text as string
  const persistedQuery = { version: 1, sha256Hash: hashOf(text) }
  return {
    query: withText ? text : undefined,
    operationName,
    variables,
    extensions: { ...extensions, persistedQuery },
  }
}

/**
 * The body with the id of a trusted document: the one of `persisted(id)` or of graphql-codegen's manifest, else the hash of the text.
 * @throws Fault `invalid-input` where there is neither
 */
export function trustedBody(input: PreparedInput, field: TrustedField): RequestBody {
  const { document, operationName, variables, extensions } = input
  const id = document.id ?? (document.text === undefined ? undefined : hashOf(document.text))
  if (id === undefined) throw withoutText()
  if (field !== 'extensions') return { [field]: id, operationName, variables, extensions }
  return { operationName, variables, extensions: { ...extensions, persistedQuery: { version: 1, sha256Hash: id } } }
}

export function withoutText(): Fault {
  const message = 'a document that is known by its id only needs persisted: { mode: "trusted" } in the config'
  return new Fault({ kind: 'invalid-input', sent: 'none', issues: [{ path: 'document', message }] })
}

/** What a server says that does not know a hash, or no hashes at all. Some tell by the code, some by the text. */
export function persistedAnswer(errors: unknown): 'unknown' | 'unsupported' | undefined {
  for (const error of Array.isArray(errors) ? errors.slice(0, 10) : []) {
    const { message, extensions } = (error ?? {}) as { message?: unknown; extensions?: { code?: unknown } | null }
    const said = [extensions?.code, message]
    if (said.includes('PERSISTED_QUERY_NOT_FOUND') || said.includes('PersistedQueryNotFound')) return 'unknown'
    if (said.includes('PERSISTED_QUERY_NOT_SUPPORTED') || said.includes('PersistedQueryNotSupported'))
      return 'unsupported'
  }
  return undefined
}
