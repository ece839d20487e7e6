import { globSync } from 'node:fs'
import { isNode, readSource, type SyntaxNode, walk } from '../source-file.ts'
import { posix } from '../workspace.ts'

function nameOf(node: SyntaxNode): string | undefined {
  return isNode(node.id) && node.id.type === 'Identifier' ? String(node.id.name) : undefined
}

/** Names that sources of packages and tools declare: functions, classes, types, constants, and members of types and classes. */
export function declaredNames(root: string): Set<string> {
  const names = new Set<string>()
  for (const file of globSync(['packages/*/src/**/*.ts', 'tools/**/*.ts', 'bench/*.ts'], { cwd: root })) {
    walk(readSource(root, posix(file)).program, (node) => {
      const key = isNode(node.key) && node.key.type === 'Identifier' ? String(node.key.name) : undefined
      const name = /Declaration$|^VariableDeclarator$/.test(node.type)
        ? nameOf(node)
        : /^TS(?:Property|Method)Signature$|^(?:Property|Method)Definition$|^Property$/.test(node.type)
          ? key
          : undefined
      if (name !== undefined) names.add(name)
    })
  }
  return names
}
