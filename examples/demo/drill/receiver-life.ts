import type { ReceiverNews, ReceiverStart } from '../app/receiver.ts'
import { Child } from './link.ts'

/** The receiving process over its lives: killed in the middle of its work, started again on the same port. */
export class ReceiverLife {
  readonly kills: string[] = []
  readonly #settings: ReceiverStart
  readonly #past: ReceiverNews[] = []
  readonly #onNews: () => void
  #child: Child | undefined
  #over = false
  #news: ReceiverNews = noNews
  #port = 0

  constructor(settings: ReceiverStart, onNews: () => void) {
    this.#settings = settings
    this.#onNews = onNews
  }

  async start(): Promise<number> {
    if (this.#over) throw new Error('the demo is over')
    const child = new Child('receiver', new URL('../app/receiver.ts', import.meta.url), (news: ReceiverNews) => {
      this.#news = news
      this.#onNews()
    })
    this.#child = child
    const started = child.ask<{ port: number }>('start', { ...this.#settings, port: this.#port })
    this.#port = (await Promise.race([started, child.fellOver])).port
    return this.#port
  }

  /** kill -9, a moment of silence, and a new start. */
  async killAndRestart(why: string): Promise<void> {
    this.kills.push(why)
    await this.#child?.kill()
    this.#past.push(this.#news)
    this.#news = noNews
    await new Promise((resolve) => setTimeout(resolve, 250))
    await this.start()
  }

  async stop(): Promise<void> {
    await this.#child?.ask('idle')
    this.#news = (await this.#child?.ask<ReceiverNews>('stop')) ?? this.#news
    await this.#child?.kill()
  }

  /** No further life. */
  async end(): Promise<void> {
    this.#over = true
    await this.#child?.kill()
  }

  get total(): ReceiverNews {
    return [...this.#past, this.#news].reduce(sum)
  }
}

export const noNews: ReceiverNews = { accepted: 0, deduplicated: 0, refused: {}, handled: 0, tickets: 0 }

function sum(a: ReceiverNews, b: ReceiverNews): ReceiverNews {
  const refused: Record<string, number> = { ...a.refused }
  for (const [reason, count] of Object.entries(b.refused)) refused[reason] = (refused[reason] ?? 0) + count
  return {
    accepted: a.accepted + b.accepted,
    deduplicated: a.deduplicated + b.deduplicated,
    refused,
    handled: a.handled + b.handled,
    tickets: a.tickets + b.tickets,
  }
}
