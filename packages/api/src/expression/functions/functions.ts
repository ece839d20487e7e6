import { listFunctions } from './lists.ts'
import { numberFunctions } from './numbers.ts'
import { objectFunctions } from './objects.ts'
import type { ExpressionFunction } from './signature.ts'
import { stringFunctions } from './strings.ts'
import { timeFunctions } from './times.ts'

/** All functions: those of the specification, those of JMESPath Community (JEP 13, JEP 14) and two of our own for points in time. */
export const functions: Readonly<Record<string, ExpressionFunction>> = {
  ...listFunctions,
  ...numberFunctions,
  ...objectFunctions,
  ...stringFunctions,
  ...timeFunctions,
}
