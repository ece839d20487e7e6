import { produce, type Run, spend } from './budget.ts'
import type { Step } from './step.ts'
import type { Slice } from './syntax.ts'
import { isObject, isTrue } from './values.ts'

/** `[*]`: null for what is no list; elements whose result is null are left out. */
export function compileProjection(base: Step, right: Step | undefined): Step {
  return (value, run) => {
    const list = base(value, run)
    return Array.isArray(list) ? project(list, right, run) : null
  }
}

/** `*`: the same over the values of an object. */
export function compileValues(base: Step, right: Step | undefined): Step {
  return (value, run) => {
    const object = base(value, run)
    return isObject(object) ? project(Object.values(object), right, run) : null
  }
}

function project(list: readonly unknown[], right: Step | undefined, run: Run): unknown[] {
  spend(run, list.length)
  const results: unknown[] = []
  for (const element of list) {
    const result = right === undefined ? element : right(element, run)
    if (result !== null && result !== undefined) results.push(result)
  }
  produce(run, results.length)
  return results
}

export function compileFilter(base: Step, condition: Step, right: Step | undefined): Step {
  return (value, run) => {
    const list = base(value, run)
    if (!Array.isArray(list)) return null
    spend(run, list.length)
    const results: unknown[] = []
    for (const element of list) {
      if (!isTrue(condition(element ?? null, run))) continue
      const result = right === undefined ? element : right(element, run)
      if (result !== null && result !== undefined) results.push(result)
    }
    produce(run, results.length)
    return results
  }
}

/** One level of lists inside the list is dissolved. */
export function compileFlatten(base: Step): Step {
  return (value, run) => {
    const list = base(value, run)
    if (!Array.isArray(list)) return null
    spend(run, list.length)
    const results: unknown[] = []
    for (const element of list) {
      if (!Array.isArray(element)) results.push(element ?? null)
      else {
        spend(run, element.length)
        for (const inner of element) results.push(inner ?? null)
      }
    }
    produce(run, results.length)
    return results
  }
}

/** As in Python: negative ends count from the end, ends outside the list are clipped. */
export function compileSlice(base: Step, { start, stop, step }: Slice): Step {
  return (value, run) => {
    const list = base(value, run)
    if (!Array.isArray(list)) return null
    const { length } = list
    const lowest = step < 0 ? -1 : 0
    const highest = step < 0 ? length - 1 : length
    const clip = (end: number): number => Math.min(highest, Math.max(lowest, end < 0 ? end + length : end))
    const first = start === undefined ? (step < 0 ? highest : lowest) : clip(start)
    const last = stop === undefined ? (step < 0 ? lowest : highest) : clip(stop)
    const results: unknown[] = []
    for (let index = first; step < 0 ? index > last : index < last; index += step) {
      spend(run, 1)
      results.push(list[index] ?? null)
    }
    produce(run, results.length)
    return results
  }
}
