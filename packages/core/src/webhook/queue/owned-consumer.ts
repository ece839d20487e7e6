import type { Cancel } from '../../clock.ts'
import { type ConsumerOptions, QueueConsumer } from './consumer.ts'
import { Ownership } from './ownership.ts'
import type { WorkQueue } from './work-queue.ts'

/**
 * A consumer that works while it holds the queue's lease, waits while somebody else does, and takes over when that one goes: at once after
 * an orderly stop, after the lease's life otherwise.
 */
export class OwnedConsumer {
  readonly #queue: WorkQueue
  readonly #options: ConsumerOptions
  readonly #leaseMs: number
  #consumer: QueueConsumer | undefined
  #ownership: Ownership | undefined
  #paused = false
  #stopped = false
  #turn: Promise<void>
  #stopTimer: Cancel | undefined
  #onActive: (() => void)[] = []

  constructor(queue: WorkQueue, options: ConsumerOptions, lease: { readonly leaseMs: number }) {
    this.#queue = queue
    this.#options = options
    this.#leaseMs = lease.leaseMs
    this.#turn = this.#tryToStart()
  }

  get active(): boolean {
    return this.#consumer !== undefined
  }

  pause(): void {
    this.#paused = true
    this.#consumer?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#consumer?.resume()
  }

  nudge(): void {
    this.#consumer?.nudge()
  }

  async idle(): Promise<void> {
    while (this.#consumer === undefined && !this.#stopped)
      await new Promise<void>((resolve) => this.#onActive.push(resolve))
    await this.#consumer?.idle()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopTimer?.()
    for (const resolve of this.#onActive.splice(0)) resolve()
    await this.#turn
    const consumer = this.#consumer
    this.#consumer = undefined
    await consumer?.stop()
    const ownership = this.#ownership
    this.#ownership = undefined
    await ownership?.release().catch(() => undefined)
  }

  async #tryToStart(): Promise<void> {
    try {
      const ownership = await Ownership.acquire(this.#queue.store, this.#queue.layout.lease, {
        ttlMs: this.#leaseMs,
        clock: this.#options.clock,
        random: this.#options.random,
        onLost: () => this.#lose(),
      })
      if (ownership === undefined) return this.#tryLater()
      this.#ownership = ownership
      const consumer = new QueueConsumer(this.#queue, this.#options)
      if (this.#paused) consumer.pause()
      this.#consumer = consumer
      await consumer.start()
      for (const resolve of this.#onActive.splice(0)) resolve()
    } catch {
      // The store does not answer yet.
      const ownership = this.#ownership
      const consumer = this.#consumer
      this.#ownership = undefined
      this.#consumer = undefined
      await consumer?.stop({ abandon: true })
      await ownership?.release().catch(() => undefined)
      this.#tryLater()
    }
  }

  #lose(): void {
    const consumer = this.#consumer
    this.#consumer = undefined
    this.#ownership = undefined
    void consumer?.stop({ abandon: true })
    this.#tryLater()
  }

  #tryLater(): void {
    if (this.#stopped) return
    this.#stopTimer = this.#options.clock.timer(
      this.#leaseMs / 3,
      () => {
        this.#turn = this.#tryToStart()
      },
      { keepAlive: false },
    )
  }
}
