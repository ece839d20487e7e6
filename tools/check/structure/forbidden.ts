import { type Finding, problem } from '../finding.ts'
import { isNode, type SourceFile, type SyntaxNode, walk } from '../source-file.ts'
import { published, type Tree } from './tree.ts'

const time = 'Take a Clock as an argument.'
const chance = 'Take a Random as an argument.'
const settings = 'Take the value as configuration.'

/** Globals, and members of globals, with what to use instead. */
const globals: Readonly<Record<string, string>> = {
  fetch: 'Send through the HttpClient that the connector is opened with.',
  XMLHttpRequest: 'Send through the HttpClient that the connector is opened with.',
  'process.env': settings,
  'process.exit': 'Throw; only the host application may end its process.',
  setTimeout: time,
  setInterval: time,
  setImmediate: time,
  'Date.now': time,
  'performance.now': time,
  'process.hrtime': time,
  'Math.random': chance,
  'crypto.getRandomValues': chance,
  'crypto.randomUUID': chance,
  console: 'Emit an event; the host application decides what is printed.',
  eval: 'Nothing may be evaluated: hosts forbid it, and it opens the door to injection.',
  Function: 'Nothing may be evaluated: hosts forbid it, and it opens the door to injection.',
}

const modules: Readonly<Record<string, string>> = {
  'node:timers': time,
  'node:timers/promises': time,
  'node:vm': 'Nothing may be evaluated: hosts forbid it, and it opens the door to injection.',
  'node:child_process': 'A library starts no processes.',
}

const randomNames = new Set([
  'randomUUID',
  'randomBytes',
  'randomInt',
  'randomFill',
  'randomFillSync',
  'getRandomValues',
])

/** Files that may, with the reason. A trailing slash stands for a folder. */
const exceptions: readonly { readonly path: string; readonly may: readonly string[]; readonly because: string }[] = [
  {
    path: 'packages/core/src/clock.ts',
    may: [
      'setTimeout',
      'setInterval',
      'setImmediate',
      'Date.now',
      'performance.now',
      'Math.random',
      'crypto.getRandomValues',
      'crypto.randomUUID',
      'randomness',
      'new Date()',
    ],
    because: 'the system clock and the system randomness are made here',
  },
]

function mayUse(path: string, what: string): boolean {
  return exceptions.some(
    ({ path: allowed, may }) =>
      (allowed.endsWith('/') ? path.startsWith(allowed) : path === allowed) && may.includes(what),
  )
}

/** `a.b` for a plain member access, `a` for an identifier; `globalThis.` in front does not count. */
function nameOf(node: SyntaxNode): string | undefined {
  if (node.type === 'Identifier') return String(node.name)
  if (node.type !== 'MemberExpression' || !isNode(node.object) || !isNode(node.property)) return undefined
  const property =
    node.computed === true
      ? typeof node.property.value === 'string'
        ? node.property.value
        : undefined
      : String(node.property.name)
  const object = nameOf(node.object)
  if (object === undefined || property === undefined) return undefined
  return object === 'globalThis' || object === 'global' ? property : `${object}.${property}`
}

/** Names that the file binds itself; a parameter named `fetch` is no global. */
function ownNames(program: SyntaxNode): Set<string> {
  const names = new Set<string>()
  const bind = (pattern: unknown): void => {
    if (!isNode(pattern)) return
    if (pattern.type === 'Identifier') names.add(String(pattern.name))
    else if (pattern.type === 'AssignmentPattern') bind(pattern.left)
    else if (pattern.type === 'RestElement') bind(pattern.argument)
    else if (pattern.type === 'Property') bind(pattern.value)
    else if (pattern.type === 'ObjectPattern') for (const one of pattern.properties as unknown[]) bind(one)
    else if (pattern.type === 'ArrayPattern') for (const one of pattern.elements as unknown[]) bind(one)
  }
  walk(program, (node) => {
    if (/^Import(?:Default|Namespace)?Specifier$/.test(node.type)) bind(node.local)
    else if (node.type === 'VariableDeclarator') bind(node.id)
    else if (/Function|Method/.test(node.type)) {
      bind(node.id)
      const params = isNode(node.params) ? (node.params.items as unknown[]) : (node.params as unknown[] | undefined)
      for (const one of params ?? []) bind(one)
    }
  })
  return names
}

/** True for an identifier that is a name of something else: a property, a key, a label, or part of a type. */
function isOnlyAName(node: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
  const parent = parents.at(-1)
  if (parent === undefined) return false
  if (parents.some(({ type }) => type.startsWith('TS') && !/^TS(?:As|Satisfies|NonNull|Instantiation)/.test(type)))
    return true
  if (parent.type === 'MemberExpression') return parent.property === node && parent.computed !== true
  if (/^(?:Property|MethodDefinition|PropertyDefinition)$/.test(parent.type)) {
    return parent.key === node && parent.computed !== true && parent.shorthand !== true
  }
  return /^(?:ImportSpecifier|ExportSpecifier|LabeledStatement)$/.test(parent.type)
}

function check(file: SourceFile): Finding[] {
  const own = ownNames(file.program)
  const findings: Finding[] = []
  const report = (node: SyntaxNode, what: string, remedy: string): void => {
    if (!mayUse(file.path, what))
      findings.push(problem(file.path, file.lineOf(node.start), `${what} is not allowed here`, remedy))
  }
  walk(file.program, (node, parents) => {
    if (
      node.type === 'NewExpression' &&
      isNode(node.callee) &&
      node.callee.name === 'Date' &&
      (node.arguments as unknown[]).length === 0
    ) {
      report(node, 'new Date()', time)
    }
    if (node.type !== 'Identifier' && node.type !== 'MemberExpression') return
    const name = nameOf(node)
    if (name === undefined || isOnlyAName(node, parents)) return
    const remedy = Object.hasOwn(globals, name) ? globals[name] : undefined
    if (remedy !== undefined && !(node.type === 'Identifier' && own.has(name)) && !own.has(name.split('.')[0] ?? ''))
      report(node, name, remedy)
    if (/^(?:.*\.)?(?:setTimeout|setInterval)$/.test(name) && name.startsWith('timers.')) report(node, name, time)
  })
  // `const { env } = process` and `const { now } = Date` reach the same things by another way.
  walk(file.program, (node) => {
    if (
      node.type !== 'VariableDeclarator' ||
      !isNode(node.id) ||
      node.id.type !== 'ObjectPattern' ||
      !isNode(node.init)
    )
      return
    const object = nameOf(node.init)
    for (const property of node.id.properties as unknown[]) {
      const key =
        isNode(property) && isNode(property.key)
          ? `${object === 'globalThis' ? '' : `${object}.`}${String(property.key.name)}`
          : ''
      if (Object.hasOwn(globals, key)) report(node, key, globals[key] ?? '')
    }
  })
  for (const { specifier, line, typeOnly } of file.imports) {
    const remedy = Object.hasOwn(modules, specifier) ? modules[specifier] : undefined
    if (remedy !== undefined && !typeOnly && !mayUse(file.path, specifier))
      findings.push(problem(file.path, line, `${specifier} is not allowed here`, remedy))
  }
  walk(file.program, (node) => {
    if (
      node.type !== 'ImportDeclaration' ||
      !isNode(node.source) ||
      !/^(?:node:)?crypto$/.test(String(node.source.value))
    )
      return
    for (const one of node.specifiers as SyntaxNode[]) {
      const imported = isNode(one.imported) ? String(one.imported.name) : ''
      if (randomNames.has(imported) && !mayUse(file.path, 'randomness')) report(one, imported, chance)
    }
  })
  for (const line of file.computedImports) {
    findings.push(
      problem(
        file.path,
        line,
        'computed import() is not allowed',
        "Write the name out, import('pg'), so that bundlers and readers see it.",
      ),
    )
  }
  return findings
}

/** What published code must not do by itself, since the host application decides about time, chance, settings and input and output. */
export function forbidden(tree: Tree): Finding[] {
  return published(tree).flatMap(check)
}
