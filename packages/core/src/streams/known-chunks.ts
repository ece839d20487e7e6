import type { Chunk } from './reader-state.ts'

/** The chunks of remembered ids that are in the store, in the order in which they were made. */
export class KnownChunks {
  readonly #maxIds: number
  #chunks: readonly Chunk[]

  constructor(chunks: readonly Chunk[], maxIds: number) {
    this.#chunks = chunks
    this.#maxIds = maxIds
  }

  /** Those that need no place any more once `added` is there: passed by the cursor, or the oldest above the bound. Changes nothing. */
  superfluous(
    passed: (chunk: Chunk) => boolean,
    added: Chunk | undefined,
  ): { readonly chunks: readonly Chunk[]; readonly overflow: boolean } {
    const gone: Chunk[] = []
    const kept: Chunk[] = []
    let ids = added?.ids.length ?? 0
    for (const chunk of this.#chunks) {
      if (passed(chunk)) {
        gone.push(chunk)
      } else {
        kept.push(chunk)
        ids += chunk.ids.length
      }
    }
    let dropped = 0
    while (ids > this.#maxIds && dropped < kept.length) ids -= (kept[dropped++] as Chunk).ids.length
    return { chunks: dropped === 0 ? gone : [...gone, ...kept.slice(0, dropped)], overflow: dropped > 0 }
  }

  update(gone: readonly Chunk[], added: Chunk | undefined): void {
    if (gone.length === 0 && added === undefined) return
    const without = new Set(gone)
    const kept = this.#chunks.filter((chunk) => !without.has(chunk))
    this.#chunks = added === undefined ? kept : [...kept, added]
  }
}
