import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { SeededRandom } from '@patchbay/core/testing'
import { delayMs, type KillPoint } from '../kill-point.ts'
import { post } from './post.ts'
import type { StormMessage } from './storm-message.ts'

const keys = 12
/** Longest time between a request or its answer and the kill after it. */
const longestMs = 8

/**
 * A sender of webhooks that repeats what was not acknowledged, repeats some that were, breaks off in the middle, and is joined by a forger.
 * It sends the next message of a key only after the one before was acknowledged.
 */
export class Storm {
  /** `key/n` of every message that got a 2xx. */
  readonly acknowledged: string[] = []
  /** Forgeries that got a 2xx. */
  forgeriesAccepted = 0
  forgeries = 0
  repetitions = 0
  brokenOff = 0
  /** While false, no new message is begun; those begun go on until they are acknowledged. */
  blows = true
  readonly #random: SeededRandom
  readonly #secret: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 })
  readonly #lanes: Promise<void>
  #port = Promise.withResolvers<number>()
  #aimed = false
  #open = 0
  #over = false
  #armed: { left: number; readonly point: KillPoint; readonly kill: () => unknown } | undefined

  constructor(random: SeededRandom, secret: string) {
    this.#random = random
    this.#secret = secret
    const lanes = Array.from({ length: keys }, (_, index) => this.#lane(`k${index}`))
    this.#lanes = Promise.all(lanes).then(() => undefined)
  }

  /** True when nothing that was begun is still open. */
  get calm(): boolean {
    return !this.blows && this.#open === 0
  }

  /** Where the receiver listens from now on. */
  aim(port: number): void {
    this.#port.resolve(port)
    this.#aimed = true
  }

  /** The receiver is dead; what is on its way has to wait. */
  hold(): void {
    if (this.#aimed) this.#port = Promise.withResolvers<number>()
    this.#aimed = false
  }

  /** The n-th delivery from now on is the receiver's end. */
  arm(point: KillPoint, kill: () => unknown): void {
    this.#armed = point.at === 'request' ? { left: point.nth, point, kill } : undefined
  }

  disarm(): void {
    this.#armed = undefined
  }

  async end(): Promise<void> {
    this.#over = true
    this.#port.resolve(0)
    this.#agent.destroy()
    await this.#lanes
  }

  async #lane(key: string): Promise<void> {
    for (let n = 0; !this.#over; ) {
      if (!this.blows) {
        await delay(5)
        continue
      }
      this.#open++
      const message = { key, n, fail: this.#random.next() < 0.04 }
      if (await this.#deliver(message)) this.acknowledged.push(`${key}/${n++}`)
      this.#open--
      if (this.#random.next() < 0.15) await this.#repeat(key, n)
      if (this.#random.next() < 0.03) await this.#forge(key)
      await delay(this.#random.below(6))
    }
  }

  /** Until it is acknowledged, or everything is over. */
  async #deliver(message: StormMessage): Promise<boolean> {
    for (let again = 0; !this.#over; again++) {
      if (again > 0) {
        this.repetitions++
        await delay(8)
      }
      if ((await this.#post(message)) === 200) return true
    }
    return false
  }

  async #post(message: StormMessage): Promise<number | undefined> {
    const port = await this.#port.promise
    if (this.#over) return undefined
    const id = `${message.key}-${message.n}`
    const common = { agent: this.#agent, port, id, message, secret: this.#secret }
    const armed = this.#armed
    if (armed !== undefined && --armed.left === 0) {
      this.#armed = undefined
      const { point, kill } = armed
      const killSoon = (): unknown => setTimeout(kill, delayMs(point, longestMs))
      if (point.phase === 'before') return post({ ...common, breakAt: point.part, broken: kill })
      if (point.phase === 'during') return post({ ...common, sent: killSoon })
      const status = await post(common)
      killSoon()
      return status
    }
    if (this.#random.next() >= 0.03) return post(common)
    this.brokenOff++
    return post({ ...common, breakAt: this.#random.next() })
  }

  /** Once more what was acknowledged, long ago or just now. */
  async #repeat(key: string, next: number): Promise<void> {
    if (next === 0) return
    this.repetitions++
    const n = Math.max(0, next - 1 - Math.floor(this.#random.next() ** 3 * next))
    await this.#post({ key, n, fail: false })
  }

  async #forge(key: string): Promise<void> {
    this.forgeries++
    const port = await this.#port.promise
    const message = { key, n: -this.forgeries, fail: false }
    const id = `forged-${this.forgeries}`
    const status = await post({ agent: this.#agent, port, id, message, secret: 'a guess' })
    if (status !== undefined && status < 400) this.forgeriesAccepted++
  }
}
