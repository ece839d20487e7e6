import { setTimeout as delay } from 'node:timers/promises'
import type { SeededRandom } from '@patchbay/core/testing'
import type { Life, Message } from '../lives.ts'
import type { Happening } from './sender-process.ts'

const keys = 8
const mostWaiting = 40
/** How long the publisher waits for a yes before it says the same again. */
const patienceMs = 400

/** What has webhooks sent. It says a thing again until it is told that it is safe, and the next thing of a key only then. */
export class Publisher {
  /** `key/n` of all that was said to be safe. */
  readonly published: string[] = []
  readonly refusals: string[] = []
  repetitions = 0
  /** While false, nothing new happens. */
  busy = true
  readonly #random: SeededRandom
  /** How many messages had their effect. The publisher waits when that lags behind. */
  readonly #delivered: () => number
  readonly #waiting = new Map<string, () => void>()
  readonly #lanes: Promise<unknown>
  #life: Life | undefined
  #open = 0
  #over = false

  constructor(random: SeededRandom, delivered: () => number) {
    this.#random = random
    this.#delivered = delivered
    this.#lanes = Promise.all(Array.from({ length: keys }, (_, index) => this.#lane(`k${index}`)))
  }

  get calm(): boolean {
    return !this.busy && this.#open === 0
  }

  /** The process that publishes from now on. */
  use(life: Life): void {
    this.#life = life
  }

  hear({ published, refused, why }: Message): void {
    if (refused !== undefined) this.refusals.push(String(why))
    if (published === undefined) return
    const { key, n } = published as Happening
    this.#waiting.get(`${key}/${n}`)?.()
  }

  async end(): Promise<void> {
    this.#over = true
    for (const resolve of this.#waiting.values()) resolve()
    await this.#lanes
  }

  async #lane(key: string): Promise<void> {
    for (let n = 0; !this.#over; ) {
      if (!this.busy || this.published.length - this.#delivered() > mostWaiting) {
        await delay(5)
        continue
      }
      this.#open++
      if (await this.#publish({ key, n })) this.published.push(`${key}/${n++}`)
      this.#open--
      await delay(this.#random.below(10))
    }
  }

  async #publish(happening: Happening): Promise<boolean> {
    const { key, n } = happening
    const safe = Promise.withResolvers<void>()
    let heard = false
    this.#waiting.set(`${key}/${n}`, () => {
      heard = true
      safe.resolve()
    })
    let saidTo: Life | undefined
    let saidAt = 0
    while (!heard && !this.#over) {
      const life = this.#life
      // To a new process at once, to the same one after a while.
      if (life !== undefined && !life.over && (life !== saidTo || performance.now() - saidAt > patienceMs)) {
        if (saidTo !== undefined) this.repetitions++
        saidTo = life
        saidAt = performance.now()
        life.send({ publish: happening })
      }
      await Promise.race([safe.promise, delay(5)])
    }
    this.#waiting.delete(`${key}/${n}`)
    return heard && !this.#over
  }
}
