import { globSync } from 'node:fs'
import { namesOf } from '../../new-connector/names.ts'
import { templates } from '../../new-connector/templates.ts'
import { isNode, parseSource, readSource, type SyntaxNode, walk } from '../source-file.ts'
import { posix } from '../workspace.ts'

function nameOf(node: SyntaxNode): string | undefined {
  return isNode(node.id) && node.id.type === 'Identifier' ? String(node.id.name) : undefined
}

function addNames(program: SyntaxNode, names: Set<string>): void {
  walk(program, (node) => {
    const key = isNode(node.key) && node.key.type === 'Identifier' ? String(node.key.name) : undefined
    const declares = /Declaration$|^VariableDeclarator$/.test(node.type)
    const isMember = /^TS(?:Property|Method)Signature$|^(?:Property|Method)Definition$|^Property$/.test(node.type)
    const name = declares ? nameOf(node) : isMember ? key : undefined
    if (name !== undefined) names.add(name)
  })
}

/** Names that sources of packages and tools declare, and those that the scaffolder writes: functions, types, constants, members. */
export function declaredNames(root: string): Set<string> {
  const names = new Set(['import'])
  for (const file of globSync(['packages/*/src/**/*.ts', 'tools/**/*.ts', 'bench/*.ts'], { cwd: root })) {
    addNames(readSource(root, posix(file)).program, names)
  }
  for (const [file, text] of Object.entries(templates(namesOf('api', 'product')))) {
    if (file.endsWith('.ts')) addNames(parseSource(file, text).program, names)
  }
  return names
}
