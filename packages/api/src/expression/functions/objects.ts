import { produce, type Run, spend } from '../budget.ts'
import { setOwn, typeOf } from '../values.ts'
import type { ExpressionFunction, Reference } from './signature.ts'

const object = [['object']] as const

export const objectFunctions: Readonly<Record<string, ExpressionFunction>> = {
  keys: { parameters: object, call: ([value], run) => listed(Object.keys(value), run) },
  values: {
    parameters: object,
    call: ([value], run) => listed(Object.values(value), run).map((part) => part ?? null),
  },
  items: {
    parameters: object,
    call: ([value], run) => listed(Object.entries(value), run).map(([key, part]) => [key, part ?? null]),
  },
  merge: {
    parameters: object,
    least: 0,
    variadic: true,
    composes: true,
    call(values, run) {
      const result: Record<string, unknown> = {}
      for (const value of values) for (const key of listed(Object.keys(value), run)) setOwn(result, key, value[key])
      return result
    },
  },
  from_items: {
    parameters: [['array[array]']],
    call([pairs], run, fail) {
      const result: Record<string, unknown> = {}
      for (const pair of listed(pairs as readonly (readonly unknown[])[], run)) {
        if (pair.length !== 2 || typeof pair[0] !== 'string') {
          throw fail('invalid-value', 'an element is not a pair of text and value', 'give [["key", value], ...]')
        }
        setOwn(result, pair[0], pair[1] ?? null)
      }
      return result
    },
  },
  group_by: {
    parameters: [['array'], ['expression']],
    call([list, read], run, fail) {
      const groups = new Map<string, unknown[]>()
      for (const element of listed(list as readonly unknown[], run)) {
        const key = (read as Reference)(element ?? null, run)
        if (key === null || key === undefined) continue
        if (typeof key !== 'string') {
          throw fail('invalid-type', `the key of an element is ${typeOf(key)}`, 'use to_string()')
        }
        const group = groups.get(key)
        if (group === undefined) groups.set(key, [element])
        else group.push(element)
      }
      const result: Record<string, unknown> = {}
      for (const [key, group] of groups) setOwn(result, key, group)
      return result
    },
  },
}

function listed<T>(list: readonly T[], run: Run): readonly T[] {
  spend(run, list.length)
  produce(run, list.length)
  return list
}
