/** One part of a parsed expression. `base` left out means the current value. */
export type Node =
  | { readonly kind: 'current' | 'root' }
  | { readonly kind: 'literal'; readonly value: unknown }
  /** Fields (text) and indexes (numbers) one after the other. */
  | { readonly kind: 'path'; readonly base?: Node | undefined; readonly steps: readonly (string | number)[] }
  | { readonly kind: 'slice'; readonly base?: Node | undefined; readonly slice: Slice }
  | { readonly kind: 'flatten'; readonly base?: Node | undefined }
  /** What follows a projection is done to each element; nulls are left out. */
  | { readonly kind: 'each' | 'values'; readonly base?: Node | undefined; readonly right?: Node | undefined }
  | Filter
  | { readonly kind: 'pipe'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'not'; readonly of: Node }
  | Comparison
  | Arithmetic
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'hash'; readonly entries: readonly (readonly [string, Node])[] }
  | Call
  | { readonly kind: 'let'; readonly bindings: readonly Binding[]; readonly body: Node }
  | { readonly kind: 'variable'; readonly slot: number | undefined; readonly name: string; readonly offset: number }

export interface Filter {
  readonly kind: 'filter'
  readonly base?: Node | undefined
  readonly condition: Node
  readonly right?: Node | undefined
}

export interface Comparison {
  readonly kind: 'compare'
  readonly sign: Comparator
  readonly left: Node
  readonly right: Node
}

export interface Arithmetic {
  readonly kind: 'arithmetic'
  readonly sign: '+' | '-' | '*' | '/' | '//' | '%'
  /** Left out for a sign before a value. */
  readonly left?: Node | undefined
  readonly right: Node
  readonly offset: number
}

export interface Call {
  readonly kind: 'call'
  readonly name: string
  readonly arguments: readonly Argument[]
  readonly offset: number
}

/** `reference`: written as `&expression`, for functions that apply it themselves. */
export interface Argument {
  readonly node: Node
  readonly reference: boolean
  readonly offset: number
}

export interface Binding {
  readonly slot: number
  readonly value: Node
}

export interface Slice {
  readonly start: number | undefined
  readonly stop: number | undefined
  readonly step: number
}

export type Comparator = '==' | '!=' | '<' | '<=' | '>' | '>='

/** Something that is allowed and surely not meant. */
export interface ExpressionWarning {
  readonly offset: number
  readonly message: string
}

/** `left` with one more field or index behind it. */
export function extend(left: Node | undefined, step: string | number): Node {
  if (left?.kind === 'path') return { ...left, steps: [...left.steps, step] }
  return { kind: 'path', base: left?.kind === 'current' ? undefined : left, steps: [step] }
}
