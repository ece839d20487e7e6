import { patchbayError, type Random } from '@patchbay/core'

export interface ReconnectOptions {
  /** Connections in a row that may fail without an event between them. Default 10. */
  readonly attempts?: number | undefined
  /** Longest wait before the first of them, in milliseconds; it doubles with each. Default 500. */
  readonly firstDelayMs?: number | undefined
  /** Longest wait of all. Default 30 000. */
  readonly longestDelayMs?: number | undefined
}

export interface ReconnectPlan {
  readonly attempts: number
  /** Milliseconds before the connection after `failures` failed ones. */
  delayMs(failures: number, random: Random): number
}

/** @throws PatchbayError `config` for numbers that make no sense */
export function reconnectPlan(options: ReconnectOptions | false | undefined): ReconnectPlan | undefined {
  if (options === false) return undefined
  const attempts = checked('attempts', options?.attempts ?? 10)
  const first = checked('firstDelayMs', options?.firstDelayMs ?? 500)
  const longest = checked('longestDelayMs', options?.longestDelayMs ?? 30_000)
  return {
    attempts,
    delayMs(failures, random) {
      const most = Math.min(longest, first * 2 ** Math.min(failures - 1, 30))
      // Half of it by chance: all clients of a server that restarts come back apart.
      return most / 2 + (most / 2) * random.next()
    },
  }
}

function checked(name: string, value: number): number {
  if (value >= 0) return value
  throw patchbayError({
    kind: 'config',
    issues: [{ path: `reconnect.${name}`, message: 'must be a number of at least 0' }],
  })
}
