import { ExpressionError } from '../expression-error.ts'
import type { Arithmetic } from '../syntax.ts'
import { typeOf } from '../values.ts'

const operations = {
  '+': (one: number, other: number) => one + other,
  '-': (one: number, other: number) => one - other,
  '*': (one: number, other: number) => one * other,
  '/': (one: number, other: number) => one / other,
  '//': (one: number, other: number) => Math.floor(one / other),
  // The sign of the divisor, so that a == (a // b) * b + a % b.
  '%': (one: number, other: number) => one - other * Math.floor(one / other),
} as const

/** JEP 16. Other types than numbers are `invalid-type`; results that are no number, as of a division by zero, `not-a-number`. */
export function arithmetic(sign: Arithmetic['sign'], offset: number): (left: unknown, right: unknown) => number {
  const operation = operations[sign]
  return (left, right) => {
    for (const value of [left, right]) {
      if (typeOf(value) === 'number') continue
      const problem = `"${sign}" is given ${typeOf(value)}`
      throw new ExpressionError('invalid-type', problem, offset, 'calculate with numbers; see to_number and not_null')
    }
    const result = operation(Number(left), Number(right))
    if (!Number.isFinite(result)) {
      const problem = `the result of "${sign}" is no number`
      throw new ExpressionError(
        'not-a-number',
        problem,
        offset,
        'do not divide by zero, and stay within 64-bit numbers',
      )
    }
    return result === 0 ? 0 : result
  }
}
