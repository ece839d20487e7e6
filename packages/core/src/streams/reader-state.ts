import { patchbayError } from '../errors.ts'
import type { Store, Version, Write } from '../store.ts'

/** What a stream's entry in the store holds. */
export interface StoredProgress {
  /** Where the next read begins; undefined: at the beginning. */
  readonly cursor: string | undefined
  /** Ids of the last records before the cursor, in their order (opaque, inclusive cursors). */
  readonly tail: readonly string[]
  /** Number of the next remembered chunk. */
  readonly chunk: number
  /** Records acknowledged since the stream's beginning. */
  readonly records: number
}

/** Ids of records that were handed over and will be read once more. Stored beside the progress, one entry per acknowledged batch. */
export interface Chunk {
  readonly number: number
  readonly ids: readonly string[]
  /** Latest position among them, as a comparable key (time cursors). */
  readonly last: string | undefined
  /** The page of this read that they came with; undefined when another read left them (opaque cursors). Not stored. */
  readonly page?: number | undefined
}

export interface LoadedState {
  readonly version: Version | undefined
  readonly progress: StoredProgress
  readonly chunks: readonly Chunk[]
}

const listLimit = 1000

export function chunkKey(key: string, number: number): string {
  return `${key}/known/${String(number).padStart(12, '0')}`
}

export async function loadState(store: Store, key: string): Promise<LoadedState> {
  for (;;) {
    const entry = await store.get(key)
    const progress = entry === undefined ? emptyProgress : parseProgress(entry.value, key)
    const chunks = await loadChunks(store, key)
    // Progress and chunks are two reads: another reader may have moved both in between.
    if ((await store.get(key))?.version === entry?.version) return { version: entry?.version, progress, chunks }
  }
}

const emptyProgress: StoredProgress = { cursor: undefined, tail: [], chunk: 0, records: 0 }

async function loadChunks(store: Store, key: string): Promise<Chunk[]> {
  const prefix = `${key}/known/`
  const chunks: Chunk[] = []
  let after = ''
  for (;;) {
    const entries = await store.list(prefix, { after, limit: listLimit })
    for (const entry of entries) {
      const { ids, last } = parsed(entry.value, key) as { ids: string[]; last?: string }
      chunks.push({ number: Number(entry.key.slice(prefix.length)), ids, last })
    }
    if (entries.length < listLimit) return chunks
    after = entries.at(-1)?.key ?? after
  }
}

/** Deletes everything that is kept under the key; the next read begins at the beginning. Answers whether nobody came in between. */
export async function forgetState(store: Store, key: string): Promise<boolean> {
  const { version, chunks } = await loadState(store, key)
  const writes: Write[] = chunks.map(({ number }) => ({ kind: 'delete', key: chunkKey(key, number) }))
  if (version !== undefined) writes.unshift({ kind: 'delete', key, ifVersion: version })
  const [result] = await store.write([writes])
  return result?.applied === true
}

export function progressText(progress: StoredProgress): string {
  return JSON.stringify({ v: 1, ...progress })
}

export function chunkText({ ids, last }: Chunk): string {
  return JSON.stringify({ ids, last })
}

function parseProgress(text: string, key: string): StoredProgress {
  const value = parsed(text, key) as Partial<StoredProgress> & { v?: unknown }
  if (value.v !== 1) throw unreadable(key)
  const { cursor, tail = [], chunk = 0, records = 0 } = value
  return { cursor, tail, chunk, records }
}

function parsed(text: string, key: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Told below.
  }
  throw unreadable(key)
}

function unreadable(key: string): Error {
  const message = `the store holds no state of a stream under ${key}: use another key, or a newer version of Patchbay`
  return patchbayError({ kind: 'config', code: 'stream-state', message })
}
