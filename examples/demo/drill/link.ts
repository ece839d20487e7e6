// How the demo's processes talk: questions from the parent over Node's own channel, and news from the child.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { flushCompileCache } from 'node:module'

interface Question {
  readonly number: number
  readonly name: string
  readonly argument: unknown
}

interface Reply {
  readonly number: number
  readonly answer?: unknown
  readonly failure?: string
}

/** A child's side: answers questions by name, tells news. Ends with its parent, however the parent ends. */
export function answerParent(answers: Readonly<Record<string, (argument: never) => unknown>>): (news: object) => void {
  const tell = (message: object): void => {
    if (process.connected) process.send?.(message, () => undefined)
  }
  process.on('message', async ({ number, name, argument }: Question) => {
    try {
      const answer = await answers[name]?.(argument as never)
      tell({ number, answer } satisfies Reply)
      // Kept now: whoever is killed cannot do it at its end.
      if (name === 'start') flushCompileCache()
    } catch (error) {
      tell({ number, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Reply)
    }
  })
  process.on('disconnect', () => process.exit())
  // Ctrl-C reaches the whole group of processes; the parent decides about the order of the end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
  return (news) => tell({ news })
}

/** The parent's side of one child process. */
export class Child {
  readonly name: string
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, { resolve: (answer: never) => void; reject: (reason: Error) => void }>()
  readonly #ended: Promise<unknown>
  readonly #fellOver: Promise<never>
  #number = 0
  #expected = false

  constructor(name: string, script: URL, onNews: (news: never) => void = () => undefined) {
    this.name = name
    this.#process = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' })
    this.#process.on('message', (message: Reply | { news: never }) => {
      if ('news' in message) onNews(message.news)
      else this.#settle(message)
    })
    this.#ended = once(this.#process, 'exit')
    this.#fellOver = this.#ended.then(() => {
      const error = new Error(`the process ${this.name} ended ${this.#expected ? 'as it was told to' : 'by itself'}`)
      for (const { reject } of this.#waiting.values()) reject(error)
      this.#waiting.clear()
      if (this.#expected) return new Promise<never>(() => undefined)
      throw error
    })
    this.#fellOver.catch(() => undefined)
  }

  ask<Answer>(name: string, argument?: unknown): Promise<Answer> {
    const number = ++this.#number
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject })
      this.#process.send({ number, name, argument } satisfies Question, (error) => {
        if (error !== null) this.#settle({ number, failure: error.message })
      })
    })
  }

  /** Never resolves; rejects when the process ends although nobody asked for it. */
  get fellOver(): Promise<never> {
    return this.#fellOver
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** kill -9: no goodbye, no flush. */
  async kill(): Promise<void> {
    this.#expected = true
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill('SIGKILL')
    await this.#ended
  }

  #settle({ number, answer, failure }: Reply): void {
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    if (failure !== undefined) waiting?.reject(new Error(`${this.name}: ${failure}`))
    else waiting?.resolve(answer as never)
  }
}
