import { type ExpressionBudget, newRun, type Run } from './budget.ts'
import { compile } from './compile.ts'
import { composes } from './composes.ts'
import { locate, located } from './expression-error.ts'
import { parse } from './parse.ts'
import { atRoot, printPath, readsOf } from './reads.ts'
import type { Step } from './step.ts'
import type { ExpressionWarning, Node } from './syntax.ts'
import { measure } from './values.ts'

/** A compiled expression. It keeps no state and may be shared. */
export interface Expression {
  readonly text: string
  /** Properties of the source that it reads, where the text tells: `children[].type`; `@` is the whole source. */
  readonly paths: readonly string[]
  /** What is allowed and surely not meant. */
  readonly warnings: readonly ExpressionWarning[]
  /**
   * The value for a JSON value; null where there is none. The result may share parts with `value`.
   * @throws ExpressionError of the classes of the specification, or `step-budget` and `output-budget`.
   */
  evaluate(value: unknown, budget?: ExpressionBudget): unknown
}

/**
 * Compiles a JMESPath expression: all of the specification at jmespath.org, with arithmetic (JEP 16), `let` and variables (JEP 18), the root `$`,
 * and further functions. Only own properties are read. No code is generated.
 * @throws ExpressionError with line, column and remedy.
 */
export function compileExpression(text: string): Expression {
  const { node, warnings, step, measured } = compileParts(text)
  let paths: readonly string[] | undefined
  return {
    text,
    warnings,
    get paths() {
      paths ??= pathsOf(node)
      return paths
    },
    evaluate: isPlain(node)
      ? (value) => step(value, nobody)
      : (value, budget) => {
          const run = newRun(value, budget)
          try {
            const result = step(value, run)
            if (measured) measure(result, run)
            return result
          } catch (error) {
            throw locate(text, error)
          }
        },
  }
}

/** What a mapping builds on: several expressions over one record share one budget. */
export interface CompiledParts {
  readonly node: Node
  readonly warnings: readonly ExpressionWarning[]
  readonly step: Step
  /** True when the result must be measured. */
  readonly measured: boolean
}

export function compileParts(text: string): CompiledParts {
  return located(text, () => {
    const { node, warnings } = parse(text)
    return { node, warnings, step: compile(node), measured: composes(node) }
  })
}

/** Fields and indexes only: needs no budget. */
export function isPlain(node: Node): boolean {
  return node.kind === 'current' || (node.kind === 'path' && node.base === undefined)
}

const nobody: Run = { steps: 0, output: 0, root: null, variables: [] }

function pathsOf(node: Node): readonly string[] {
  const { paths, result } = readsOf(node, atRoot, atRoot)
  const all = result === undefined ? paths : [...paths, result.path]
  return [...new Set(all.map(printPath))].sort()
}
