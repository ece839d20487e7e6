export type OperationKind = 'query' | 'mutation' | 'subscription'

/** The operations of a document, by name; the empty name stands for one without. */
export type OperationKinds = ReadonlyMap<string, OperationKind>

/** Documents of a program are few and constant; one that writes values into them must not fill the memory. */
const mostKept = 500
const longestKept = 64 * 1024
const kept = new Map<string, OperationKinds | undefined>()

/**
 * Which operations a document holds, found without parsing it: names and words outside of braces. Undefined for text that holds none.
 * Whether the document is right is the server's to say; what kind it is decides here whether it may be sent twice.
 */
export function operationKinds(text: string): OperationKinds | undefined {
  if (text.length > longestKept) return scan(text)
  if (kept.has(text)) return kept.get(text)
  const found = scan(text)
  if (kept.size >= mostKept) kept.delete(kept.keys().next().value as string)
  kept.set(text, found)
  return found
}

// Comments, directives, block strings, strings, brackets of all three kinds, names (GraphQL specification, October 2021, section 2.1).
const token = /#[^\n\r]*|@\s*[_A-Za-z]\w*|"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n\r])*"|[{}()[\]]|[_A-Za-z]\w*/g

function scan(text: string): OperationKinds | undefined {
  const found = new Map<string, OperationKind>()
  let depth = 0
  let kind: OperationKind | undefined
  let name: string | undefined
  /** Within a definition that is no operation. */
  let other = false
  for (const [part] of text.matchAll(token)) {
    if (part === '{' || part === '(' || part === '[') {
      if (depth === 0 && part === '{') {
        // A selection set alone is a query.
        if (!other) found.set(name ?? '', kind ?? 'query')
        kind = undefined
        name = undefined
        other = false
      }
      depth++
    } else if (part === '}' || part === ')' || part === ']') {
      depth = Math.max(0, depth - 1)
    } else if (depth === 0 && /^[_A-Za-z]/.test(part)) {
      if (kind !== undefined) name ??= part
      else if (other) continue
      else if (part === 'query' || part === 'mutation' || part === 'subscription') kind = part
      else other = true
    }
  }
  return found.size === 0 ? undefined : found
}
