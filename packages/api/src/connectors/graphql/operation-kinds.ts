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

function scan(text: string): OperationKinds | undefined {
  const found = new Map<string, OperationKind>()
  let depth = 0
  let kind: OperationKind | undefined
  let name: string | undefined
  /** Within a definition that is no operation. */
  let other = false
  for (const part of outside(text)) {
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
    } else if (depth === 0) {
      if (kind !== undefined) name ??= part
      else if (other) continue
      else if (part === 'query' || part === 'mutation' || part === 'subscription') kind = part
      else other = true
    }
  }
  return found.size === 0 ? undefined : found
}

const nameStart = /[_A-Za-z]/
const names = /\w+/y

/** Brackets of all three kinds and names (GraphQL specification, October 2021, section 2.1), without those in comments, texts and directives. */
function* outside(text: string): Generator<string> {
  let at = 0
  let directive = false
  while (at < text.length) {
    const char = text.charAt(at)
    if (char === '#') at = endOfLine(text, at)
    else if (char === '"') at = endOfText(text, at)
    else if (nameStart.test(char)) {
      names.lastIndex = at
      const [word = char] = names.exec(text) ?? []
      if (!directive) yield word
      directive = false
      at += word.length
    } else {
      if ('{}()[]'.includes(char)) yield char
      directive = char === '@' || (directive && char === ' ')
      at++
    }
  }
}

function endOfLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\n' || char === '\r') return at
  }
  return text.length
}

/** After the text that begins at `from`; the end of all for one that is not closed. */
function endOfText(text: string, from: number): number {
  if (text.startsWith('"""', from)) {
    let end = text.indexOf('"""', from + 3)
    while (end !== -1 && text.charAt(end - 1) === '\\') end = text.indexOf('"""', end + 3)
    return end === -1 ? text.length : end + 3
  }
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\\') at++
    else if (char === '"') return at + 1
    else if (char === '\n' || char === '\r') return at
  }
  return text.length
}
