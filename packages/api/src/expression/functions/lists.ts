import { produce, type Run, spend } from '../budget.ts'
import { equal, typeOf } from '../values.ts'
import { compareKeys } from './numbers.ts'
import type { ExpressionFunction, Fail, Reference } from './signature.ts'
import { lengthOf, reverseText, spendSearch } from './strings.ts'

const byKey = [['array'], ['expression']] as const

export const listFunctions: Readonly<Record<string, ExpressionFunction>> = {
  length: {
    parameters: [['string', 'array', 'object']],
    call([value], run) {
      if (typeof value === 'string') return lengthOf(value, run)
      return Array.isArray(value) ? value.length : Object.keys(value).length
    },
  },
  contains: {
    parameters: [['array', 'string'], ['any']],
    call([subject, wanted], run) {
      if (typeof subject === 'string') {
        if (typeof wanted !== 'string') return false
        spendSearch(run, subject, wanted)
        return subject.includes(wanted)
      }
      spend(run, subject.length)
      return subject.some((element: unknown) => equal(element, wanted, run))
    },
  },
  reverse: {
    parameters: [['string', 'array']],
    call([value], run) {
      if (typeof value === 'string') return reverseText(value, run)
      return copied(value, run).reverse()
    },
  },
  sort: {
    parameters: [['array[number]', 'array[string]']],
    call([list], run) {
      spendSorting(run, list.length)
      return copied(list, run).sort((one, other) => compareKeys(one as string, other as string))
    },
  },
  sort_by: {
    parameters: byKey,
    call([list, key], run, fail) {
      spendSorting(run, list.length)
      return keyed(list, key, run, fail)
        .sort((one, other) => compareKeys(one.key, other.key))
        .map(({ element }) => element)
    },
  },
  max_by: { parameters: byKey, call: ([list, key], run, fail) => best(keyed(list, key, run, fail), 1) },
  min_by: {
    parameters: byKey,
    call: ([list, key], run, fail) => best(keyed(list, key, run, fail), -1),
  },
  map: {
    parameters: [['expression'], ['array']],
    call([reference, list], run) {
      copied([], run, list.length)
      return list.map((element: unknown) => (reference as Reference)(element ?? null, run) ?? null)
    },
  },
  to_array: { parameters: [['any']], call: ([value]) => (Array.isArray(value) ? value : [value]) },
  not_null: {
    parameters: [['any']],
    variadic: true,
    call: (values) => values.find((value) => value !== null) ?? null,
  },
  type: { parameters: [['any']], call: ([value]) => typeOf(value) },
  zip: {
    parameters: [['array']],
    variadic: true,
    composes: true,
    call(lists, run) {
      const shortest = Math.min(...lists.map((list) => list.length))
      copied([], run, shortest * lists.length)
      return Array.from({ length: shortest }, (_, index) => lists.map((list) => list[index] ?? null))
    },
  },
}

function copied(list: readonly unknown[], run: Run, length = list.length): unknown[] {
  spend(run, length)
  produce(run, length)
  return [...list]
}

function spendSorting(run: Run, length: number): void {
  spend(run, length * Math.ceil(Math.log2(length + 1)))
}

interface Keyed {
  readonly element: unknown
  readonly key: number | string
}

/** Every key must be a number, or every key a text. */
function keyed(list: readonly unknown[], read: Reference, run: Run, fail: Fail): Keyed[] {
  spend(run, list.length)
  produce(run, list.length)
  let wanted: string | undefined
  return list.map((element) => {
    const key = read(element ?? null, run)
    const type = typeOf(key)
    if ((type !== 'number' && type !== 'string') || (wanted !== undefined && wanted !== type)) {
      const problem = `the key of an element is ${type}${wanted === undefined ? '' : `, that of another ${wanted}`}`
      throw fail('invalid-type', problem, 'keys must be all numbers or all text; filter the list first')
    }
    wanted = type
    return { element: element ?? null, key: key as number | string }
  })
}

/** The first of equals. */
function best(list: readonly Keyed[], sign: 1 | -1): unknown {
  let found: Keyed | undefined
  for (const one of list) if (found === undefined || compareKeys(one.key, found.key) * sign > 0) found = one
  return found === undefined ? null : found.element
}
