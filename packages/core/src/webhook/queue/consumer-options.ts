import type { Clock, Random } from '../../clock.ts'
import type { Write } from '../../store.ts'
import type { QueueItem } from './layout.ts'

/** What a try came to. */
export type TryResult =
  | { readonly kind: 'done'; readonly writes?: readonly Write[] }
  /** `afterMs`: how long the other side asked to wait. `free`: the try does not count. */
  | { readonly kind: 'failed'; readonly reason: string; readonly afterMs?: number | undefined; readonly free?: boolean }
  | { readonly kind: 'dead'; readonly reason: string }

export interface QueueTask {
  readonly item: QueueItem
  readonly key: string | undefined
  /** 1 for the first try. */
  readonly attempt: number
  readonly signal: AbortSignal
}

export type ItemOutcome = 'done' | 'retry' | 'parked' | 'dead'

export interface ConsumerOptions {
  readonly clock: Clock
  readonly random: Random
  /** Most items handled at once; asked anew before each start. */
  readonly concurrency: () => number
  /** Milliseconds to wait before the next start; 0 to go on. */
  readonly throttleMs?: (() => number) | undefined
  /** Items of one key are handled in order. */
  readonly keyOf: (item: QueueItem) => string | undefined
  readonly handle: (task: QueueTask) => Promise<TryResult>
  /** Delay before the try after the `attempts`-th failure; undefined: no try is left. */
  readonly delayMs: (attempts: number) => number | undefined
  /** What becomes of a keyed item with no try left: its key waits for a person, or it steps aside. */
  readonly onPoison: 'park' | 'dead'
  readonly onEnd: (item: QueueItem, outcome: ItemOutcome, attempts: number, reason: string | undefined) => void
  /** Items in memory. Default 512. */
  readonly window?: number | undefined
  /** Milliseconds between looks for what other processes put in. Default 1000. */
  readonly pollMs?: number | undefined
  /** How long a settled id is remembered. */
  readonly retentionMs: number
  readonly deadRetentionMs: number
  /** Settled records kept in the log for replays. */
  readonly historyRecords: number
}
