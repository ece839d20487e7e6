import type { Clock, Random } from '../../clock.ts'
import type { Version, Write } from '../../store.ts'
import type { TryResult } from './consumer-options.ts'
import type { LaneEntry } from './lane.ts'
import { encodeItem, encodeState, type HeldItem, type QueueItem } from './layout.ts'
import type { WorkQueue } from './work-queue.ts'

/** How a try ended for the item. `taken`: somebody else settled it first, and nothing of this try was written. */
export interface Conclusion {
  readonly outcome: 'done' | 'retry' | 'parked' | 'dead' | 'taken'
  readonly attempts: number
  readonly delayMs: number
  readonly reason: string | undefined
  readonly version: Version | undefined
}

export interface SettlementOptions {
  readonly clock: Clock
  readonly random: Random
  readonly delayMs: (attempts: number) => number | undefined
  readonly onPoison: 'park' | 'dead'
  readonly retentionMs: number
  readonly deadRetentionMs: number
}

interface Try {
  readonly entry: LaneEntry
  readonly item: QueueItem
  readonly version: Version
  readonly key: string | undefined
  readonly result: TryResult
}

/**
 * Writes what became of an item. Each group begins with a conditional put of the id's state: whoever comes second, a former owner of the
 * lease for instance, changes nothing, and the handler's own writes share that fate.
 */
export class Settlement {
  readonly #queue: WorkQueue
  readonly #options: SettlementOptions

  constructor(queue: WorkQueue, options: SettlementOptions) {
    this.#queue = queue
    this.#options = options
  }

  async conclude(attempt: Try): Promise<Conclusion> {
    const { result, entry } = attempt
    if (result.kind === 'dead') return this.#bury(attempt, entry.attempts + 1, result.reason)
    if (result.kind === 'failed') return this.#failed(attempt, result)
    const [written] = await this.#queue.store.write([this.#doneWrites(attempt, result.writes ?? [])])
    if (written?.applied === true) return conclusion('done', entry.attempts + 1)
    if (written?.conflict === 0) return conclusion('taken', entry.attempts)
    return this.#failed(attempt, { kind: 'failed', reason: 'conflict in the writes of the handler' })
  }

  /** Moves an item out of the log's order. Gives its state's new version; undefined when somebody else settled it. */
  async hold(
    offset: number,
    item: QueueItem,
    version: Version,
    held: Pick<HeldItem, 'state' | 'key' | 'attempts' | 'nextAt' | 'reason'>,
  ): Promise<Version | undefined> {
    const { store, layout } = this.#queue
    const value = heldValue(held, item, this.#options.clock.now())
    const [written] = await store.write([
      [
        { kind: 'put', key: layout.state(item.id), value: encodeState('held', item.round), ifVersion: version },
        { kind: 'put', key: layout.held(offset), value },
      ],
    ])
    return written?.applied === true ? written.versions[0] : undefined
  }

  #doneWrites({ entry, item, version }: Try, writes: readonly Write[]): readonly Write[] {
    const { layout } = this.#queue
    const state: Write = {
      kind: 'put',
      key: layout.state(item.id),
      value: encodeState('done', item.round),
      ifVersion: version,
      ttlMs: this.#options.retentionMs,
    }
    return entry.held ? [state, { kind: 'delete', key: layout.held(entry.offset) }, ...writes] : [state, ...writes]
  }

  async #failed(attempt: Try, result: Extract<TryResult, { kind: 'failed' }>): Promise<Conclusion> {
    const { entry, item, version, key } = attempt
    const attempts = result.free === true ? entry.attempts : entry.attempts + 1
    const own = this.#options.delayMs(Math.max(1, attempts))
    if (own === undefined && (key === undefined || this.#options.onPoison === 'dead'))
      return this.#bury(attempt, attempts, result.reason)
    const state = own === undefined ? 'parked' : 'retry'
    const delayMs = Math.max(own ?? 0, result.afterMs ?? 0)
    const nextAt = this.#options.clock.now() + delayMs
    const next = await this.hold(entry.offset, item, version, { state, key, attempts, nextAt, reason: result.reason })
    if (next === undefined) return conclusion('taken', attempts)
    return { outcome: state, attempts, delayMs, reason: result.reason, version: next }
  }

  async #bury({ entry, item, version, key }: Try, attempts: number, reason: string): Promise<Conclusion> {
    const { store, layout } = this.#queue
    const { clock, deadRetentionMs } = this.#options
    const value = heldValue({ state: 'dead', key, attempts, nextAt: 0, reason }, item, clock.now())
    const group: Write[] = [
      {
        kind: 'put',
        key: layout.state(item.id),
        value: encodeState('dead', item.round),
        ifVersion: version,
        ttlMs: deadRetentionMs,
      },
      { kind: 'put', key: layout.dead(item.id), value, ttlMs: deadRetentionMs },
    ]
    if (entry.held) group.push({ kind: 'delete', key: layout.held(entry.offset) })
    const [written] = await store.write([group])
    return written?.applied === true ? { ...conclusion('dead', attempts), reason } : conclusion('taken', attempts)
  }
}

function conclusion(outcome: Conclusion['outcome'], attempts: number): Conclusion {
  return { outcome, attempts, delayMs: 0, reason: undefined, version: undefined }
}

export function heldValue(
  held: Pick<HeldItem, 'state' | 'key' | 'attempts' | 'nextAt' | 'reason'>,
  item: QueueItem,
  now: number,
): string {
  return JSON.stringify({ ...held, since: now, item: encodeItem(item) } satisfies HeldItem)
}
