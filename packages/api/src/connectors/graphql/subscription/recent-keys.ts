/** The last keys that were seen. A server that goes on from a place gives what stood at it once more. */
export class RecentKeys {
  readonly #most: number
  readonly #keys = new Set<string>()

  constructor(most: number) {
    this.#most = most
  }

  /** True for a key that was not seen lately. */
  take(key: string): boolean {
    if (this.#keys.has(key)) return false
    if (this.#keys.size >= this.#most) this.#keys.delete(this.#keys.values().next().value as string)
    this.#keys.add(key)
    return true
  }
}
