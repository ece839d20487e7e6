import { connect, type Socket } from 'node:net'
import type { Cancel, Clock } from '../../clock.ts'
import type { SeededRandom } from '../time/seeded-random.ts'
import { ProxyLine } from './proxy-line.ts'
import { type Stage, stageOf } from './stages.ts'
import type { Direction, Piece, Toxic } from './toxic.ts'

export interface ConnectionOptions {
  readonly client: Socket
  readonly target: { readonly host: string; readonly port: number }
  readonly clock: Clock
  readonly random: SeededRandom
  readonly toxics: () => Iterable<Toxic>
  readonly passed: (direction: Direction, bytes: number) => void
  readonly closed: () => void
}

/** A client, its target, and the two lines between them. */
export class ProxyConnection {
  readonly #options: ConnectionOptions
  readonly #client: Socket
  readonly #target: Socket
  readonly #lines: Readonly<Record<Direction, ProxyLine>>
  readonly #stages: Readonly<Record<Direction, Map<Toxic, Stage>>> = { up: new Map(), down: new Map() }
  /** Whether this connection has the toxic at all, by its probability. */
  readonly #drawn = new Map<Toxic, boolean>()
  readonly #timers = new Map<Toxic, Cancel>()
  #over = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#client = options.client
    this.#target = connect({ ...options.target, allowHalfOpen: true, noDelay: true })
    this.#lines = { up: this.#line('up'), down: this.#line('down') }
    let open = 2
    const closed = (): void => {
      if (--open > 0) return
      this.#quit()
      options.closed()
    }
    this.#client.once('close', closed)
    this.#target.once('close', closed)
    this.toxicsChanged()
  }

  /** Starts the timers of toxics that were added, and lets go what those that were removed held back. */
  toxicsChanged(): void {
    const present = new Set(this.#options.toxics())
    let removed = false
    for (const toxic of this.#drawn.keys()) {
      if (present.has(toxic)) continue
      removed = true
      this.#drawn.delete(toxic)
      this.#timers.get(toxic)?.()
      this.#timers.delete(toxic)
      this.#stages.up.delete(toxic)
      this.#stages.down.delete(toxic)
    }
    for (const toxic of present) if (!this.#drawn.has(toxic)) this.#begin(toxic)
    if (!removed) return
    this.#lines.up.release()
    this.#lines.down.release()
  }

  reset(): void {
    this.#quit()
    this.#client.resetAndDestroy()
    // Node would wait for the connection only to reset it.
    if (this.#target.connecting) this.#target.destroy()
    else this.#target.resetAndDestroy()
  }

  destroy(): void {
    this.#quit()
    this.#client.destroy()
    this.#target.destroy()
  }

  #line(direction: Direction): ProxyLine {
    const [from, to] = direction === 'up' ? [this.#client, this.#target] : [this.#target, this.#client]
    return new ProxyLine({
      from,
      to,
      clock: this.#options.clock,
      transform: (pieces) => this.#transform(direction, pieces),
      passed: (bytes) => this.#options.passed(direction, bytes),
      ended: (end) => (end === 'reset' ? this.reset() : this.#finish(direction)),
    })
  }

  /** Passes a FIN on; closes both sides when a limit asked for it. */
  #finish(direction: Direction): void {
    const [from, to] = direction === 'up' ? [this.#client, this.#target] : [this.#target, this.#client]
    to.end()
    if (!from.readableEnded) {
      this.#quit()
      from.end()
      this.#client.destroySoon()
      this.#target.destroySoon()
    }
  }

  #transform(direction: Direction, pieces: readonly Piece[]): readonly Piece[] {
    let passing = pieces
    for (const toxic of this.#options.toxics()) {
      if (this.#drawn.get(toxic) !== true || !concerns(toxic, direction)) continue
      const stages = this.#stages[direction]
      const stage = stages.get(toxic) ?? stageOf(toxic, this.#options.random)
      stages.set(toxic, stage)
      passing = stage(passing)
    }
    return passing
  }

  #begin(toxic: Toxic): void {
    const { random } = this.#options
    const drawn = random.next() < (toxic.probability ?? 1)
    this.#drawn.set(toxic, drawn)
    if (!drawn) return
    if (toxic.type === 'timeout' && toxic.closeAfterMs !== undefined)
      this.#later(toxic, toxic.closeAfterMs, () => this.destroy())
    if (toxic.type !== 'reset' || toxic.afterBytes !== undefined) return
    if (toxic.afterMs === undefined) this.reset()
    else this.#later(toxic, toxic.afterMs, () => this.reset())
  }

  #later(toxic: Toxic, ms: number, task: () => void): void {
    if (!this.#over) this.#timers.set(toxic, this.#options.clock.timer(ms, task))
  }

  #quit(): void {
    this.#over = true
    for (const stop of this.#timers.values()) stop()
    this.#timers.clear()
    this.#lines.up.close()
    this.#lines.down.close()
  }
}

/** A route that is gone is gone both ways. */
function concerns(toxic: Toxic, direction: Direction): boolean {
  const both = toxic.type === 'half-open' || toxic.type === 'timeout'
  return toxic.direction === undefined ? both || direction === 'down' : toxic.direction === direction
}
