import { AsyncLocalStorage } from 'node:async_hooks'
import { systemClock } from '../../clock.ts'
import { type SeededRandom, seededRandom } from './seeded-random.ts'

/** Runs tasks one at a time between their yield points, in an order that the seed decides. */
export interface SeededScheduler {
  readonly seed: string
  readonly random: SeededRandom
  /**
   * A point at which another task may go first. Await it wherever the real world could interleave: before and after I/O. Outside
   * {@link run} it passes at once, so code may carry its yield points for good.
   */
  readonly step: (label?: string) => Promise<void>
  /** `target` with a yield point before and after each of its methods: lets code under test race without changing it. */
  interleave<T extends object>(target: T): T
  /**
   * Runs the tasks to their end; gives their results by name.
   * @throws Error naming the seed and the order of steps, with the task's own error as `cause`, when one fails or all are stuck.
   */
  run<R>(tasks: Readonly<Record<string, () => Promise<R>>>): Promise<Record<string, R>>
  /** `task:label` of every step so far. */
  readonly trace: readonly string[]
}

interface Parked {
  readonly name: string
  readonly proceed: () => void
}

/** Turns of the real event loop without a step after which the tasks count as waiting for each other. */
const stuckAfterTurns = 500

export function seededScheduler(seed: number | string): SeededScheduler {
  return new CooperativeScheduler(String(seed))
}

/**
 * Runs `scenario` under many seeds, so that a race shows itself. Seeds are `seed`, `seed+1`, ...; a failure names the one to run again.
 */
export async function explore(
  scenario: (scheduler: SeededScheduler) => Promise<void>,
  options: { readonly seed?: number; readonly rounds?: number } = {},
): Promise<void> {
  const first = options.seed ?? 1
  for (let seed = first; seed < first + (options.rounds ?? 100); seed++) {
    const scheduler = seededScheduler(seed)
    try {
      await scenario(scheduler)
    } catch (cause) {
      if (cause instanceof Error && cause.message.startsWith(`seed ${seed}:`)) throw cause
      throw failure(scheduler, 'the scenario failed', cause)
    }
  }
}

class CooperativeScheduler implements SeededScheduler {
  readonly seed: string
  readonly random: SeededRandom
  readonly trace: string[] = []
  readonly #task = new AsyncLocalStorage<string>()
  #parked: Parked[] = []
  #unfinished = new Set<string>()

  constructor(seed: string) {
    this.seed = seed
    this.random = seededRandom(seed)
  }

  readonly step = (label = ''): Promise<void> => {
    const task = this.#task.getStore()
    if (task === undefined || this.#unfinished.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#parked.push({ name: label === '' ? task : `${task}:${label}`, proceed: resolve })
    })
  }

  interleave<T extends object>(target: T): T {
    const { step } = this
    return new Proxy(target, {
      get(object, property) {
        const member: unknown = Reflect.get(object, property, object)
        if (typeof member !== 'function') return member
        return async (...input: unknown[]) => {
          await step(`${String(property)} begin`)
          try {
            return await Reflect.apply(member, object, input)
          } finally {
            await step(`${String(property)} end`)
          }
        }
      },
    })
  }

  async run<R>(tasks: Readonly<Record<string, () => Promise<R>>>): Promise<Record<string, R>> {
    if (this.#unfinished.size > 0) throw new Error('the scheduler is already running')
    const results: Record<string, R> = {}
    const failures: unknown[] = []
    for (const [name, task] of Object.entries(tasks)) {
      this.#unfinished.add(name)
      this.#task
        .run(name, async () => {
          await this.step('start')
          results[name] = await task()
        })
        .catch((error: unknown) => failures.push(error))
        .finally(() => this.#unfinished.delete(name))
    }
    try {
      await this.#drive(failures)
    } finally {
      this.#unfinished.clear()
      // Whatever still waits goes on unscheduled, so that no promise stays pending for ever.
      for (const { proceed } of this.#parked.splice(0)) proceed()
    }
    if (failures.length > 0) throw failure(this, 'a task failed', failures[0])
    return Object.fromEntries(Object.keys(tasks).map((name) => [name, results[name] as R]))
  }

  async #drive(failures: readonly unknown[]): Promise<void> {
    let idle = 0
    while (failures.length === 0) {
      // One turn drains every promise chain, so the running task is parked, done, or waits for somebody else.
      await new Promise<void>((resolve) => systemClock.afterInput(resolve))
      if (this.#unfinished.size === 0) return
      if (this.#parked.length === 0) {
        if (++idle > stuckAfterTurns)
          throw failure(this, `stuck: ${[...this.#unfinished].join(', ')} wait for each other`)
        continue
      }
      idle = 0
      const [next] = this.#parked.splice(this.random.below(this.#parked.length), 1) as [Parked]
      this.trace.push(next.name)
      next.proceed()
    }
  }
}

function failure(scheduler: SeededScheduler, what: string, cause?: unknown): Error {
  const reason = cause instanceof Error ? `: ${cause.message}` : ''
  return new Error(`seed ${scheduler.seed}: ${what}${reason}\nsteps: ${scheduler.trace.slice(-200).join(' > ')}`, {
    cause,
  })
}
