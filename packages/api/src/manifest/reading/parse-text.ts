import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import type { ManifestIssue, ManifestPath } from '../issue.ts'

/** Bytes of text that are read at most. */
export const maxManifestBytes = 2_097_152
const maxDepth = 64
const maxAliases = 1000
/** Issues that are told of one text; more would hide the first ones. */
export const mostIssues = 200

/** A text as data, and where in the text each part stands. */
export interface ParsedText {
  readonly value: unknown
  readonly issues: readonly ManifestIssue[]
  place(path: ManifestPath): { readonly line: number; readonly column: number }
}

type Report = (code: string, offset: number, message: string, remedy: string) => void

const nowhere = { line: 1, column: 1 }
const refused = (issues: readonly ManifestIssue[]): ParsedText => ({ value: undefined, issues, place: () => nowhere })

/**
 * YAML 1.2, or JSON, which is a part of it. Data only: no tags, no merge keys; aliases are followed a bounded number of times. Never
 * throws for what the text holds.
 */
export function parseText(text: string): ParsedText {
  const issues: ManifestIssue[] = []
  const lines = new LineCounter()
  const report: Report = (code, offset, message, remedy) => {
    if (issues.length >= mostIssues) return
    const { line, col: column } = lines.linePos(offset)
    issues.push({
      level: 'error',
      code,
      path: [],
      message,
      remedy,
      line: Math.max(1, line),
      column: Math.max(1, column),
    })
  }
  if (Buffer.byteLength(text) > maxManifestBytes) {
    report(
      'too-large',
      0,
      `The manifest has more than ${maxManifestBytes} bytes.`,
      'Split the product, or leave out schemas that nobody needs.',
    )
    return refused(issues)
  }
  try {
    const document = parseDocument(text, {
      version: '1.2',
      lineCounter: lines,
      // Compares each key with all others; `walk` finds repeated keys in one pass.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    })
    for (const { message, pos } of [...document.errors, ...document.warnings].slice(0, 20)) {
      if (/call stack/i.test(message)) throw new RangeError(message)
      report('syntax', pos[0], `${sentence(message)}.`, 'Correct the text there.')
    }
    if (issues.length > 0) return refused(issues)
    walk(document.contents, report)
    if (issues.length > 0) return refused(issues)
    const value: unknown = document.toJS({ maxAliasCount: maxAliases })
    return { value, issues, place: (path) => placeOf(document, lines, path) }
  } catch (error) {
    // The parser's own: nesting that ends the stack, and aliases that stand for too much or for themselves.
    issues.length = 0
    if (error instanceof RangeError)
      report('syntax', 0, 'The text is nested too deep.', `Nest at most ${maxDepth} levels.`)
    else if (error instanceof ReferenceError || error instanceof TypeError)
      report('syntax', 0, 'An alias names no anchor, or stands for too much.', 'Write the value out.')
    else throw error
    return refused(issues)
  }
}

const sentence = (text: string): string => (text.split('\n')[0] ?? '').replace(/[.:]\s*$/, '')

/** Depth, repeated keys, and aliases of nothing. */
function walk(root: unknown, report: Report): void {
  const waiting: { node: unknown; depth: number }[] = [{ node: root, depth: 1 }]
  const anchors = anchorsOf(root)
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next
    if (isAlias(node) && !anchors.has(node.source))
      report(
        'syntax',
        node.range?.[0] ?? 0,
        `Nothing here is named &${node.source}.`,
        'Write the value out, or put it in quotes.',
      )
    if (!isMap(node) && !isSeq(node)) continue
    const offset = node.range?.[0] ?? 0
    if (depth > maxDepth) {
      report('syntax', offset, 'The text is nested too deep.', `Nest at most ${maxDepth} levels.`)
      return
    }
    const seen = new Set<string>()
    for (const item of node.items as readonly object[]) {
      if (!('key' in item)) {
        waiting.push({ node: item, depth: depth + 1 })
        continue
      }
      const { key, value } = item as { key: unknown; value: unknown }
      const name = isScalar(key) ? String(key.value) : undefined
      const at = (key as Node | null)?.range?.[0] ?? offset
      if (name === undefined) report('syntax', at, 'A key must be plain text.', 'Write a name.')
      else if (seen.has(name)) report('repeated-key', at, `"${name}" stands here twice.`, 'Keep one of them.')
      else seen.add(name)
      waiting.push({ node: value, depth: depth + 1 })
    }
  }
}

function anchorsOf(root: unknown): Set<string> {
  const anchors = new Set<string>()
  visit(root as Node, (_, node) => {
    if (isNode(node) && 'anchor' in node && typeof node.anchor === 'string') anchors.add(node.anchor)
  })
  return anchors
}

/** Scalars are found where they stand; objects and lists, and keys that should not be there, at their key. */
function placeOf(document: Document, lines: LineCounter, path: ManifestPath): { line: number; column: number } {
  let node: unknown = document.contents
  let key: unknown
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
      if (pair === undefined) break
      key = pair.key
      node = pair.value
    } else if (isSeq(node) && typeof part === 'number' && part < node.items.length) {
      node = node.items[part]
      key = node
    } else break
  }
  const range = (
    isScalar(node) && node.range != null && node.range[1] > node.range[0] ? node : ((key ?? node) as Node | null)
  )?.range
  if (range == null) return nowhere
  const { line, col: column } = lines.linePos(range[0])
  return { line, column }
}
