import { compileParts } from '../../expression/expression.ts'
import { compileExpression, type Expression } from '../../expression/index.ts'
import type { Node } from '../../expression/syntax.ts'
import { valueAt, withValueAt } from './own-value.ts'

const expressions = new Map<string, Expression>()

/** Compiled once: rules are looked at for every answer. */
export function compiled(text: string): Expression {
  let expression = expressions.get(text)
  if (expression === undefined) {
    if (expressions.size > 2000) expressions.clear()
    expression = compileExpression(text)
    expressions.set(text, expression)
  }
  return expression
}

/** Whether an expression is true of a body, as JMESPath tells truth. An expression that does not fit the body is false. */
export function isTrueOf(text: string, body: unknown): boolean {
  let value: unknown
  try {
    value = compiled(text).evaluate(body ?? null)
  } catch {
    return false
  }
  if (value === null || value === undefined || value === false || value === '') return false
  if (typeof value !== 'object') return true
  return Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0
}

/**
 * `body` changed as little as possible so that a condition is true of it, or is not: what a vendor would answer where a rule of the manifest
 * reads its answers.
 * @returns undefined when no such body was found
 */
export function bodyWhere(text: string, truth: boolean, body: unknown): unknown {
  if (isTrueOf(text, body) === truth) return body
  for (const made of candidates(compileParts(text).node, truth, body)) if (isTrueOf(text, made) === truth) return made
  return undefined
}

function* candidates(node: Node, truth: boolean, body: unknown): Generator<unknown> {
  switch (node.kind) {
    case 'path': {
      const path = plainPath(node)
      if (path === undefined) return
      if (!truth) yield withValueAt(body, path, null)
      else for (const value of [true, 'error', [{ message: 'error' }]]) yield withValueAt(body, path, value)
      return
    }
    case 'not':
      yield* candidates(node.of, !truth, body)
      return
    case 'and':
    case 'or': {
      const both = (node.kind === 'and') === truth
      if (!both) {
        yield* candidates(node.left, truth, body)
        yield* candidates(node.right, truth, body)
        return
      }
      for (const left of [body, ...candidates(node.left, truth, body)]) {
        yield left
        yield* candidates(node.right, truth, left)
      }
      return
    }
    case 'compare':
      yield* compared(node, truth, body)
      return
    case 'call': {
      const [first, second] = node.arguments.map((argument) => argument.node)
      const path = first === undefined ? undefined : plainPath(first)
      if (path === undefined) return
      const literal = second?.kind === 'literal' ? second.value : undefined
      if (truth) yield* [withValueAt(body, path, literal), withValueAt(body, path, [literal])]
      else yield* [withValueAt(body, path, null), withValueAt(body, path, ''), withValueAt(body, path, [])]
      return
    }
    default:
      return
  }
}

function* compared(node: Extract<Node, { kind: 'compare' }>, truth: boolean, body: unknown): Generator<unknown> {
  const [side, other] = node.left.kind === 'literal' ? [node.right, node.left] : [node.left, node.right]
  const literal = other.kind === 'literal' ? other.value : undefined
  // length(errors) > `0`, type(x) == 'string': what stands inside decides.
  if (side.kind === 'call') {
    const inner = side.arguments[0]?.node
    const path = inner === undefined ? undefined : plainPath(inner)
    if (path !== undefined)
      for (const value of [[], [{ message: 'error' }], 'error', '', null, {}]) yield withValueAt(body, path, value)
    return
  }
  const path = plainPath(side)
  if (path === undefined) return
  const now = valueAt(body, path)
  const values: unknown[] = [literal]
  if (typeof literal === 'number') values.push(literal + 1, literal - 1)
  if (typeof literal === 'boolean') values.push(!literal)
  if (literal === null) values.push('error', true)
  values.push('ok', null)
  for (const value of values) if (value !== now || !truth) yield withValueAt(body, path, value)
}

function plainPath(node: Node): string | undefined {
  if (node.kind !== 'path' || node.base !== undefined) return undefined
  return node.steps.map(String).join('.')
}
