import { type CompiledParts, compileParts } from '../../expression/expression.ts'
import { compileExpression } from '../../expression/index.ts'
import type { Node } from '../../expression/syntax.ts'
import { isObject, merged, own, sameJson, withoutNulls } from './own-value.ts'

/** The expression has no inverse that could be found. */
const impossible: unique symbol = Symbol('impossible')

/**
 * What a vendor answers so that an expression gives `value`: paths, indexes, lists of objects and renamed fields are turned round; anything else
 * is not. The result is proven by evaluating the expression on it.
 * @returns undefined when there is no such answer, or none that can be found
 */
export function inverted(text: string, value: unknown): unknown {
  const { node } = compileParts(text) as CompiledParts
  const answer = put(node, undefined, value)
  if (answer === impossible) return undefined
  const back = compileExpression(text).evaluate(answer ?? null)
  // What is not there is null for an expression.
  return sameJson(withoutNulls(back), withoutNulls(value)) ? answer : undefined
}

/** Where in the vendor's record a field of ours comes from, as a dotted path; undefined when the text does not tell. */
export function sourceOf(text: string | undefined, field: string): string | undefined {
  if (text === undefined) return field
  const [first = '', ...rest] = field.split('.')
  const found = pathOf(compileParts(text).node, first)
  return found === undefined ? undefined : [...found, ...rest].join('.')
}

function pathOf(node: Node, field: string): readonly string[] | undefined {
  if (node.kind === 'current') return [field]
  if (node.kind === 'path') {
    const steps = plainSteps(node)
    return steps === undefined ? undefined : [...steps, field]
  }
  if (node.kind !== 'hash') return undefined
  const entry = node.entries.find(([name]) => name === field)?.[1]
  if (entry?.kind === 'current') return []
  return entry?.kind === 'path' ? plainSteps(entry) : undefined
}

function plainSteps({ base, steps }: Extract<Node, { kind: 'path' }>): readonly string[] | undefined {
  return base === undefined && steps.every((step) => typeof step === 'string') ? (steps as string[]) : undefined
}

/** `into` (what was made so far) with `value` where the expression will read it. */
function put(node: Node | undefined, into: unknown, value: unknown): unknown {
  if (node === undefined) return merged(into, value)
  switch (node.kind) {
    case 'current':
    case 'root':
      return merged(into, value)
    case 'path':
      return put(
        node.base,
        into,
        node.steps.reduceRight<unknown>(
          (inner, step) =>
            typeof step === 'string' ? Object.fromEntries([[step, inner]]) : step < 0 ? [inner] : padded(inner, step),
          value,
        ),
      )
    case 'flatten':
      return put(node.base, into, value)
    case 'each':
      return list(node.base, node.right, into, value)
    case 'filter':
      return list(node.base, node.right, into, value)
    case 'pipe': {
      const inner = put(node.right, undefined, value)
      return inner === impossible ? impossible : put(node.left, into, inner)
    }
    case 'or':
      return put(node.left, into, value)
    case 'hash': {
      if (!isObject(value)) return impossible
      let made = into
      for (const [name, part] of node.entries) {
        const given = own(value, name)
        if (given === undefined || given === null) continue
        made = put(part, made, given)
        if (made === impossible) return impossible
      }
      return made
    }
    case 'call': {
      const [first] = node.arguments
      const turned = ['to_string', 'to_number', 'not_null', 'to_array', 'sort_by', 'reverse', 'sort', 'trim', 'lower']
      if (first === undefined || first.reference || !turned.includes(node.name)) return impossible
      const text = node.name === 'to_number' ? String(value) : numeral(node.name, value)
      return put(first.node, into, text)
    }
    default:
      return impossible
  }
}

/** What is text for us may be a number for the vendor; a text is as good. */
const numeral = (name: string, value: unknown): unknown =>
  name === 'reverse' && Array.isArray(value) ? value.toReversed() : value

const padded = (inner: unknown, index: number): unknown[] => [...Array.from({ length: index }, () => inner), inner]

function list(base: Node | undefined, right: Node | undefined, into: unknown, value: unknown): unknown {
  if (!Array.isArray(value)) return impossible
  const items = value.map((item) => (right === undefined ? item : put(right, undefined, item)))
  return items.includes(impossible) ? impossible : put(base, into, items)
}
