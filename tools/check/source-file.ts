import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'oxc-parser'

/** A node of the syntax tree (ESTree with the TypeScript additions); only what the checks read. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

export interface ImportOf {
  readonly specifier: string
  readonly line: number
  /** Erased before running: `import type`, `export type`, or the type `import('…').Name`. */
  readonly typeOnly: boolean
  readonly dynamic: boolean
}

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly ImportOf[]
  /** Lines of `import(…)` whose argument is not a plain string. */
  readonly computedImports: readonly number[]
  readonly program: SyntaxNode
  lineOf(offset: number): number
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

/** Calls `visit` for every node, with its parents, outermost first. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parents: readonly SyntaxNode[]) => void,
  parents: readonly SyntaxNode[] = [],
): void {
  visit(node, parents)
  const inner = [...parents, node]
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) walk(item, visit, inner)
    } else if (isNode(value)) walk(value, visit, inner)
  }
}

function literal(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  return undefined
}

export function readSource(root: string, path: string): SourceFile {
  return parseSource(path, readFileSync(join(root, path), 'utf8'))
}

export function parseSource(path: string, text: string): SourceFile {
  const starts = [0]
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) starts.push(index + 1)
  const lineOf = (offset: number): number => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }

  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  const tree = program as unknown as SyntaxNode
  const imports: ImportOf[] = []
  const computedImports: number[] = []
  walk(tree, (node) => {
    const specifier = literal(node.source)
    const line = lineOf(node.start)
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration': {
        if (specifier === undefined) return
        const kind = node.importKind ?? node.exportKind
        const names = (node.specifiers ?? []) as { importKind?: string; exportKind?: string }[]
        const onlyTypes = names.length > 0 && names.every((name) => (name.importKind ?? name.exportKind) === 'type')
        imports.push({ specifier, line, typeOnly: kind === 'type' || onlyTypes, dynamic: false })
        return
      }
      case 'TSImportType':
        if (specifier !== undefined) imports.push({ specifier, line, typeOnly: true, dynamic: false })
        return
      case 'ImportExpression':
        if (specifier === undefined) computedImports.push(line)
        else imports.push({ specifier, line, typeOnly: false, dynamic: true })
        return
      default:
    }
  })
  const lines = text.endsWith('\n') ? starts.length - 1 : starts.length
  return { path, text, lines, imports, computedImports, program: tree, lineOf }
}
