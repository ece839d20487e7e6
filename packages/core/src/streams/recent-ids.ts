/** The ids of the last records, between `size / 2` and `size` of them: two generations, so that forgetting costs nothing. */
export class RecentIds {
  readonly #half: number
  #young = new Set<string>()
  #old = new Set<string>()

  constructor(size: number) {
    this.#half = Math.max(1, Math.ceil(size / 2))
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id)
  }

  add(id: string): void {
    this.#young.add(id)
    if (this.#young.size < this.#half) return
    this.#old = this.#young
    this.#young = new Set()
  }
}
