import { ExpressionError } from './expression-error.ts'

/** How much one evaluation may do. */
export interface ExpressionBudget {
  /** Elements visited, functions called, keys compared; long texts count once per kilobyte. Default 100 000. */
  readonly steps?: number | undefined
  /** Size of what is made, in nodes and characters: of values on the way, and of the result as the tree that JSON would show. Default 1 000 000. */
  readonly output?: number | undefined
}

/** The state of one evaluation. */
export interface Run {
  steps: number
  output: number
  readonly root: unknown
  /** Values of the `let` variables, by number. */
  readonly variables: unknown[]
}

export const defaultSteps = 100_000
export const defaultOutput = 1_000_000

export function newRun(root: unknown, budget: ExpressionBudget | undefined): Run {
  return {
    steps: budget?.steps ?? defaultSteps,
    output: budget?.output ?? defaultOutput,
    root,
    variables: [],
  }
}

/** Pays for work. Whole numbers only: with fractions every payment would put a number on the heap. */
export function spend(run: Run, steps: number): void {
  run.steps -= steps
  if (run.steps < 0) throw overSteps()
}

/** Pays for handling a text or a list of `length`. */
export function spendLength(run: Run, length: number): void {
  spend(run, 1 + (length >>> 10))
}

/** Pays for a part of the output. */
export function produce(run: Run, size: number): void {
  run.output -= size
  if (run.output < 0) throw overOutput()
}

function overSteps(): ExpressionError {
  const remedy = 'narrow the list with a slice or filter first, or raise `steps`'
  return new ExpressionError('step-budget', 'the expression needs more steps than allowed for this value', 0, remedy)
}

function overOutput(): ExpressionError {
  const remedy = 'select fewer fields or elements, or raise `output`'
  return new ExpressionError('output-budget', 'the expression makes a larger value than allowed', 0, remedy)
}
