import type { Clock, Random } from '../../clock.ts'
import type { Events } from '../../events.ts'
import type { Write } from '../../store.ts'
import { ActiveOne } from '../queue/active-one.ts'
import { QueueConsumer } from '../queue/consumer.ts'
import type { ConsumerOptions, QueueTask, TryResult } from '../queue/consumer-options.ts'
import { compileSchedule, type RetrySchedule } from '../queue/schedule.ts'
import type { WorkQueue } from '../queue/work-queue.ts'
import { decodeMessage, type InboxMessage } from './stored-message.ts'

export interface MessageContext {
  /** 1 for the first try. */
  readonly attempt: number
  /** True when an operator put the message in once more. */
  readonly replayed: boolean
  readonly entityKey: string | undefined
  /** Aborted when the processor stops, loses its lease, or the handler took longer than `timeoutMs`. */
  readonly signal: AbortSignal
  /**
   * Adds changes to the inbox's own store that happen in one atomic group with the message's completion: exactly once, whatever crashes.
   * A condition (`ifVersion`) that fails makes the try fail and nothing is written.
   */
  write(...writes: readonly Write[]): void
}

/** Handles one message. Returning completes it; throwing fails the try. Effects outside the store need `message.id` to be idempotent. */
export type MessageHandler = (message: InboxMessage, context: MessageContext) => Promise<void> | void

export interface ProcessOptions {
  /** Messages of one key are handled in order, others concurrently. Undefined: no order needed. */
  readonly entityKey?: ((message: InboxMessage) => string | undefined) | undefined
  /** Most messages handled at once. Default 8. */
  readonly concurrency?: number | undefined
  /** Default: nine tries over about nine hours. A PatchbayError's `retryAfterMs` makes a delay longer. */
  readonly retry?: RetrySchedule | undefined
  /**
   * What becomes of a message with an entity key when no try is left: `park` (default) keeps it and all later ones of its key back until
   * `release` or `discard`; `dead` puts it aside alone. Other keys go on either way. Messages without a key always go aside.
   */
  readonly onPoison?: 'park' | 'dead' | undefined
  /** Milliseconds after which a handler's signal is aborted and its try fails when it ends. Default none. */
  readonly timeoutMs?: number | undefined
  /** Milliseconds between looks for messages that other processes took in. Default 1000. */
  readonly pollMs?: number | undefined
  /** Life of the lease that makes one processor the active one of a source; it is renewed well before. Default 15 000. */
  readonly leaseMs?: number | undefined
  /** Messages in memory. Default 512. */
  readonly window?: number | undefined
}

export interface InboxEnv {
  readonly clock: Clock
  readonly random: Random
  readonly events: Events
  readonly retentionMs: number
  readonly deadRetentionMs: number
  readonly historyRecords: number
}

/** Handles the messages of one source. Only one of all processors of a source, over all processes, is active at a time. */
export interface Processor {
  /** True while this processor holds the lease. */
  readonly active: boolean
  /** Begins no further message. Kept in memory only. */
  pause(): void
  resume(): void
  /** Resolves when every message that can be handled now has been. */
  idle(): Promise<void>
  /** Begins no further message, waits for the running ones, and gives up the lease. */
  stop(): Promise<void>
}

const minute = 60_000
const hour = 60 * minute
const defaultRetry: RetrySchedule = {
  delaysMs: [1000, 5000, 30_000, 2 * minute, 10 * minute, 30 * minute, 2 * hour, 6 * hour],
}

export function startProcessor(
  source: string,
  queue: WorkQueue,
  handler: MessageHandler,
  options: ProcessOptions,
  env: InboxEnv,
): Processor {
  const { clock, random, events } = env
  const { entityKey, concurrency = 8, onPoison = 'park', retry = defaultRetry } = options
  return new OwnedProcessor(queue, options.leaseMs ?? 15_000, {
    clock,
    random,
    concurrency: () => concurrency,
    keyOf: entityKey === undefined ? () => undefined : ({ id, data }) => entityKey(decodeMessage(source, id, data)),
    handle: (task) => handleOne(source, handler, task, options.timeoutMs, clock),
    delayMs: compileSchedule(retry, random),
    onPoison,
    onEnd: ({ id }, outcome, attempts) => {
      if (events.listening) events.emit('message-end', { source, messageId: id, outcome, attempts })
    },
    window: options.window,
    pollMs: options.pollMs,
    retentionMs: env.retentionMs,
    deadRetentionMs: env.deadRetentionMs,
    historyRecords: env.historyRecords,
  })
}

class OwnedProcessor implements Processor {
  readonly #run: ActiveOne<QueueConsumer>
  #paused = false

  constructor(queue: WorkQueue, leaseMs: number, options: ConsumerOptions) {
    const { clock, random } = options
    const begin = async (): Promise<QueueConsumer> => {
      const consumer = new QueueConsumer(queue, options)
      if (this.#paused) consumer.pause()
      await consumer.start()
      return consumer
    }
    const { store, layout } = queue
    this.#run = new ActiveOne({ store, key: layout.lease, owner: 'inbox processor', leaseMs, clock, random, begin })
  }

  get active(): boolean {
    return this.#run.current !== undefined
  }

  pause(): void {
    this.#paused = true
    this.#run.current?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#run.current?.resume()
  }

  async idle(): Promise<void> {
    await (await this.#run.whenActive())?.idle()
  }

  stop(): Promise<void> {
    return this.#run.stop()
  }
}

async function handleOne(
  source: string,
  handler: MessageHandler,
  { item, key, attempt, signal }: QueueTask,
  timeoutMs: number | undefined,
  clock: Clock,
): Promise<TryResult> {
  const writes: Write[] = []
  const context = {
    attempt,
    replayed: item.round > 0,
    entityKey: key,
    signal,
    write: (...added: readonly Write[]) => void writes.push(...added),
  }
  const message = decodeMessage(source, item.id, item.data)
  if (timeoutMs === undefined) {
    await handler(message, context)
    return { kind: 'done', writes }
  }
  const timeout = new AbortController()
  const stop = clock.timer(timeoutMs, () => timeout.abort(), { keepAlive: false })
  try {
    await handler(message, { ...context, signal: AbortSignal.any([signal, timeout.signal]) })
  } finally {
    stop()
  }
  // Its writes are dropped with it: a handler that ignores the signal must not complete late.
  if (timeout.signal.aborted) return { kind: 'failed', reason: `handler took longer than ${timeoutMs} ms` }
  return { kind: 'done', writes }
}
