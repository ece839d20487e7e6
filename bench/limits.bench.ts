import { Redis } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Scope } from '../packages/core/src/call.ts'
import { Call } from '../packages/core/src/call.ts'
import { systemClock, systemRandom } from '../packages/core/src/clock.ts'
import { Events } from '../packages/core/src/events.ts'
import { redisLimiter } from '../packages/core/src/limits/redis.ts'
import { throttlePolicy } from '../packages/core/src/policies/throttle.ts'
import { Runtime } from '../packages/core/src/runtime.ts'
import { unchecked } from '../packages/core/src/schema.ts'
import { startRedis } from '../tools/servers/redis.ts'
import type { Bench } from './bench.ts'
import { row } from './report.ts'

const inFlight = 50
/** So high that nothing is ever refused: what is measured is the price of a decision. */
const limit = { units: 50_000_000, perMs: 1000 }
const measureMs = 700

interface Speed {
  readonly perSecond: number
  /** CPU of this process per decision, in microseconds. */
  readonly cpu: number
}

async function speedOf(decide: () => unknown): Promise<Speed> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  let count = 0
  const worker = async (): Promise<void> => {
    while (performance.now() - start < measureMs) {
      for (let turn = 0; turn < 100; turn++) await decide()
      count += 100
      await new Promise(setImmediate)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: (count / (performance.now() - start)) * 1000, cpu: (user + system) / count }
}

function throttled(client: Redis): () => Promise<void> | undefined {
  const scope: Scope = {
    connection: 'bench',
    connector: 'bench/none',
    tenant: undefined,
    target: 'bench',
    runtime: new Runtime(),
    clock: systemClock,
    random: systemRandom,
    events: new Events(),
    store: undefined,
    feedback: () => undefined,
  }
  const gate = throttlePolicy({ limits: [limit], shared: { limiter: redisLimiter({ client }) } }, scope)
  const spec = { name: 'item.get', effect: 'read', input: unchecked(), output: unchecked() } as const
  return () => {
    const now = systemClock.monotonic()
    const call = new Call(scope, spec, undefined, {}, now)
    call.attemptStartedAt = now
    const entering = gate.enter?.(call)
    if (entering === undefined) {
      gate.leave?.(call, undefined, undefined)
      return undefined
    }
    return Promise.resolve(entering).then(() => gate.leave?.(call, undefined, undefined))
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export const bench: Bench = {
  description: 'limits shared over Redis: leases against one call per decision',
  async run({ rounds = 5, log }) {
    const server = await startRedis()
    const client = new Redis(server.url)
    try {
      const limiter = new RateLimiterRedis({ storeClient: client, points: 1e9, duration: 1, keyPrefix: 'bench' })
      const one = redisLimiter({ client, prefix: 'one:' })
      const request = { key: 'one', limit, units: 1, spent: 0, member: 'bench' }
      const subjects = {
        flexible: () => limiter.consume('key'),
        single: () => one.lease(request),
        leased: throttled(client),
      }
      const speeds = { flexible: [] as Speed[], single: [] as Speed[], leased: [] as Speed[] }
      for (let round = 0; round < rounds + 1; round++) {
        for (const name of ['flexible', 'single', 'leased'] as const) {
          const speed = await speedOf(subjects[name])
          if (round > 0) speeds[name].push(speed)
        }
        log(`round ${round} of ${rounds}`)
      }
      const rate = (name: keyof typeof speeds): number => median(speeds[name].map(({ perSecond }) => perSecond))
      const cpu = (name: keyof typeof speeds): number => median(speeds[name].map((speed) => speed.cpu))
      const single = { name: 'one Redis call per decision', value: rate('single') }
      const flexible = { name: 'rate-limiter-flexible', value: rate('flexible') }
      return [
        row({ name: 'decisions', value: rate('leased'), unit: 'decisions/s', against: single, atLeast: 15 }),
        row({ name: 'decisions', value: rate('leased'), unit: 'decisions/s', against: flexible, atLeast: 15 }),
        row({
          name: 'CPU per decision',
          value: cpu('leased'),
          unit: 'us',
          against: { name: 'rate-limiter-flexible', value: cpu('flexible') },
          atMost: 0.1,
        }),
      ]
    } finally {
      client.disconnect()
      await server.stop()
    }
  },
}
