/** What has arrived and was not asked for yet. Whoever fills it is told to stop above its size and to go on when half of it is gone. */
export class EventBuffer<T> {
  readonly #size: number
  readonly #hold: (full: boolean) => void
  #items: T[] = []
  #held = false
  #end: { readonly error: unknown } | undefined
  #waiting: { resolve(item: T | undefined): void; reject(error: unknown): void } | undefined

  constructor(size: number, hold: (full: boolean) => void) {
    this.#size = size
    this.#hold = hold
  }

  get held(): boolean {
    return this.#held
  }

  push(item: T): void {
    if (this.#end !== undefined) return
    const waiting = this.#waiting
    if (waiting !== undefined) {
      this.#waiting = undefined
      waiting.resolve(item)
      return
    }
    this.#items.push(item)
    if (this.#held || this.#items.length < this.#size) return
    this.#held = true
    this.#hold(true)
  }

  /** Nothing follows; the first end counts. `error` undefined: it is complete. */
  end(error: unknown): void {
    if (this.#end !== undefined) return
    this.#end = { error }
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) return
    if (error === undefined) waiting.resolve(undefined)
    else waiting.reject(error)
  }

  /** Forgets what has arrived. */
  clear(): void {
    this.#items = []
  }

  async take(): Promise<T | undefined> {
    const item = this.#items.shift()
    if (item !== undefined) {
      if (this.#held && this.#items.length <= this.#size / 2) {
        this.#held = false
        this.#hold(false)
      }
      return item
    }
    if (this.#end === undefined) {
      return new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject }
      })
    }
    const { error } = this.#end
    if (error !== undefined) throw error
    return undefined
  }
}
