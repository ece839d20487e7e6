import { Fault } from '@patchbay/core'
import { pathReader } from '@patchbay/core/http'
import { compileExpression, type ExpressionBudget, ExpressionError } from '../../expression/index.ts'
import { manifestFault } from '../manifest-fault.ts'

/** Answers are large and come from elsewhere: more steps than this is an attack or a mistake. */
const budget: ExpressionBudget = { steps: 2_000_000, output: 50_000_000 } as ExpressionBudget
const longestExpression = 8192
const plainPath = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/

/** Compiles an expression over answers; what is not there is null. Plain paths, which nearly all are, cost property reads alone. */
export function compileSelector(text: string, where: string): (value: unknown) => unknown {
  if (text.length > longestExpression) throw manifestFault(where, `is longer than ${longestExpression} characters`)
  if (plainPath.test(text) && !['true', 'false', 'null'].includes(text)) {
    const read = pathReader(text)
    return (value) => read(value) ?? null
  }
  const expression = compiled(text, where)
  return (value) => {
    try {
      return expression.evaluate(value ?? null, budget)
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      const message = `the answer of the vendor does not fit the expression at ${where} (${error.code})`
      throw new Fault({ kind: 'protocol', code: 'expression', sent: 'all', message })
    }
  }
}

/** A condition over answers, true as JMESPath tells truth. An answer that it does not fit is no match. */
export function compileCondition(text: string, where: string): (value: unknown) => boolean {
  const select = compileSelector(text, where)
  return (value) => {
    try {
      return isTrue(select(value))
    } catch (error) {
      if (error instanceof Fault && error.facts.code === 'expression') return false
      throw error
    }
  }
}

function compiled(text: string, where: string): ReturnType<typeof compileExpression> {
  try {
    return compileExpression(text)
  } catch (error) {
    throw manifestFault(where, error instanceof Error ? error.message : 'is no expression')
  }
}

/** Null, false, empty text, lists and objects are false (JMESPath, "or expressions"). */
export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return false
  if (typeof value !== 'object') return true
  return Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0
}
