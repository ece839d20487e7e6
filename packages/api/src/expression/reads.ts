import type { Call, Node } from './syntax.ts'

/** Names of own properties from the root on; `[]` stands for the elements of a list, `*` for the values of an object. */
export type ReadPath = readonly Segment[]
export type Segment = string | typeof elements | typeof properties
export const elements: unique symbol = Symbol('[]')
export const properties: unique symbol = Symbol('*')

/** What is known about a value before there is one: where it stands, or that it is a list of what stands there. */
export interface Origin {
  readonly path: ReadPath
  readonly list: boolean
}

export interface Reads {
  readonly paths: readonly ReadPath[]
  /** Where the result comes from when it is a part of the source; it is not among `paths`. */
  readonly result: Origin | undefined
}

/** Which parts of its source an expression reads, as far as the text tells. */
export function readsOf(node: Node, current: Origin | undefined, root: Origin | undefined): Reads {
  const reader = new Reader(root)
  const result = reader.visit(node, current)
  return { paths: reader.paths, result }
}

export const atRoot: Origin = { path: [], list: false }

/** As an expression would write it: `a."b c"[].d`. */
export function printPath(path: ReadPath): string {
  let text = ''
  for (const segment of path) {
    if (segment === elements) text += '[]'
    else {
      const dot = text === '' ? '' : '.'
      if (segment === properties) text += `${dot}*`
      else
        text +=
          dot + (/^[A-Za-z_][A-Za-z0-9_]*$/.test(segment as string) ? (segment as string) : JSON.stringify(segment))
    }
  }
  return text === '' ? '@' : text
}

/** Where the elements of `origin` stand. */
export function elementOf(origin: Origin | undefined): Origin | undefined {
  if (origin === undefined) return undefined
  return { path: origin.list ? origin.path : [...origin.path, elements], list: false }
}

const sameList: ReadonlySet<string> = new Set(['sort_by', 'sort', 'reverse'])
const oneElement: ReadonlySet<string> = new Set(['max_by', 'min_by'])

class Reader {
  readonly paths: ReadPath[] = []
  readonly #root: Origin | undefined
  readonly #variables: (Origin | undefined)[] = []

  constructor(root: Origin | undefined) {
    this.#root = root
  }

  visit(node: Node | undefined, at: Origin | undefined): Origin | undefined {
    if (node === undefined) return at
    switch (node.kind) {
      case 'current':
        return at
      case 'root':
        return this.#root
      case 'variable':
        return node.slot === undefined ? undefined : this.#variables[node.slot]
      case 'path':
        return node.steps.reduce(follow, this.visit(node.base, at))
      case 'slice':
        return this.visit(node.base, at)
      case 'flatten': {
        const base = this.visit(node.base, at)
        return base && { path: [...base.path, elements], list: true }
      }
      case 'each':
        return asList(this.visit(node.right, elementOf(this.visit(node.base, at))))
      case 'values': {
        const base = this.visit(node.base, at)
        const value: Origin | undefined =
          base && !base.list ? { path: [...base.path, properties], list: false } : undefined
        return asList(this.visit(node.right, value))
      }
      case 'filter': {
        const element = elementOf(this.visit(node.base, at))
        this.#use(node.condition, element)
        return asList(this.visit(node.right, element))
      }
      case 'pipe':
        return this.visit(node.right, this.visit(node.left, at))
      case 'let':
        for (const { slot, value } of node.bindings) this.#variables[slot] = this.visit(value, at)
        return this.visit(node.body, at)
      case 'call':
        return this.#call(node, at)
      default:
        for (const part of partsOf(node)) this.#use(part, at)
        return undefined
    }
  }

  #call({ name, arguments: given }: Call, at: Origin | undefined): Origin | undefined {
    const values = given.map(({ node, reference }) => (reference ? undefined : this.visit(node, at)))
    const list = values.find((value) => value !== undefined)
    for (const { node, reference } of given) if (reference) this.#use(node, elementOf(list))
    if (sameList.has(name)) return list
    if (oneElement.has(name)) return elementOf(list)
    for (const value of values) if (value !== undefined) this.paths.push(value.path)
    return undefined
  }

  #use(node: Node, at: Origin | undefined): void {
    const value = this.visit(node, at)
    if (value !== undefined) this.paths.push(value.path)
  }
}

function follow(origin: Origin | undefined, step: string | number): Origin | undefined {
  if (typeof step === 'number') return elementOf(origin)
  return origin === undefined || origin.list ? undefined : { path: [...origin.path, step], list: false }
}

function asList(element: Origin | undefined): Origin | undefined {
  return element && { path: element.path, list: true }
}

function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'compare':
      return [node.left, node.right]
    case 'arithmetic':
      return node.left === undefined ? [node.right] : [node.left, node.right]
    case 'not':
      return [node.of]
    case 'list':
      return node.items
    case 'hash':
      return node.entries.map(([, part]) => part)
    default:
      return []
  }
}
