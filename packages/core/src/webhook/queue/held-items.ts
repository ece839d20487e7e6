import type { Version } from '../../store.ts'
import { decodeItem, encodeState, type HeldItem, heldOffset, type QueueItem } from './layout.ts'
import type { WorkQueue } from './work-queue.ts'

/** Reads and changes what left the log's order. */
export class HeldItems {
  readonly #queue: WorkQueue

  constructor(queue: WorkQueue) {
    this.#queue = queue
  }

  /** All of them, oldest first. */
  async *all(): AsyncIterable<{ readonly offset: number; readonly held: HeldItem }> {
    const { store, layout } = this.#queue
    for (let after: string | undefined; ; ) {
      const entries = await store.list(layout.heldPrefix, { limit: 1000, ...(after === undefined ? {} : { after }) })
      for (const { key, value } of entries)
        yield { offset: heldOffset(layout, key), held: JSON.parse(value) as HeldItem }
      if (entries.length < 1000) return
      after = entries.at(-1)?.key
    }
  }

  /** One with the version of its state; undefined when somebody settled it. */
  async load(
    offset: number,
  ): Promise<{ readonly item: QueueItem; readonly version: Version; readonly attempts: number } | undefined> {
    const { store, layout } = this.#queue
    const stored = await store.get(layout.held(offset))
    if (stored === undefined) return undefined
    const held = JSON.parse(stored.value) as HeldItem
    const item = decodeItem(held.item)
    const state = await store.get(layout.state(item.id))
    if (state?.value !== encodeState('held', item.round)) return undefined
    return { item, version: state.version, attempts: held.attempts }
  }

  /** Marks one as due, so that it is tried also when this process dies before. */
  async makeDue(offset: number): Promise<void> {
    const { store, layout } = this.#queue
    const stored = await store.get(layout.held(offset))
    if (stored === undefined) return
    const value = JSON.stringify({ ...(JSON.parse(stored.value) as HeldItem), state: 'retry', nextAt: 0 })
    await store.write([[{ kind: 'put', key: stored.key, value, ifVersion: stored.version }]])
  }
}

/** Milliseconds until a held item's next try. A wall clock that was set back does not make it longer than it was meant to be. */
export function leftUntil({ nextAt, since }: HeldItem, now: number): number {
  return Math.max(0, Math.min(nextAt - now, nextAt - since))
}
