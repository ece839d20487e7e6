import type { Step } from './step.ts'
import { isObject } from './values.ts'

/** Fields and indexes one after the other. The usual short paths of fields get closures without a loop. */
export function compilePath(base: Step | undefined, steps: readonly (string | number)[]): Step {
  const path = base === undefined && steps.every((step) => typeof step === 'string') ? short(steps) : undefined
  if (path !== undefined) return path
  const walk = walker(steps)
  return base === undefined ? walk : (value, run) => walk(base(value, run), run)
}

function short([a, b, c, more]: readonly string[]): Step | undefined {
  if (a === undefined || more !== undefined) return undefined
  if (b === undefined) return (value) => field(value, a)
  if (c === undefined) return (value) => field(field(value, a), b)
  return (value) => field(field(field(value, a), b), c)
}

/** An own property; null for everything else, so that `constructor` and `__proto__` are never read from a prototype. */
export function field(value: unknown, key: string): unknown {
  if (!isObject(value) || !Object.hasOwn(value, key)) return null
  return value[key] ?? null
}

function walker(steps: readonly (string | number)[]): Step {
  return (value) => {
    let at = value
    for (const step of steps) {
      if (typeof step === 'string') at = field(at, step)
      else at = Array.isArray(at) ? (at.at(step) ?? null) : null
      if (at === null) return null
    }
    return at
  }
}
