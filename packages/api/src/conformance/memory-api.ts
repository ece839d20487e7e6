import { type HttpRequest, type HttpResponse, type Schema, schema, type Transport, unchecked } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { cursor, httpClient, httpOperation, pagedHttpOperation, path } from '@patchbay/core/http'
import { type FakeReply, fakeTransport } from '@patchbay/core/testing'
import { apiClient } from '../api-client.ts'
import { defineAPIConnector } from '../contract.ts'
import { requestOperations } from '../request/request-operations.ts'

/** A record of the memory vendor. */
export interface Note {
  readonly id: string
  readonly text: string
}

const note: Schema<Note> = schema<Note>((value) => {
  const { id, text } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (typeof id !== 'string') return { issues: [{ path: 'id', message: 'must be text' }] }
  if (typeof text !== 'string') return { issues: [{ path: 'text', message: 'must be text' }] }
  return { value: { id, text } }
})
const noteKey = unchecked<Pick<Note, 'id'>>()

/** The reference of the family: notes of a vendor that lives in memory. Reading it shows what a connector is made of. */
export const memoryAPI = defineAPIConnector({
  contract: 1,
  manifest: { id: 'api/memory', title: 'Memory', summary: 'Notes of a vendor that lives in memory.', version: '1.0.0' },
  api: { style: 'rest' },
  config: schema<{ url: string }>((value) => {
    const { url } = (value ?? {}) as { url?: unknown }
    return typeof url === 'string' && URL.canParse(url)
      ? { value: { url } }
      : { issues: [{ path: 'url', message: 'give a URL' }] }
  }),
  credentials: [bearer.scheme],
  operations: {
    ...requestOperations,
    'note.get': httpOperation(
      { name: 'note.get', effect: 'read', input: noteKey, output: note },
      { request: ({ id }) => ({ path: path`/notes/${id}` }), wire: note },
    ),
    'note.list': pagedHttpOperation(
      { name: 'note.list', effect: 'read', input: unchecked<Record<never, never>>(), item: note },
      {
        request: () => ({ path: '/notes' }),
        items: 'notes',
        wire: note,
        paging: cursor({ path: 'next', send: { query: 'after' } }),
      },
    ),
    'note.put': httpOperation(
      { name: 'note.put', effect: 'idempotent', input: note, output: note },
      { request: ({ id, text }) => ({ method: 'PUT', path: path`/notes/${id}`, json: { text } }), wire: note },
    ),
    'note.add': httpOperation(
      { name: 'note.add', effect: 'write', input: unchecked<Pick<Note, 'text'>>(), output: note },
      { request: (json) => ({ method: 'POST', path: '/notes', json }), wire: note },
    ),
    'note.delete': httpOperation(
      { name: 'note.delete', effect: 'idempotent', input: noteKey, output: unchecked<undefined>() },
      { request: ({ id }) => ({ method: 'DELETE', path: path`/notes/${id}`, expect: 'nothing' }) },
    ),
  },
  open: async ({ url }, env) =>
    apiClient(httpClient({ ...env, baseUrl: url }), { baseUrl: url, clock: env.clock, axios: env.drivers.axios }),
  target: ({ url }) => new URL(url).host,
})

/** What the memory vendor looks at in a request. */
export interface MemoryRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
}

export interface MemoryVendor {
  readonly notes: Map<string, Note>
  answer(request: MemoryRequest): FakeReply
  /** For `connect(memoryAPI, { config: { url: 'https://memory.example' }, transport })`. */
  readonly transport: Transport
}

/** A vendor without a network: a test double for code that uses a connection. Lists have pages of `pageSize`, default 2. */
export function memoryVendor(options: { readonly pageSize?: number } = {}): MemoryVendor {
  const { pageSize = 2 } = options
  const notes = new Map<string, Note>()
  let added = 0
  const page = (after: string): FakeReply => {
    const all = [...notes.values()].filter(({ id }) => id > after).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    const part = all.slice(0, pageSize)
    return { json: { notes: part, next: all.length > pageSize ? part.at(-1)?.id : null } }
  }
  const answer = ({ method, path: at, query, body }: MemoryRequest): FakeReply => {
    const id = decodeURIComponent(/^\/notes\/([^/]+)$/.exec(at)?.[1] ?? '')
    const text = (): string => (JSON.parse(body) as Note).text
    const keep = (kept: Note, status: number): FakeReply => {
      notes.set(kept.id, kept)
      return { status, json: kept }
    }
    if (at === '/notes' && method === 'GET') return page(query.get('after') ?? '')
    if (at === '/notes' && method === 'POST')
      return keep({ id: `note-${String(++added).padStart(6, '0')}`, text: text() }, 201)
    if (id !== '' && method === 'PUT') return keep({ id, text: text() }, 200)
    if (id !== '' && method === 'DELETE') {
      notes.delete(id)
      return { status: 204 }
    }
    const found = method === 'GET' ? notes.get(id) : undefined
    return found === undefined ? { status: 404, json: { message: 'there is no such note' } } : { json: found }
  }
  const script = fakeTransport({
    '*': ({ method, path: at, query, text }) => answer({ method, path: at, query, body: text() }),
  })
  const transport = {
    send: (request: HttpRequest): Promise<HttpResponse> => script.send(request),
    close: async () => undefined,
  }
  return { notes, answer, transport }
}
