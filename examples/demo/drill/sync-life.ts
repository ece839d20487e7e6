import { type Activity, newActivity } from '../app/activity.ts'
import type { SyncNews, SyncStart } from '../app/sync.ts'
import { Child } from './link.ts'

export type Connected = keyof SyncNews

/** The syncing process over its lives: killed now and then, started again, with its news added up. */
export class SyncLife {
  /** Records that had been acknowledged when it was killed, one entry per kill. */
  readonly kills: string[] = []
  readonly #settings: SyncStart
  readonly #past: SyncNews[] = []
  readonly #onNews: () => void
  #child: Child | undefined
  #over = false
  #news: SyncNews = { github: newActivity(), jira: newActivity() }
  #killing: Promise<void> | undefined

  constructor(settings: SyncStart, onNews: () => void) {
    this.#settings = settings
    this.#onNews = onNews
  }

  async start(): Promise<void> {
    if (this.#over) throw new Error('the demo is over')
    const child = new Child('sync', new URL('../app/sync.ts', import.meta.url), (news: SyncNews) => {
      this.#news = news
      this.#onNews()
    })
    this.#child = child
    await Promise.race([child.ask('start', this.#settings), child.fellOver])
  }

  /** Reads both streams to their end, in as many lives as it takes. */
  async sync(): Promise<void> {
    for (;;) {
      const child = this.#child as Child
      try {
        return await Promise.race([child.ask<void>('sync'), child.fellOver])
      } catch (error) {
        if (this.#killing === undefined) throw error
        await this.#killing
        this.#killing = undefined
        this.#past.push(this.#news)
        this.#news = { github: newActivity(), jira: newActivity() }
        await this.start()
      }
    }
  }

  /** kill -9. `why` tells at which point, for the summary. */
  kill(why: string): void {
    if (this.#killing !== undefined) return
    this.kills.push(why)
    this.#killing = this.#child?.kill()
  }

  async stop(): Promise<void> {
    await this.#child?.ask('stop')
    await this.#child?.kill()
  }

  /** No further life. */
  async end(): Promise<void> {
    this.#over = true
    await this.#child?.kill()
  }

  /** All lives together. What a life did in its last moment before a kill it could not tell. */
  total(name: Connected): Activity {
    const sum = newActivity()
    for (const { [name]: one } of [...this.#past, this.#news]) {
      for (const key of ['records', 'requests', 'retries', 'readsRepeated'] as const) sum[key] += one[key]
      for (const key of ['failures', 'breaker', 'tokens'] as const) {
        for (const [what, count] of Object.entries(one[key])) sum[key][what] = (sum[key][what] ?? 0) + count
      }
      for (const [reason, { count, ms }] of Object.entries(one.waits)) {
        const waits = sum.waits[reason] ?? { count: 0, ms: 0 }
        sum.waits[reason] = { count: waits.count + count, ms: waits.ms + ms }
      }
    }
    return sum
  }
}
