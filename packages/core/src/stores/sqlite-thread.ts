import { Worker } from 'node:worker_threads'
import { type ErrorFacts, Fault } from '../errors.ts'
import type { WriteGroup, WriteResult } from '../store.ts'
import {
  flatten,
  type SqliteReply,
  type SqliteRequest,
  type SqliteSettings,
  unflattenResults,
} from './sqlite-message.ts'

interface Waiter {
  readonly resolve: (reply: SqliteReply) => void
  readonly reject: (error: unknown) => void
}

/** A file of its own, in the sources as in the build; a host that bundles this package has to keep it beside the bundle. */
const program = new URL(import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js', import.meta.url)

/** The main thread's side of a store's worker thread. A worker that ended, for whatever reason, is replaced at the next request. */
export class SqliteThread {
  readonly #settings: SqliteSettings
  #worker: Worker | undefined
  /** Requests are answered in order. */
  #waiting: Waiter[] = []

  constructor(settings: SqliteSettings) {
    this.#settings = settings
  }

  async open(): Promise<void> {
    await this.#request({ kind: 'open' })
  }

  async write(groups: readonly WriteGroup[], now: number): Promise<readonly WriteResult[]> {
    const { results } = await this.#request({ kind: 'write', groups: flatten(groups), now })
    return unflattenResults(results ?? [])
  }

  async trim(log: string, upTo: number, limit: number): Promise<boolean> {
    const { done } = await this.#request({ kind: 'trim', log, upTo, limit })
    return done === true
  }

  /** Ends the worker after it has answered what it was asked before. */
  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    await this.#request({ kind: 'close' })
    worker.ref()
    await ended
  }

  #request(request: SqliteRequest): Promise<SqliteReply> {
    return new Promise((resolve, reject) => {
      this.#worker ??= this.#start()
      // Only work under way keeps the process alive.
      if (this.#waiting.length === 0) this.#worker.ref()
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(request)
    })
  }

  #start(): Worker {
    const worker = new Worker(program, {
      name: 'patchbay-sqlite',
      workerData: this.#settings,
      // The host's own flags, such as an --import or the input type of --eval, are not meant for this file.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    let cause: unknown
    worker.on('message', (reply: SqliteReply) => {
      const waiter = this.#waiting.shift()
      if (this.#waiting.length === 0) worker.unref()
      if (reply.failure === undefined) waiter?.resolve(reply)
      else waiter?.reject(new Fault(reply.failure))
    })
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      const waiting = this.#waiting
      this.#waiting = []
      for (const { reject } of waiting) reject(new Fault(ended(cause)))
    })
    return worker
  }
}

function ended(cause: unknown): ErrorFacts {
  const because = cause instanceof Error ? ` (${cause.message})` : ''
  return {
    kind: 'unavailable',
    code: 'store-worker-ended',
    sent: 'maybe',
    message: `the thread that writes the file ended before it answered${because}; the next call starts another`,
    cause,
  }
}
