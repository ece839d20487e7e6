import { produce, type Run, spend } from './budget.ts'
import { compileCall } from './compile-call.ts'
import { compilePath } from './compile-path.ts'
import { compileFilter, compileFlatten, compileProjection, compileSlice, compileValues } from './compile-projection.ts'
import { ExpressionError } from './expression-error.ts'
import { arithmetic } from './functions/arithmetic.ts'
import type { Step } from './step.ts'
import type { Arithmetic, Comparator, Comparison, Node } from './syntax.ts'
import { equal, frozen, isTrue, setOwn, typeOf } from './values.ts'

/** Parts one behind the other, as in `a || b || c`; each is one frame of the stack when the expression runs. */
const longestChain = 512

export const itself: Step = (value) => value ?? null

export function compile(node: Node | undefined, depth = 0): Step {
  if (node === undefined) return itself
  if (depth > longestChain) {
    const problem = `the expression chains more than ${longestChain} parts`
    throw new ExpressionError(
      'too-deep',
      problem,
      0,
      'write a shorter one, or contains(list, value) for many comparisons',
    )
  }
  const inner = (part: Node | undefined): Step => compile(part, depth + 1)
  switch (node.kind) {
    case 'current':
      return itself
    case 'root':
      return (_, run) => run.root ?? null
    case 'literal': {
      const value = frozen(node.value)
      return () => value
    }
    case 'path':
      return compilePath(node.base === undefined ? undefined : inner(node.base), node.steps)
    case 'slice':
      return compileSlice(inner(node.base), node.slice)
    case 'flatten':
      return compileFlatten(inner(node.base))
    case 'each':
      return compileProjection(inner(node.base), node.right === undefined ? undefined : inner(node.right))
    case 'values':
      return compileValues(inner(node.base), inner(node.right))
    case 'filter': {
      const right = node.right === undefined ? undefined : inner(node.right)
      return compileFilter(inner(node.base), inner(node.condition), right)
    }
    case 'pipe': {
      const [left, right] = [inner(node.left), inner(node.right)]
      return (value, run) => right(left(value, run), run)
    }
    case 'and': {
      const [left, right] = [inner(node.left), inner(node.right)]
      return (value, run) => {
        const first = left(value, run)
        return isTrue(first) ? right(value, run) : first
      }
    }
    case 'or': {
      const [left, right] = [inner(node.left), inner(node.right)]
      return (value, run) => {
        const first = left(value, run)
        return isTrue(first) ? first : right(value, run)
      }
    }
    case 'not': {
      const of = inner(node.of)
      return (value, run) => !isTrue(of(value, run))
    }
    case 'compare':
      return (
        literalComparison(node, inner(node.left)) ?? compileComparison(node.sign, inner(node.left), inner(node.right))
      )
    case 'arithmetic':
      return compileArithmetic(node, node.left === undefined ? undefined : inner(node.left), inner(node.right))
    case 'list':
      return compileList(node.items.map(inner))
    case 'hash':
      return compileHash(node.entries.map(([key, part]) => ({ key, read: inner(part) })))
    case 'call':
      return compileCall(node, inner)
    case 'let': {
      const bindings = node.bindings.map(({ slot, value }) => ({ slot, read: inner(value) }))
      const body = inner(node.body)
      return (value, run) => {
        for (const { slot, read } of bindings) run.variables[slot] = read(value, run)
        return body(value, run)
      }
    }
    case 'variable': {
      const { slot, name, offset } = node
      if (slot !== undefined) return (_, run) => run.variables[slot]
      return () => {
        const remedy = `bind it before: let $${name} = ... in ...`
        throw new ExpressionError('undefined-variable', `the variable $${name} has no value`, offset, remedy)
      }
    }
  }
}

/** `a == 'text'`, the usual filter: text, booleans and null are equal when they are identical. */
function literalComparison({ sign, right }: Comparison, left: Step): Step | undefined {
  if ((sign !== '==' && sign !== '!=') || right.kind !== 'literal') return undefined
  const { value: wanted } = right
  if (typeof wanted !== 'string' && typeof wanted !== 'boolean' && wanted !== null) return undefined
  const outcome = sign === '=='
  return (value, run) => {
    spend(run, 1)
    return ((left(value, run) ?? null) === wanted) === outcome
  }
}

function compileComparison(sign: Comparator, left: Step, right: Step): Step {
  if (sign === '==') return (value, run) => equal(left(value, run), right(value, run), paid(run))
  if (sign === '!=') return (value, run) => !equal(left(value, run), right(value, run), paid(run))
  const ordered = orders[sign]
  return (value, run) => {
    spend(run, 1)
    const one = left(value, run)
    const other = right(value, run)
    if (typeOf(one) !== 'number' || typeOf(other) !== 'number') return null
    return ordered(one as number, other as number)
  }
}

const orders = {
  '<': (one: number, other: number) => one < other,
  '<=': (one: number, other: number) => one <= other,
  '>': (one: number, other: number) => one > other,
  '>=': (one: number, other: number) => one >= other,
} as const

function paid(run: Run): Run {
  spend(run, 1)
  return run
}

function compileArithmetic({ sign, offset }: Arithmetic, left: Step | undefined, right: Step): Step {
  const calculate = arithmetic(sign, offset)
  if (left === undefined) return (value, run) => calculate(0, right(value, run))
  return (value, run) => {
    spend(run, 1)
    return calculate(left(value, run), right(value, run))
  }
}

/** Of null both multi-selects are null: there is nothing to select from. */
function compileList(items: readonly Step[]): Step {
  return (value, run) => {
    if (value === null || value === undefined) return null
    spend(run, items.length)
    produce(run, items.length)
    return items.map((item) => item(value, run))
  }
}

function compileHash(entries: readonly { readonly key: string; readonly read: Step }[]): Step {
  return (value, run) => {
    if (value === null || value === undefined) return null
    spend(run, entries.length)
    produce(run, entries.length)
    const result: Record<string, unknown> = {}
    for (const { key, read } of entries) setOwn(result, key, read(value, run))
    return result
  }
}
