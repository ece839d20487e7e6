import type { SeededRandom } from '../time/seeded-random.ts'

export interface DisturbOptions {
  /** Part of the messages that come more than once. Default 0.2. */
  readonly duplicated?: number
  /** Part of the messages that come two days later. Default 0.05. */
  readonly late?: number
  /** Milliseconds between messages as they were sent. Default 1000. */
  readonly everyMs?: number
  /** Most milliseconds by which one message may be overtaken by others. Default five times `everyMs`. */
  readonly spreadMs?: number
}

/** One arrival of a message. */
export interface DisturbedDelivery<T> {
  readonly message: T
  /** Milliseconds after the first message was sent. */
  readonly atMs: number
  /** 1 for the first arrival of the message. */
  readonly arrival: number
}

const twoDays = 2 * 24 * 3_600_000

/**
 * The order in which a careless sender delivers webhooks: each at least once, some again, out of order, and some two days late.
 * The receiver must end with each effect once.
 */
export function disturbDeliveries<T>(
  messages: readonly T[],
  random: SeededRandom,
  options: DisturbOptions = {},
): DisturbedDelivery<T>[] {
  const { duplicated = 0.2, late = 0.05, everyMs = 1000, spreadMs = 5 * everyMs } = options
  const arrivals = messages.flatMap((message, index) => {
    const delay = (): number => random.between(0, spreadMs) + (random.next() < late ? twoDays : 0)
    const times = [index * everyMs + delay()]
    while (random.next() < duplicated) times.push(index * everyMs + delay())
    return times.toSorted((a, b) => a - b).map((atMs, place) => ({ message, atMs, arrival: place + 1 }))
  })
  return arrivals.toSorted((a, b) => a.atMs - b.atMs)
}
