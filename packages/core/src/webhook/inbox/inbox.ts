import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, type Random, systemClock, systemRandom } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import { Events } from '../../events.ts'
import type { Store } from '../../store.ts'
import { type FailedItem, WorkQueue } from '../queue/work-queue.ts'
import { storeName } from '../store-name.ts'
import type { InboundMessage } from '../verification/message.ts'
import { fetchHandler } from './fetch-handler.ts'
import { nodeHandler } from './node-handler.ts'
import { type InboxEnv, type MessageHandler, type ProcessOptions, type Processor, startProcessor } from './process.ts'
import { type Receipt, Receiver } from './receive.ts'
import { type ListedDelivery, type Reconciliation, reconcile } from './reconcile.ts'
import { compileSource, type WebhookSourceOptions } from './source.ts'
import { decodeMessage, type InboxMessage } from './stored-message.ts'

export interface InboxOptions<Source extends string> {
  readonly store: Store
  /** Senders by name. The name is part of the stored keys: keep it. */
  readonly sources: Readonly<Record<Source, WebhookSourceOptions>>
  /** Part of the stored keys, for several inboxes in one store. Default `inbox`. */
  readonly name?: string | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly events?: Events | undefined
  /** Most messages that wait for their commit before more are refused with 503. Default 2000. */
  readonly maxWaiting?: number | undefined
  /** Longest time for a body to arrive, in milliseconds. Default 10 000. */
  readonly bodyTimeoutMs?: number | undefined
  /** How long a handled message's id is remembered for the dedupe, in milliseconds. Default 7 days; unhandled ones are never forgotten. */
  readonly retentionMs?: number | undefined
  /** How long dead letters are kept, in milliseconds. Default 30 days. */
  readonly deadRetentionMs?: number | undefined
  /** Handled messages per source whose content stays for replays. Default 10 000. */
  readonly historyRecords?: number | undefined
}

/** A message that failed for good, or is held back. */
export interface FailedMessage extends Omit<FailedItem, 'data'> {
  readonly message: InboxMessage
}

/** Webhooks of several senders, stored before they are acknowledged, handled at least once in order per entity. */
export class Inbox<Source extends string = string> {
  readonly #receivers = new Map<string, Receiver>()
  readonly #env: InboxEnv
  readonly #bodyTimeoutMs: number

  constructor(options: InboxOptions<Source>) {
    const { store, name = 'inbox', clock = systemClock, random = systemRandom, events = new Events() } = options
    const day = 86_400_000
    this.#env = {
      clock,
      random,
      events,
      retentionMs: options.retentionMs ?? 7 * day,
      deadRetentionMs: options.deadRetentionMs ?? 30 * day,
      historyRecords: options.historyRecords ?? 10_000,
    }
    this.#bodyTimeoutMs = options.bodyTimeoutMs ?? 10_000
    const waiting = { count: 0 }
    const root = `webhook/${storeName(name, 'webhook inbox')}`
    for (const [source, settings] of Object.entries<WebhookSourceOptions>(options.sources)) {
      const queue = new WorkQueue(store, `${root}/${source}/`)
      const limits = { clock, random, events, maxWaiting: options.maxWaiting ?? 2000 }
      this.#receivers.set(source, new Receiver(compileSource(source, settings, clock), queue, limits, waiting))
    }
  }

  /** Verifies and stores a message that some server received already. Never rejects. */
  receive(source: Source, message: InboundMessage): Promise<Receipt> {
    return this.#receiver(source).receive(message)
  }

  /** A handler for servers that speak WHATWG Request and Response. */
  handler(source: Source): (request: Request) => Promise<Response> {
    return fetchHandler(this.#receiver(source), { clock: this.#env.clock, bodyTimeoutMs: this.#bodyTimeoutMs })
  }

  /** A handler for node:http and what is built on it. The body must not have been read. */
  nodeHandler(source: Source): (request: IncomingMessage, response: ServerResponse) => void {
    return nodeHandler(this.#receiver(source), { clock: this.#env.clock, bodyTimeoutMs: this.#bodyTimeoutMs })
  }

  /** Begins to handle the messages of a source. */
  process(source: Source, handler: MessageHandler, options: ProcessOptions = {}): Processor {
    return startProcessor(source, this.#queue(source), handler, options, this.#env)
  }

  /** Messages that no try is left for, in the order of their ids. */
  async deadLetters(
    source: Source,
    page: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<readonly FailedMessage[]> {
    return (await this.#queue(source).dead(page)).map((item) => failedMessage(source, item))
  }

  /** Messages held back: waiting for a retry, parked, and those behind them, oldest first. */
  async held(source: Source, page: { readonly limit?: number } = {}): Promise<readonly FailedMessage[]> {
    return (await this.#queue(source).held(page)).map((item) => failedMessage(source, item))
  }

  /**
   * Has messages handled once more, under their ids, after all that wait: dead letters and handled ones still in the history.
   * Gives how many were put in.
   */
  async replay(
    source: Source,
    which: { readonly id: string } | { readonly filter: (message: InboxMessage) => boolean },
  ): Promise<number> {
    const queue = this.#queue(source)
    const ids = 'id' in which ? [which.id] : await this.#matching(source, which.filter)
    let replayed = 0
    for (const id of ids) if ((await queue.replay(id)) === 'replayed') replayed++
    return replayed
  }

  /** Lets a parked key go on with the message that parked it: one more try. */
  release(source: Source, entityKey: string): Promise<void> {
    return this.#queue(source).command({ kind: 'release', key: entityKey })
  }

  /** Puts the message that holds its key back among the dead letters; the key goes on with the next one. */
  discard(source: Source, id: string): Promise<void> {
    return this.#queue(source).command({ kind: 'discard', id })
  }

  /** Compares what the sender says it sent with what came in, and recovers what is missing. */
  reconcile(
    source: Source,
    deliveries: AsyncIterable<ListedDelivery> | Iterable<ListedDelivery>,
  ): Promise<Reconciliation> {
    return reconcile(this.#receiver(source), deliveries)
  }

  async #matching(source: Source, filter: (message: InboxMessage) => boolean): Promise<ReadonlySet<string>> {
    const queue = this.#queue(source)
    const ids = new Set<string>()
    for await (const { id, data } of queue.history()) if (filter(decodeMessage(source, id, data))) ids.add(id)
    for (let after: string | undefined; ; ) {
      const dead = await queue.dead({ limit: 500, ...(after === undefined ? {} : { after }) })
      for (const { id, data } of dead) if (filter(decodeMessage(source, id, data))) ids.add(id)
      if (dead.length < 500) return ids
      after = dead.at(-1)?.id
    }
  }

  #queue(source: string): WorkQueue {
    return this.#receiver(source).queue
  }

  #receiver(source: string): Receiver {
    const receiver = this.#receivers.get(source)
    if (receiver === undefined)
      throw patchbayError({ kind: 'invalid-input', message: `webhook inbox: no source is named "${source}"` })
    return receiver
  }
}

function failedMessage(source: string, { data, ...item }: FailedItem): FailedMessage {
  return { ...item, message: decodeMessage(source, item.id, data) }
}

/**
 * Opens an inbox.
 * @throws PatchbayError `config` when a source has no secret or key: it would accept nothing, so it must not start.
 */
export function webhookInbox<Source extends string>(options: InboxOptions<Source>): Inbox<Source> {
  return new Inbox(options)
}
