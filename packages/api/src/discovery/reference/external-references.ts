import type { DataDocument } from '../source-document.ts'

/** A quick look at the text, so that the large documents, which mostly have none, need not be walked. */
export function mayReferToOthers(text: string): boolean {
  return /(?<!\/)\$ref["']?\s*:\s*["']?(?!["'#\s{[])./.test(text)
}

/** The addresses (without fragments) of other documents to which this one refers, in the order in which they are met. */
export function referredAddresses(document: DataDocument): string[] {
  const found = new Set<string>()
  // Only YAML can lead to one object in several ways, and a set of all objects costs more than the document.
  const seen = document.syntax === 'yaml' ? new WeakSet() : undefined
  const waiting: unknown[] = [document.value]
  for (let at = waiting.pop(); waiting.length > 0 || at !== undefined; at = waiting.pop()) {
    if (typeof at !== 'object' || at === null || seen?.has(at) === true) continue
    seen?.add(at)
    const reference = Object.hasOwn(at, '$ref') ? (at as { $ref: unknown }).$ref : undefined
    if (typeof reference === 'string' && !reference.startsWith('#') && reference !== '') {
      found.add(reference.split('#', 1)[0] ?? '')
    }
    const children = Object.values(at)
    for (let index = children.length - 1; index >= 0; index--) waiting.push(children[index])
  }
  return [...found]
}
