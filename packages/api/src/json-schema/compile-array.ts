import type { Compiler } from './compiler.ts'
import type { FieldSchema } from './field-schema.ts'
import { allDifferent } from './json-value.ts'
import { accept, type Check, refused } from './validation-run.ts'
import { rulesCheck } from './value-rules.ts'

/** The keywords for arrays, applied to a value that is one. */
export function arrayCheck(schema: FieldSchema, compiler: Compiler): Check {
  const rules = rulesCheck(arrayRules(schema), compiler.mode === 'tolerant')
  const elements = elementsCheck(schema, compiler)
  if (elements === accept) return rules
  if (rules === accept) return elements
  return (value, run) => {
    const result = rules(value, run)
    return result === refused ? refused : elements(result, run)
  }
}

function arrayRules({ minItems, maxItems, uniqueItems }: FieldSchema) {
  return [
    minItems !== undefined && {
      keyword: 'minItems',
      holds: (value: unknown) => (value as unknown[]).length >= minItems,
      message: `must have at least ${minItems} ${minItems === 1 ? 'element' : 'elements'}`,
    },
    maxItems !== undefined && {
      keyword: 'maxItems',
      holds: (value: unknown) => (value as unknown[]).length <= maxItems,
      message: `must have at most ${maxItems} ${maxItems === 1 ? 'element' : 'elements'}`,
    },
    uniqueItems === true && {
      keyword: 'uniqueItems',
      holds: (value: unknown) => allDifferent(value as unknown[]),
      message: 'must not hold the same element twice',
    },
  ]
}

function elementsCheck({ items, prefixItems = [] }: FieldSchema, compiler: Compiler): Check {
  const first = prefixItems.map((schema) => compiler.compile(schema, 'place'))
  const rest = typeof items === 'object' ? compiler.compile(items, 'place') : accept
  const most = items === false && compiler.mode === 'strict' ? first.length : Number.POSITIVE_INFINITY
  if (rest === accept && first.every((check) => check === accept) && most === Number.POSITIVE_INFINITY) return accept
  return (value, run) => {
    const given = value as readonly unknown[]
    if (given.length > most) return run.refuse(`must have at most ${most} elements`)
    if (!run.enter(given.length)) return refused
    let filled: unknown[] | undefined
    let verdict = true
    for (let index = 0; index < given.length; index++) {
      const item = given[index]
      const start = run.findings.length
      const result = (first[index] ?? rest)(item, run)
      if (run.findings.length !== start) run.within(start, index)
      if (result === refused) verdict = false
      else if (result !== item) {
        filled ??= [...given]
        filled[index] = result
      }
    }
    run.leave()
    return verdict ? (filled ?? given) : refused
  }
}
