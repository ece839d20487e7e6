import { manifestFault } from '../manifest-fault.ts'
import type { Values } from '../manifest-parts.ts'

/** Makes an object out of inputs; undefined when none of them was given and nothing is constant. */
export type TreeWriter = (values: Values) => unknown

interface Node {
  readonly children: Map<string, Node>
  input?: string
  constant?: unknown
}

/**
 * Compiles dotted paths to a writer of nested objects. `@` is the whole value. Keys are made as own properties, whatever their names.
 * @param places by dotted path: the input, or the constant
 */
export function compileTree(
  places: readonly { readonly path: string; readonly input?: string; readonly constant?: unknown }[],
  where: string,
): TreeWriter {
  if (places.length === 0) return () => undefined
  const whole = places.find(({ path }) => path === '@')
  if (whole !== undefined) {
    if (places.length > 1) throw manifestFault(where, 'has an input that is the whole body, and others beside it')
    const { input, constant } = whole
    return input === undefined ? () => constant : (values) => values[input]
  }
  const root: Node = { children: new Map() }
  for (const { path, input, constant } of places) {
    let node = root
    for (const key of path.split('.')) {
      if (key === '' || key === '__proto__') throw manifestFault(where, `${path} is no dotted path`)
      if (node.input !== undefined) throw manifestFault(where, `${path} goes on below an input`)
      let child = node.children.get(key)
      if (child === undefined) {
        child = { children: new Map() }
        node.children.set(key, child)
      }
      node = child
    }
    if (node.children.size > 0) throw manifestFault(where, `${path} stands above another input`)
    if (input === undefined) node.constant = constant
    else node.input = input
  }
  return compileNode(root)
}

function compileNode({ children, input, constant }: Node): TreeWriter {
  if (input !== undefined) {
    // An input goes before a constant of the same place.
    return constant === undefined ? (values) => values[input] : (values) => values[input] ?? constant
  }
  if (children.size === 0) return () => constant
  const entries = [...children].map(([key, child]) => [key, compileNode(child)] as const)
  return (values) => {
    let object: Record<string, unknown> | undefined
    for (let index = 0; index < entries.length; index++) {
      const [key, write] = entries[index] as readonly [string, TreeWriter]
      const value = write(values)
      if (value === undefined) continue
      object ??= {}
      object[key] = value
    }
    return object
  }
}
