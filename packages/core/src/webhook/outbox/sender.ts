import { type Clock, type Random, systemClock, systemRandom } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import { Events } from '../../events.ts'
import type { Transport } from '../../http/transport.ts'
import type { Store, Write } from '../../store.ts'
import type { Vault } from '../../vault/vault.ts'
import { ActiveOne } from '../queue/active-one.ts'
import { compileSchedule, type RetrySchedule } from '../queue/schedule.ts'
import { type FailedItem, WorkQueue } from '../queue/work-queue.ts'
import { storeName } from '../store-name.ts'
import { isMessageId } from '../verification/fields.ts'
import type { OutgoingMessage } from './deliver.ts'
import { Deliveries } from './deliveries.ts'
import { wants } from './endpoint.ts'
import type { WorkerEnv } from './endpoint-worker.ts'
import { EndpointRegistry } from './registry.ts'

export interface SenderOptions {
  readonly store: Store
  /** Sends the requests; its address guard is what keeps tenants from reaching the inside. */
  readonly transport: Transport
  /** Seals the endpoints' secrets in the store. */
  readonly vault: Vault
  /** Part of the stored keys, for several senders in one store. Default `outbox`. */
  readonly name?: string | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly events?: Events | undefined
  /** Default: 10 tries over about three days, as Standard Webhooks suggests. */
  readonly retry?: RetrySchedule | undefined
  /** Longest time for one request in milliseconds. Default 20 000. */
  readonly timeoutMs?: number | undefined
  /** An endpoint whose every delivery failed for so long is disabled, in milliseconds. Default 5 days. */
  readonly disableAfterMs?: number | undefined
  /** Pause of an endpoint after 429, 502 or 504 without Retry-After, in milliseconds. Default 30 000. */
  readonly throttleMs?: number | undefined
  /** How long the id of a published message is remembered, in milliseconds. Default 7 days. */
  readonly retentionMs?: number | undefined
  /** How long dead letters are kept, in milliseconds. Default 30 days. */
  readonly deadRetentionMs?: number | undefined
  /** Milliseconds between looks for what other processes published or changed. Default 1000. */
  readonly pollMs?: number | undefined
  /** Life of the lease that makes one process the delivering one. Default 15 000. */
  readonly leaseMs?: number | undefined
  readonly userAgent?: string | undefined
  /** Also allows http endpoints, for development. Default false. */
  readonly allowHttp?: boolean | undefined
}

/** What to send. */
export interface PublishOptions {
  /** Such as `invoice.paid`. */
  readonly type: string
  /** JSON value; sent as `{ type, timestamp, data }`, the payload that Standard Webhooks recommends. */
  readonly data: unknown
  /** Default: a new one. A message of a known id is not published twice. */
  readonly id?: string | undefined
  /** Endpoints that want order get messages of one key in the order of their publishing. */
  readonly key?: string | undefined
  /** Only these endpoints. Default: all that want the type. */
  readonly endpoints?: readonly string[] | undefined
}

export interface Published {
  readonly id: string
  /** Endpoints to which it will be delivered. Empty for a repetition. */
  readonly endpoints: readonly string[]
  readonly duplicate: boolean
}

const minute = 60_000
const hour = 60 * minute
/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability */
const defaultRetry: RetrySchedule = {
  delaysMs: [5000, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour],
}

/** Sends webhooks: durable when `publish` resolves, delivered at least once with one id, signed by Standard Webhooks. */
export class WebhookSender {
  readonly endpoints: EndpointRegistry
  readonly #options: SenderOptions
  readonly #env: WorkerEnv
  readonly #root: string
  readonly #queues = new Map<string, WorkQueue>()
  #run: ActiveOne<Deliveries> | undefined

  constructor(options: SenderOptions) {
    const { clock = systemClock, random = systemRandom, events = new Events(), store, vault, transport } = options
    const day = 24 * hour
    this.#options = options
    this.#root = `webhook/${storeName(options.name ?? 'outbox', 'webhook sender')}/`
    this.endpoints = new EndpointRegistry({
      store,
      vault,
      clock,
      random,
      prefix: `${this.#root}endpoint/`,
      removedPrefix: `${this.#root}removed/`,
      allowHttp: options.allowHttp ?? false,
    })
    const { timeoutMs = 20_000, userAgent = 'patchbay-webhooks' } = options
    this.#env = {
      clock,
      random,
      events,
      deliverer: { transport, registry: this.endpoints, clock, timeoutMs, userAgent },
      delayMs: compileSchedule(options.retry ?? defaultRetry, random),
      disableAfterMs: options.disableAfterMs ?? 5 * day,
      throttleMs: options.throttleMs ?? 30_000,
      retentionMs: options.retentionMs ?? 7 * day,
      deadRetentionMs: options.deadRetentionMs ?? 30 * day,
      pollMs: options.pollMs ?? 1000,
    }
  }

  /** Resolves when the message is durable for every endpoint that wants it. */
  async publish(message: PublishOptions): Promise<Published> {
    const { clock, random, retentionMs } = this.#env
    const { type, data, key, id = `msg_${random.uuid()}` } = message
    if (!isMessageId(id)) throw invalid('id', 'must be 1 to 256 visible ASCII characters')
    if (!/^[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*$/.test(type))
      throw invalid('type', 'must be words joined with dots, such as invoice.paid')
    const all = await this.endpoints.listStored()
    const unknown = message.endpoints?.find((name) => all.every((endpoint) => endpoint.id !== name))
    if (unknown !== undefined) throw invalid('endpoints', `names ${unknown}, which does not exist`)
    const stored = all.filter(
      (endpoint) =>
        endpoint.status !== 'disabled' && (message.endpoints?.includes(endpoint.id) ?? wants(endpoint, type)),
    )
    const body = JSON.stringify({ type, timestamp: new Date(clock.now()).toISOString(), data })
    const outgoing: OutgoingMessage = {
      type,
      contentType: 'application/json',
      body,
      ...(key === undefined ? {} : { key }),
    }
    const text = JSON.stringify(outgoing)
    const group: Write[] = [
      { kind: 'put', key: `${this.#root}published/${id}`, value: '', ifVersion: 'absent', ttlMs: retentionMs },
    ]
    for (const endpoint of stored) group.push(...this.#queue(endpoint.queue).putWrites(id, text))
    const [result] = await this.#options.store.write([group])
    if (result?.applied !== true) return { id, endpoints: [], duplicate: true }
    for (const endpoint of stored) this.#queue(endpoint.queue).wake()
    return { id, endpoints: stored.map((endpoint) => endpoint.id), duplicate: false }
  }

  /** Begins to deliver. Only one of all senders of this name, over all processes, delivers at a time; all may publish. */
  start(): void {
    const { store, leaseMs = 15_000 } = this.#options
    const { clock, random } = this.#env
    this.#run ??= new ActiveOne({
      store,
      key: `${this.#root}lease`,
      owner: 'webhook sender',
      leaseMs,
      clock,
      random,
      begin: async () => {
        const deliveries = new Deliveries(this.endpoints, (name) => this.#queue(name), this.#env)
        await deliveries.start()
        return deliveries
      },
    })
  }

  /** Begins no further delivery, waits for the running ones, and gives up the lease. */
  async stop(): Promise<void> {
    const run = this.#run
    this.#run = undefined
    await run?.stop()
  }

  /** Resolves when every delivery that can be made now has been. */
  async idle(): Promise<void> {
    await (await this.#run?.whenActive())?.idle()
  }

  /** Messages that an endpoint never took. */
  async deadLetters(
    endpoint: string,
    page: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<readonly FailedItem[]> {
    const stored = await this.endpoints.getStored(endpoint)
    return stored === undefined ? [] : this.#queue(stored.queue).dead(page)
  }

  /** Delivers dead letters again, under their ids: one, or all that died since a time. Gives how many. */
  async replay(endpoint: string, which: { readonly id: string } | { readonly failedSince: number }): Promise<number> {
    const stored = await this.endpoints.getStored(endpoint)
    if (stored === undefined) return 0
    const queue = this.#queue(stored.queue)
    if ('id' in which) return (await queue.replay(which.id)) === 'replayed' ? 1 : 0
    let replayed = 0
    for (let after: string | undefined; ; ) {
      const dead = await queue.dead({ limit: 500, ...(after === undefined ? {} : { after }) })
      for (const { id, since } of dead)
        if (since >= which.failedSince && (await queue.replay(id)) === 'replayed') replayed++
      if (dead.length < 500) return replayed
      after = dead.at(-1)?.id
    }
  }

  #queue(name: string): WorkQueue {
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      queue = new WorkQueue(this.#options.store, `${this.#root}to/${name}/`)
      this.#queues.set(name, queue)
    }
    return queue
  }
}

function invalid(path: string, message: string): Error {
  return patchbayError({ kind: 'invalid-input', message: 'webhook message', issues: [{ path, message }] })
}

/** Makes a sender. It publishes at once, and delivers after `start`. */
export function webhookSender(options: SenderOptions): WebhookSender {
  return new WebhookSender(options)
}
