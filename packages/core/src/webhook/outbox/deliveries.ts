import type { Cancel } from '../../clock.ts'
import type { Stoppable } from '../queue/active-one.ts'
import type { WorkQueue } from '../queue/work-queue.ts'
import { EndpointWorker, type WorkerEnv } from './endpoint-worker.ts'
import type { EndpointRegistry } from './registry.ts'

/** The workers of all endpoints, kept in step with the registry. */
export class Deliveries implements Stoppable {
  readonly #registry: EndpointRegistry
  readonly #queueOf: (name: string) => WorkQueue
  /** By the name of their queue. */
  readonly #env: WorkerEnv
  readonly #workers = new Map<string, EndpointWorker>()
  #last: Promise<void> = Promise.resolve()
  #stopPoll: Cancel | undefined
  #stopped = false

  constructor(registry: EndpointRegistry, queueOf: (name: string) => WorkQueue, env: WorkerEnv) {
    this.#registry = registry
    this.#queueOf = queueOf
    this.#env = env
  }

  async start(): Promise<void> {
    this.#registry.onChange = () => this.#refresh()
    await this.#inTurn(() => this.#refreshOnce())
    this.#poll()
  }

  async idle(): Promise<void> {
    await this.#last
    await Promise.all([...this.#workers.values()].map((worker) => worker.idle()))
  }

  async stop(options?: { readonly abandon?: boolean }): Promise<void> {
    this.#stopped = true
    this.#registry.onChange = () => Promise.resolve()
    this.#stopPoll?.()
    await this.#last
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop(options)))
  }

  #poll(): void {
    const look = (): void => {
      void this.#refresh()
      if (!this.#stopped) this.#poll()
    }
    this.#stopPoll = this.#env.clock.timer(this.#env.pollMs, look, { keepAlive: false })
  }

  /** Resolves when a look that began after the call is done. When the store fails, the next poll looks again. */
  #refresh(): Promise<void> {
    return this.#inTurn(() => this.#refreshOnce()).catch(() => undefined)
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const run = this.#last.then(() => (this.#stopped ? undefined : work()))
    this.#last = run.catch(() => undefined)
    return run
  }

  async #refreshOnce(): Promise<void> {
    const endpoints = await this.#registry.listStored()
    const known = new Set(endpoints.map(({ queue }) => queue))
    for (const [queue, worker] of this.#workers) {
      if (known.has(queue)) continue
      this.#workers.delete(queue)
      await worker.stop()
    }
    await this.#registry.clearRemoved((queue) => this.#queueOf(queue).clear())
    for (const endpoint of endpoints) {
      const worker = this.#workers.get(endpoint.queue)
      if (worker !== undefined) worker.update(endpoint)
      else {
        const added = new EndpointWorker(endpoint, this.#queueOf(endpoint.queue), this.#env)
        this.#workers.set(endpoint.queue, added)
        await added.start()
      }
    }
  }
}
