import type { Clock, Random } from '../../clock.ts'
import type { Events } from '../../events.ts'
import type { HandshakeReply } from '../handshake-engine.ts'
import type { WorkQueue } from '../queue/work-queue.ts'
import { isMessageId, jsonBody } from '../verification/fields.ts'
import type { InboundMessage, RefusalReason, Verdict } from '../verification/message.ts'
import { type CompiledSource, contentId } from './source.ts'
import { encodeMessage, keptHeaders } from './stored-message.ts'

/** Reasons of the receiver, besides those of the verification. */
export type ReceiveRefusal =
  | RefusalReason
  | 'method-not-allowed'
  | 'encoded-body'
  | 'slow-body'
  | 'aborted-body'
  | 'overloaded'
  | 'not-durable'

/** What goes back to the sender. 2xx means: stored, or a repetition of something stored. */
export interface Receipt {
  readonly status: number
  readonly outcome: 'accepted' | 'duplicate' | 'handshake' | 'refused'
  readonly reason?: ReceiveRefusal | undefined
  readonly messageId?: string | undefined
  readonly contentType?: string | undefined
  readonly body?: string | undefined
}

const statuses: Partial<Record<ReceiveRefusal, number>> = {
  'body-too-large': 413,
  'malformed-body': 400,
  'malformed-message-id': 400,
  'duplicate-field': 400,
  'method-not-allowed': 405,
  'encoded-body': 415,
  'slow-body': 408,
  'aborted-body': 400,
  // The sender is not to blame and shall try again.
  'keys-unavailable': 503,
  'no-active-secret': 503,
  overloaded: 503,
  'not-durable': 503,
}

export function refusalReceipt(reason: ReceiveRefusal): Receipt {
  return { status: statuses[reason] ?? 401, outcome: 'refused', reason }
}

export interface ReceiverOptions {
  readonly clock: Clock
  readonly random: Random
  readonly events: Events
  /** Most messages whose commit is awaited; more are refused with 503. */
  readonly maxWaiting: number
}

/** What a store takes as one value, less the id, in UTF-16 units. */
const longestStored = 16 * 1024 * 1024 - 1024

/** Takes in the messages of one source: verify, dedupe and insert in one atomic group, and only then say yes. */
export class Receiver {
  readonly source: CompiledSource
  readonly queue: WorkQueue
  readonly #options: ReceiverOptions
  readonly #waiting: { count: number }

  constructor(source: CompiledSource, queue: WorkQueue, options: ReceiverOptions, waiting: { count: number }) {
    this.source = source
    this.queue = queue
    this.#options = options
    this.#waiting = waiting
  }

  /** Never rejects: every failure is a receipt. */
  async receive(message: InboundMessage): Promise<Receipt> {
    const { handshake, verifier } = this.source
    const early = handshake?.(message, false)
    if (early !== undefined) return handshakeReceipt(await early)
    if (message.method === 'HEAD') return this.refuse('method-not-allowed')
    const pending = verifier.verify(message)
    const verdict: Verdict = pending instanceof Promise ? await pending : pending
    if (!verdict.accepted) return this.refuse(verdict.reason)
    const late = handshake?.(message, true)
    if (late !== undefined) return handshakeReceipt(await late)
    if (message.method !== 'POST' && message.method !== 'PUT') return this.refuse('method-not-allowed')
    const id = verdict.messageId ?? this.#idOf(message) ?? this.#ownId(message, verdict.sentAt)
    if (!isMessageId(id)) return this.refuse('malformed-message-id')
    return this.store(message, id, verdict.sentAt)
  }

  #idOf(message: InboundMessage): string | undefined {
    const { messageId, keep } = this.source
    try {
      return messageId?.(keptHeaders(message, keep), jsonBody(message.body)?.value)
    } catch {
      // Written for messages of another shape. An id that is none gets the message refused, and the sender told.
      return ''
    }
  }

  #ownId(message: InboundMessage, sentAt: number | undefined): string {
    return this.source.unnamed === 'arrival' ? `arrival-${this.#options.random.uuid()}` : contentId(message, sentAt)
  }

  refuse(reason: ReceiveRefusal): Receipt {
    const { events } = this.#options
    if (events.listening) events.emit('webhook-refuse', { source: this.source.name, reason })
    return refusalReceipt(reason)
  }

  /** Stores a message that is known to be genuine. */
  async store(message: InboundMessage, messageId: string, sentAt: number | undefined): Promise<Receipt> {
    if (this.#waiting.count >= this.#options.maxWaiting) return this.refuse('overloaded')
    const { clock, events } = this.#options
    const data = encodeMessage(message, this.source.keep, clock.now(), sentAt)
    if (data.length > longestStored) return this.refuse('body-too-large')
    this.#waiting.count++
    let fresh: boolean
    try {
      fresh = await this.queue.put(messageId, data)
    } catch {
      return this.refuse('not-durable')
    } finally {
      this.#waiting.count--
    }
    if (events.listening) events.emit('webhook-accept', { source: this.source.name, messageId, duplicate: !fresh })
    return { status: 200, outcome: fresh ? 'accepted' : 'duplicate', messageId }
  }
}

function handshakeReceipt(reply: HandshakeReply): Receipt {
  return { status: reply.status, outcome: 'handshake', contentType: reply.contentType, body: reply.body }
}
