import { functions } from './functions/functions.ts'
import type { Argument, Node } from './syntax.ts'

/**
 * True when a result can be larger than its source and what was paid for while it was made: because it holds one part in several places.
 * Only such results are measured at the end. What merely selects hands over each part once.
 */
export function composes(node: Node | undefined): boolean {
  if (node === undefined) return false
  switch (node.kind) {
    case 'current':
    case 'root':
    case 'compare':
    case 'arithmetic':
    case 'not':
      return false
    case 'path':
    case 'slice':
    case 'flatten':
      return composes(node.base)
    case 'each':
    case 'values':
    case 'filter':
      // Of a projection that gives each element the same part, such as `$`, one part stands in many places.
      return composes(node.base) || (node.right !== undefined && !reads(node.right)) || composes(node.right)
    case 'pipe':
      return composes(node.left) || composes(node.right)
    case 'and':
    case 'or':
      return composes(node.left) || composes(node.right)
    case 'literal':
      return typeof node.value === 'object' && node.value !== null
    case 'call':
      return functions[node.name]?.composes === true || node.arguments.some(argumentComposes)
    default:
      return true
  }
}

/** What is applied to each element gives each the same part when it does not read the element. */
function argumentComposes({ node, reference }: Argument): boolean {
  return composes(node) || (reference && !reads(node))
}

/** Whether the result is surely made of parts of the current value. */
function reads(node: Node | undefined): boolean {
  if (node === undefined || node.kind === 'current') return true
  switch (node.kind) {
    case 'path':
    case 'slice':
    case 'flatten':
      return reads(node.base)
    case 'each':
    case 'values':
    case 'filter':
      return reads(node.base) && reads(node.right)
    default:
      return false
  }
}
