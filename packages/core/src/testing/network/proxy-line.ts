import type { Socket } from 'node:net'
import type { Cancel, Clock } from '../../clock.ts'
import type { Piece } from './toxic.ts'

/** More bytes than this on their way stop the reading, so that a slow line makes the sender wait as a real one does. */
const mostQueued = 1 << 20

export interface LineOptions {
  readonly from: Socket
  readonly to: Socket
  readonly clock: Clock
  /** The toxics of the moment, applied to what was just read. */
  readonly transform: (pieces: readonly Piece[]) => readonly Piece[]
  readonly passed: (bytes: number) => void
  readonly ended: (end: 'finish' | 'reset') => void
}

/** One direction of a proxied connection: reads, sends every piece when it is due, in order. */
export class ProxyLine {
  readonly #options: LineOptions
  readonly #queue: Piece[] = []
  #queued = 0
  #stop: Cancel | undefined
  #draining = false
  #closed = false

  constructor(options: LineOptions) {
    this.#options = options
    const { from, to } = options
    from.on('data', (bytes: Buffer) => this.push({ bytes, dueAt: options.clock.monotonic() }))
    from.on('end', () => this.#end('finish'))
    from.on('error', () => this.#end('reset'))
    to.on('drain', () => {
      this.#draining = false
      this.#pump()
    })
  }

  push(piece: Piece): void {
    for (const each of this.#options.transform([piece])) {
      this.#queue.push(each)
      this.#queued += each.bytes.length
    }
    if (this.#queued > mostQueued) this.#options.from.pause()
    this.#pump()
  }

  /** Lets everything go that waits: what held it back was removed. */
  release(): void {
    const now = this.#options.clock.monotonic()
    for (const [index, piece] of this.#queue.entries()) this.#queue[index] = { ...piece, dueAt: now }
    this.#stop?.()
    this.#stop = undefined
    this.#pump()
  }

  close(): void {
    this.#closed = true
    this.#stop?.()
    this.#queue.length = 0
  }

  #end(end: 'finish' | 'reset'): void {
    if (!this.#closed) this.push({ bytes: Buffer.alloc(0), dueAt: this.#options.clock.monotonic(), end })
  }

  #pump(): void {
    const { clock, from, to, passed, ended } = this.#options
    while (!this.#closed && !this.#draining && this.#stop === undefined) {
      const [piece] = this.#queue
      if (piece === undefined) return
      const wait = piece.dueAt - clock.monotonic()
      if (wait > 0) {
        this.#stop = clock.timer(wait, () => {
          this.#stop = undefined
          this.#pump()
        })
        return
      }
      this.#queue.shift()
      this.#queued -= piece.bytes.length
      if (from.isPaused() && this.#queued < mostQueued / 2) from.resume()
      if (piece.bytes.length > 0 && to.writable) {
        passed(piece.bytes.length)
        this.#draining = !to.write(piece.bytes)
      }
      if (piece.end !== undefined) ended(piece.end)
    }
  }
}
