import { createHash } from 'node:crypto'
import { memberMs, rememberMs } from './lease-state.ts'
import { leaseScript, pauseScript } from './redis-script.ts'
import type { Lease, LeaseRequest, SharedLimiter } from './shared-limiter.ts'

export type { Lease, LeaseRequest, SharedLimiter }

/** The part of an ioredis client, or cluster client, that is used. */
export interface RedisScripting {
  evalsha(digest: string, keys: number, ...args: (string | number)[]): Promise<unknown>
  eval(script: string, keys: number, ...args: (string | number)[]): Promise<unknown>
}

export interface RedisLimiterOptions {
  /** Your client; it stays yours to close. A client that fails fast when Redis is down (`maxRetriesPerRequest: 1`) serves best. */
  readonly client: RedisScripting
  /** Put before every key. Default `patchbay:limit:`. */
  readonly prefix?: string
}

interface Script {
  readonly text: string
  readonly digest: string
}

const scriptOf = (text: string): Script => ({ text, digest: createHash('sha1').update(text).digest('hex') })

/** Limits shared by all processes that use one Redis (5 or newer): one round trip of one script per lease. */
export function redisLimiter({ client, prefix = 'patchbay:limit:' }: RedisLimiterOptions): SharedLimiter {
  const leaseOf = scriptOf(leaseScript)
  const pauseOf = scriptOf(pauseScript)
  const run = async ({ text, digest }: Script, key: string, ...args: (string | number)[]): Promise<unknown> => {
    try {
      return await client.evalsha(digest, 1, prefix + key, ...args)
    } catch (error) {
      if (!String(error).includes('NOSCRIPT')) throw error
      return client.eval(text, 1, prefix + key, ...args)
    }
  }
  return {
    async lease({ key, limit, units, spent, member }: LeaseRequest): Promise<Lease> {
      const { perMs } = limit
      const times = [memberMs(perMs), rememberMs(perMs)]
      const answer = await run(leaseOf, key, limit.units, perMs, limit.burst ?? -1, units, spent, member, ...times)
      const [granted, retryAfterMs, pausedMs, members] = (answer as (string | number)[]).map(Number)
      return { granted: granted ?? 0, retryAfterMs: retryAfterMs ?? 0, pausedMs: pausedMs ?? 0, members: members ?? 1 }
    },
    async pause(key: string, ms: number): Promise<void> {
      await run(pauseOf, key, ms)
    },
  }
}
