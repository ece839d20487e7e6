import type { Clock } from '../clock.ts'
import { type ErrorFacts, isPatchbayError, patchbayError } from '../errors.ts'
import { lazy } from '../lazy.ts'
import type { LogRecord, Store, StoredEntry, WriteGroup, WriteResult } from '../store.ts'
import { checkGroups, checkKey, checkLimit, checkList, checkOffset, storeClosed } from './arguments.ts'
import { WriteQueue } from './write-queue.ts'

type Awaitable<T> = T | Promise<T>

/** What an engine brings: the bare statements on arguments that were checked. */
export interface StoreEngine {
  get(key: string): Awaitable<StoredEntry | undefined>
  /** All groups durable together. Never called while an earlier call is under way. */
  write(groups: readonly WriteGroup[]): Awaitable<readonly WriteResult[]>
  list(prefix: string, after: string, limit: number): Awaitable<readonly StoredEntry[]>
  read(log: string, after: number, limit: number): Awaitable<readonly LogRecord[]>
  trim(log: string, upTo: number): Awaitable<void>
  close(): Awaitable<void>
}

export interface EngineStoreOptions<Engine extends StoreEngine> {
  /** For errors: `store/sqlite`. */
  readonly name: string
  readonly clock: Clock
  /** Opens at the first call. A failure is not remembered. */
  readonly open: () => Promise<Engine>
  /** What is known of an error that the engine threw. */
  readonly facts: (error: unknown) => ErrorFacts
  readonly maxPending?: number | undefined
  readonly maxBatch: number
}

/** A store over an engine: what is alike in all of them, which is arguments, opening, group commit, errors and closing. */
export class EngineStore<Engine extends StoreEngine = StoreEngine> implements Store {
  readonly #options: EngineStoreOptions<Engine>
  readonly #engine: () => Promise<Engine>
  readonly #queue: WriteQueue
  #running = 0
  #idle: (() => void) | undefined
  #opened: Engine | undefined
  #closing: Promise<void> | undefined

  constructor(options: EngineStoreOptions<Engine>) {
    this.#options = options
    this.#engine = lazy(async () => (this.#opened = await options.open()))
    this.#queue = new WriteQueue({
      clock: options.clock,
      maxPending: options.maxPending ?? 100_000,
      maxBatch: options.maxBatch,
      commit: async (groups) => (this.#opened ?? (await this.#engine())).write(groups),
    })
  }

  get(key: string): Promise<StoredEntry | undefined> {
    return this.call(
      'get',
      () => checkKey(key, 'key'),
      (engine) => engine.get(key),
    )
  }

  write(groups: readonly WriteGroup[]): Promise<readonly WriteResult[]> {
    return this.#run('write', async () => {
      checkGroups(groups)
      return this.#queue.write(groups)
    })
  }

  list(
    prefix: string,
    options: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<readonly StoredEntry[]> {
    const { after = '', limit = 100 } = options
    return this.call(
      'list',
      () => checkList(prefix, after, limit),
      (engine) => engine.list(prefix, after, limit),
    )
  }

  read(log: string, after: number, limit = 100): Promise<readonly LogRecord[]> {
    const check = (): void => {
      checkOffset(log, after, 'after')
      checkLimit(limit)
    }
    return this.call('read', check, (engine) => engine.read(log, after, limit))
  }

  trim(log: string, upTo: number): Promise<void> {
    return this.call(
      'trim',
      () => checkOffset(log, upTo, 'upTo'),
      (engine) => engine.trim(log, upTo),
    )
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    try {
      await this.#opened?.close()
    } catch (error) {
      throw this.#wrap(error, 'close')
    }
  }

  protected call<T>(operation: string, check: () => void, work: (engine: Engine) => Awaitable<T>): Promise<T> {
    return this.#run(operation, async () => {
      check()
      return work(this.#opened ?? (await this.#engine()))
    })
  }

  /** Runs a call so that {@link close} waits for it and its errors are PatchbayErrors. */
  async #run<T>(operation: string, work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw storeClosed()
    this.#running += 1
    try {
      return await work()
    } catch (error) {
      throw this.#wrap(error, operation)
    } finally {
      this.#running -= 1
      if (this.#running === 0) this.#idle?.()
    }
  }

  #wrap(error: unknown, operation: string): unknown {
    if (isPatchbayError(error)) return error
    return patchbayError(this.#options.facts(error), { connector: this.#options.name, operation })
  }
}
