import type { Clock, Random } from '../../clock.ts'
import type { Events } from '../../events.ts'
import { QueueConsumer } from '../queue/consumer.ts'
import type { QueueTask, TryResult } from '../queue/consumer-options.ts'
import type { WorkQueue } from '../queue/work-queue.ts'
import { type DelivererOptions, type DeliveryResult, deliver, type OutgoingMessage } from './deliver.ts'
import type { StoredEndpoint } from './endpoint.ts'
import { EndpointPace } from './pace.ts'

export interface WorkerEnv {
  readonly clock: Clock
  readonly random: Random
  readonly events: Events
  readonly deliverer: DelivererOptions
  readonly delayMs: (failures: number) => number | undefined
  readonly disableAfterMs: number
  readonly throttleMs: number
  readonly retentionMs: number
  readonly deadRetentionMs: number
  readonly pollMs: number
}

/** Delivers the messages of one endpoint and keeps its health. */
export class EndpointWorker {
  readonly #env: WorkerEnv
  readonly #pace: EndpointPace
  readonly #consumer: QueueConsumer
  #endpoint: StoredEndpoint
  /** What the store was told of the endpoint's failing, and the writing of it. */
  #failingSince: number | undefined
  #writing: Promise<unknown> = Promise.resolve()

  constructor(endpoint: StoredEndpoint, queue: WorkQueue, env: WorkerEnv) {
    this.#endpoint = endpoint
    this.#env = env
    this.#failingSince = endpoint.failingSince
    this.#pace = new EndpointPace(env.clock, endpoint.ratePerSecond)
    this.#consumer = new QueueConsumer(queue, {
      clock: env.clock,
      random: env.random,
      concurrency: () => (this.#pace.down ? 1 : (this.#endpoint.concurrency ?? 4)),
      throttleMs: () => this.#pace.take(),
      keyOf: ({ data }) => (this.#endpoint.ordered === true ? (JSON.parse(data) as OutgoingMessage).key : undefined),
      handle: (task) => this.#handle(task),
      delayMs: env.delayMs,
      onPoison: 'dead',
      onEnd: () => undefined,
      retentionMs: env.retentionMs,
      deadRetentionMs: env.deadRetentionMs,
      historyRecords: 0,
      pollMs: env.pollMs,
    })
    if (endpoint.status !== 'enabled') this.#consumer.pause()
  }

  start(): Promise<void> {
    return this.#consumer.start()
  }

  /** Takes over settings and status that were changed in the registry. */
  update(endpoint: StoredEndpoint): void {
    const before = this.#endpoint.status
    this.#endpoint = endpoint
    this.#pace.setRate(endpoint.ratePerSecond)
    if (endpoint.failingSince === undefined) this.#failingSince = undefined
    if (endpoint.status === before) return
    if (endpoint.status === 'enabled') {
      this.#pace.reset()
      this.#consumer.resume()
      this.#consumer.nudge()
    } else this.#consumer.pause()
  }

  idle(): Promise<void> {
    return this.#consumer.idle()
  }

  async stop(options?: { readonly abandon?: boolean }): Promise<void> {
    await this.#consumer.stop(options)
    await this.#writing
  }

  async #handle({ item, attempt }: QueueTask): Promise<TryResult> {
    // An endpoint may have been paused between the start of the turn and now; then the message just waits.
    const result = await deliver(this.#endpoint, item.id, JSON.parse(item.data) as OutgoingMessage, this.#env.deliverer)
    this.#judge(result)
    return this.#conclude(item.id, attempt, result)
  }

  #judge(result: DeliveryResult): void {
    const { clock, disableAfterMs, throttleMs, deliverer } = this.#env
    const { id } = this.#endpoint
    if (result.kind === 'delivered') {
      this.#pace.succeeded()
      if (this.#failingSince === undefined) return
      this.#failingSince = undefined
      this.#write(() => deliverer.registry.note(id, {}))
      return
    }
    if (result.kind === 'gone') {
      this.#disable('gone')
      return
    }
    if (result.throttle) this.#pace.pause(result.retryAfterMs ?? throttleMs)
    this.#pace.failed()
    const now = clock.now()
    if (this.#failingSince === undefined) {
      this.#failingSince = now
      this.#write(() => deliverer.registry.note(id, { failingSince: now }))
    } else if (now - this.#failingSince >= disableAfterMs) this.#disable('failing')
  }

  #disable(reason: string): void {
    const { id, status } = this.#endpoint
    if (status === 'disabled') return
    this.#endpoint = { ...this.#endpoint, status: 'disabled', reason }
    this.#consumer.pause()
    const failingSince = this.#failingSince
    const health = { disabled: reason, ...(failingSince === undefined ? {} : { failingSince }) }
    this.#write(() => this.#env.deliverer.registry.note(id, health))
  }

  /** One after the other, and never in the way of a delivery. A lost write is made again with the next failure. */
  #write(change: () => Promise<unknown>): void {
    this.#writing = this.#writing.then(change).catch(() => undefined)
  }

  #conclude(messageId: string, attempt: number, result: DeliveryResult): TryResult {
    const { events, delayMs } = this.#env
    const { status } = result
    const left = result.kind === 'failed' && delayMs(attempt) !== undefined
    const outcome =
      result.kind === 'delivered' ? 'delivered' : result.kind === 'gone' ? 'disabled' : left ? 'retry' : 'dead'
    const reason = result.kind === 'failed' ? result.reason : result.kind === 'gone' ? 'gone' : undefined
    if (events.listening)
      events.emit('delivery-end', { endpoint: this.#endpoint.id, messageId, outcome, status, reason })
    if (result.kind === 'delivered') return { kind: 'done' }
    if (result.kind === 'gone') return { kind: 'dead', reason: 'gone' }
    return { kind: 'failed', reason: result.reason, afterMs: result.retryAfterMs }
  }
}
