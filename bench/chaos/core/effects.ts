import type { Store } from '@patchbay/core'
import { sqliteStore } from '@patchbay/core/stores/sqlite'

/** One effect as the lives write it into their file. */
export interface Effect {
  readonly id: string
  /** The life that wrote it. */
  readonly life: number
}

/**
 * Opens the file beside the living process. Never while none lives: closing a file as its last user tidies it up, and then no life would
 * find it as the one before left it.
 */
export async function withStore<T>(file: string, look: (store: Store) => Promise<T>): Promise<T> {
  const store = sqliteStore({ file, thread: 'main' })
  try {
    return await look(store)
  } finally {
    await store.close()
  }
}

/** All effects in a log of a file, read on from where the last look ended. */
export class EffectLog {
  readonly effects: Effect[] = []
  readonly #first = new Map<string, Effect>()
  readonly #log: string
  #offset = 0
  /** Effects beyond the first of an id, in words. */
  readonly duplicates: string[] = []

  constructor(log: string) {
    this.#log = log
  }

  async readFrom(store: Store): Promise<void> {
    for (;;) {
      const records = await store.read(this.#log, this.#offset, 1000)
      for (const { value } of records) this.#add(JSON.parse(value) as Effect)
      this.#offset = records.at(-1)?.offset ?? this.#offset
      if (records.length < 1000) return
    }
  }

  has(id: string): boolean {
    return this.#first.has(id)
  }

  #add(effect: Effect): void {
    const first = this.#first.get(effect.id)
    if (first === undefined) this.#first.set(effect.id, effect)
    else this.duplicates.push(`${this.#log}: ${effect.id} in life ${first.life} and again in life ${effect.life}`)
    this.effects.push(effect)
  }
}

/** At most so many findings are spelled out. */
const spelledOut = 5

/** What is new among findings, in words. */
export function newFindings(kind: string, found: readonly string[], known: number): readonly string[] {
  const fresh = found.slice(known)
  const more = fresh.length > spelledOut ? [`${kind}: and ${fresh.length - spelledOut} more`] : []
  return [...fresh.slice(0, spelledOut).map((text) => `${kind}: ${text}`), ...more]
}

/** Effects of one key (`key/n`) that came before one with a lower number. Repetitions do not count: they are duplicates. */
export function disorder({ effects }: Pick<EffectLog, 'effects'>): readonly string[] {
  const highest = new Map<string, number>()
  const seen = new Set<string>()
  const wrong: string[] = []
  for (const { id, life } of effects) {
    if (seen.has(id)) continue
    seen.add(id)
    const [key = '', n] = id.split('/')
    const before = highest.get(key) ?? -1
    if (Number(n) < before) wrong.push(`${id} came after ${key}/${before}, in life ${life}`)
    highest.set(key, Math.max(before, Number(n)))
  }
  return wrong
}
