/** So many loose chunks are joined: each costs some hundred bytes besides its own, which a hostile sender could have for six on the wire. */
const mostLoose = 512
/** Together above this, they need no joining: what surrounds them is little beside what they hold. */
const largeTogether = 256 * 1024

/** A body as it arrives, in memory of about its own size whatever the size of its chunks. */
export class BodyChunks {
  #pieces: Uint8Array[] = []
  /** Pieces that need no more joining, and the bytes in them. */
  #settled = 0
  #settledSize = 0
  size = 0

  push(chunk: Uint8Array): void {
    this.size += chunk.byteLength
    this.#pieces.push(chunk)
    if (this.#pieces.length - this.#settled < mostLoose) return
    const loose = this.size - this.#settledSize
    if (loose < largeTogether) this.#pieces.push(Buffer.concat(this.#pieces.splice(this.#settled), loose))
    this.#settled = this.#pieces.length
    this.#settledSize = this.size
  }

  /** How many objects hold the body. */
  get pieces(): number {
    return this.#pieces.length
  }

  /** The whole body; nothing is kept of it here. */
  take(): Uint8Array {
    const [first] = this.#pieces
    const body = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces, this.size)
    this.forget()
    return body
  }

  forget(): void {
    this.#pieces = []
    this.#settled = 0
    this.#settledSize = 0
    this.size = 0
  }
}
