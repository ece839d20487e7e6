import { type Run, spend } from '../budget.ts'
import type { ExpressionError } from '../expression-error.ts'
import type { Step } from '../step.ts'
import { typeOf } from '../values.ts'

export type ParameterType =
  | 'any'
  | 'number'
  | 'string'
  | 'boolean'
  | 'array'
  | 'object'
  | 'null'
  | 'array[number]'
  | 'array[string]'
  | 'array[array]'
  | 'expression'

/** Makes the error of a call at its place in the text. */
export type Fail = (
  code: 'invalid-type' | 'invalid-value' | 'not-a-number',
  problem: string,
  remedy: string,
) => ExpressionError

export interface ExpressionFunction {
  /** Types that each parameter may have; of a variadic function the last stands for all further ones. */
  readonly parameters: readonly (readonly ParameterType[])[]
  /** Fewest arguments. Default: one per parameter. */
  readonly least?: number
  readonly variadic?: boolean
  /** True when the result can hold one part of its arguments in several places, so that it must be measured. */
  readonly composes?: boolean
  // biome-ignore lint/suspicious/noExplicitAny: the parameter types have been checked, and are not known statically
  call(values: readonly any[], run: Run, fail: Fail): unknown
}

/** A reference argument: the compiled expression, applied to each element. */
export type Reference = Step

export function accepts(types: readonly ParameterType[], value: unknown, run: Run): boolean {
  const actual = typeOf(value)
  for (const type of types) {
    if (type === 'any' || type === actual) return true
    if (actual === 'array' && type.startsWith('array[')) {
      const list = value as readonly unknown[]
      spend(run, list.length)
      const wanted = type.slice(6, -1)
      if (list.every((element) => typeOf(element) === wanted)) return true
    }
  }
  return false
}
