import type { Store, StoredEntry, Write } from '../../store.ts'
import { decodeItem, decodeState, encodeItem, encodeState, type HeldItem, QueueLayout } from './layout.ts'

/** An item that no try is left for, or that waits for a person. */
export interface FailedItem {
  readonly id: string
  readonly key: string | undefined
  readonly state: HeldItem['state']
  readonly attempts: number
  readonly reason: string
  readonly since: number
  readonly data: string
}

/** An order to the active consumer, which may live in another process. */
export type QueueCommand =
  | { readonly kind: 'release'; readonly key: string }
  | { readonly kind: 'discard'; readonly id: string }

/**
 * A durable queue on a Store: a log for the order, one entry per id for the exact dedupe and the fencing. The producer's and operator's
 * side; see QueueConsumer for the other.
 */
export class WorkQueue {
  readonly store: Store
  readonly layout: QueueLayout
  /** Called after an append of this process, so that a consumer here need not wait for its next look; `commanded` after an operator's order. */
  wake: (commanded?: boolean) => void = () => undefined

  constructor(store: Store, root: string) {
    this.store = store
    this.layout = new QueueLayout(root)
  }

  /** Changes that put an item in. Their first condition fails when the id is known: then nothing happens, and it is a duplicate. */
  putWrites(id: string, data: string): readonly [Write, Write] {
    const { layout } = this
    return [
      { kind: 'put', key: layout.state(id), value: encodeState('new', 0), ifVersion: 'absent' },
      { kind: 'append', log: layout.log, value: encodeItem({ id, round: 0, data }) },
    ]
  }

  /** Puts an item in durably. False: the id is known. */
  async put(id: string, data: string): Promise<boolean> {
    const [result] = await this.store.write([this.putWrites(id, data)])
    if (result?.applied === true) this.wake()
    return result?.applied === true
  }

  async knows(id: string): Promise<boolean> {
    return (await this.store.get(this.layout.state(id))) !== undefined
  }

  /** Dead items in the order of their ids. */
  dead(options: { readonly after?: string; readonly limit?: number } = {}): Promise<readonly FailedItem[]> {
    const { deadPrefix } = this.layout
    return this.#failed(deadPrefix, options.after === undefined ? undefined : deadPrefix + options.after, options.limit)
  }

  /** Items held back, oldest first: retries, parked ones, and those behind them. */
  held(options: { readonly limit?: number } = {}): Promise<readonly FailedItem[]> {
    return this.#failed(this.layout.heldPrefix, undefined, options.limit)
  }

  async #failed(prefix: string, after: string | undefined, limit: number | undefined): Promise<readonly FailedItem[]> {
    const entries = await this.store.list(prefix, {
      ...(after === undefined ? {} : { after }),
      ...(limit === undefined ? {} : { limit }),
    })
    return entries.map(failedItem)
  }

  /**
   * Puts a settled item in once more, at the end of the log, under its id: one that is dead, or done and still in the log's history.
   * `pending` means that it waits to be handled anyway, `unknown` that its content is gone.
   */
  async replay(id: string): Promise<'replayed' | 'pending' | 'unknown'> {
    const { store, layout } = this
    for (;;) {
      const state = await store.get(layout.state(id))
      const { name, round } = state === undefined ? { name: 'done', round: 0 } : decodeState(state.value)
      if (name === 'new' || name === 'held') return 'pending'
      const dead = await store.get(layout.dead(id))
      const data = dead === undefined ? await this.#fromHistory(id) : failedItem(dead).data
      if (data === undefined) return 'unknown'
      const next = round + 1
      const group: Write[] = [
        { kind: 'put', key: layout.state(id), value: encodeState('new', next), ifVersion: state?.version ?? 'absent' },
        { kind: 'append', log: layout.log, value: encodeItem({ id, round: next, data }) },
      ]
      if (dead !== undefined) group.push({ kind: 'delete', key: dead.key })
      const [result] = await store.write([group])
      if (result?.applied !== true) continue
      this.wake()
      return 'replayed'
    }
  }

  /** Every item still in the log, oldest first, for replays by filter. An id may appear more than once. */
  async *history(): AsyncIterable<{ readonly id: string; readonly data: string }> {
    for (let after = 0; ; ) {
      const records = await this.store.read(this.layout.log, after, 500)
      for (const { value } of records) yield decodeItem(value)
      const last = records.at(-1)
      if (last === undefined) return
      after = last.offset
    }
  }

  /** Forgets everything. Only for a queue that nobody consumes any more. */
  async clear(): Promise<void> {
    const { store, layout } = this
    const forget = (keys: readonly string[]): Promise<unknown> =>
      store.write(keys.map((key) => [{ kind: 'delete', key }] as const))
    for (;;) {
      const records = await store.read(layout.log, 0, 500)
      const last = records.at(-1)
      if (last === undefined) break
      await forget(records.map(({ value }) => layout.state(decodeItem(value).id)))
      await store.trim(layout.log, last.offset)
    }
    for (const prefix of [layout.heldPrefix, layout.deadPrefix])
      for (;;) {
        const entries = await store.list(prefix, { limit: 500 })
        if (entries.length === 0) break
        await forget(entries.flatMap((entry) => [layout.state(failedItem(entry).id), entry.key]))
      }
    await store.trim(layout.commands, Number.MAX_SAFE_INTEGER)
    await forget([layout.cursor])
  }

  async command(command: QueueCommand): Promise<void> {
    await this.store.write([[{ kind: 'append', log: this.layout.commands, value: JSON.stringify(command) }]])
    this.wake(true)
  }

  async #fromHistory(id: string): Promise<string | undefined> {
    let found: string | undefined
    for await (const item of this.history()) if (item.id === id) found = item.data
    return found
  }
}

export function failedItem(entry: StoredEntry): FailedItem {
  const held = JSON.parse(entry.value) as HeldItem
  const { id, data } = decodeItem(held.item)
  const { key, state, attempts, reason, since } = held
  return { id, key, state, attempts, reason, since, data }
}
