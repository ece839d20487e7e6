/**
 * What is wrong, as a closed set. `syntax`, `unknown-function`, `invalid-arity`, `invalid-type` and `invalid-value` are the error classes of
 * the JMESPath specification, `undefined-variable` of its JEP 18, `not-a-number` of JEP 16; the others are the limits of this implementation.
 */
export type ExpressionErrorCode =
  | 'syntax'
  | 'unknown-function'
  | 'invalid-arity'
  | 'invalid-type'
  | 'invalid-value'
  | 'undefined-variable'
  | 'not-a-number'
  | 'too-long'
  | 'too-deep'
  | 'step-budget'
  | 'output-budget'

/** An expression that cannot be compiled, or not be evaluated over this value. The message repeats no data, only types and names. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
  readonly code: ExpressionErrorCode
  /** Where in the text, in UTF-16 units from 0. */
  readonly offset: number
  /** From 1; set when the text is known, which it is for every error that leaves this module. */
  line: number | undefined
  column: number | undefined
  /** What to do about it. */
  readonly remedy: string

  constructor(code: ExpressionErrorCode, problem: string, offset: number, remedy: string) {
    super(`${problem}; ${remedy}`)
    this.code = code
    this.offset = offset
    this.remedy = remedy
  }
}

export function syntaxError(problem: string, offset: number, remedy: string): ExpressionError {
  return new ExpressionError('syntax', problem, offset, remedy)
}

/** Runs `work` and tells its errors where in `text` they are. */
export function located<T>(text: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw locate(text, error)
  }
}

export function locate(text: string, error: unknown): unknown {
  if (error instanceof ExpressionError && error.line === undefined) {
    const before = text.slice(0, error.offset)
    error.line = before.split('\n').length
    error.column = error.offset - before.lastIndexOf('\n')
    error.message = `line ${error.line}, column ${error.column}: ${error.message}`
  }
  return error
}
