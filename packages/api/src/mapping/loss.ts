import type { JsonSchema } from '@patchbay/core'
import { produce } from '../expression/budget.ts'
import { elements, printPath, properties, type ReadPath, type Segment } from '../expression/reads.ts'
import type { Irreversible } from './compile-context.ts'
import type { SchemaView } from './schema-view.ts'
import type { InvalidValue, State, UnknownValue } from './state.ts'

/** What a mapping does with any record, known without one. */
export interface Coverage {
  /** Fields of the model that it can fill. */
  readonly filled: readonly string[]
  /** Fields of the model that it never fills. */
  readonly empty: readonly string[]
  /** Paths of the source that it reads. */
  readonly reads: readonly string[]
  /** With a schema of the source: its values that nothing reads and that `unmapped` does not name. */
  readonly unread: readonly string[]
  /** Fields that `reverse` cannot write, and why. */
  readonly irreversible: readonly Irreversible[]
}

/** What became of one record. Paths are patterns: all elements of a list are one. */
export interface RecordLoss {
  /** Read by a field of the mapping. */
  readonly mapped: readonly string[]
  /** Read by no field, and kept in the raw record. */
  readonly raw: readonly string[]
  /** Read by no field, and gone. What `unmapped` names is not among them. */
  readonly dropped: readonly string[]
  readonly unknown: readonly UnknownValue[]
  readonly invalid: readonly InvalidValue[]
}

/** Which paths are read, as a tree. */
export interface ReadTree {
  /** Everything below is read, too. */
  whole: boolean
  readonly below: Map<Segment, ReadTree>
}

export function readTree(paths: readonly ReadPath[]): ReadTree {
  const root: ReadTree = { whole: false, below: new Map() }
  for (const path of paths) {
    let at = root
    for (const segment of path) {
      let next = at.below.get(segment)
      if (next === undefined) {
        next = { whole: false, below: new Map() }
        at.below.set(segment, next)
      }
      at = next
    }
    at.whole = true
  }
  return root
}

/** Lists and objects inside one another, as deep as a record is looked through. */
const deepest = 100

/** Sorts the values of a record into those that are read and those that are not. */
export function sortValues(
  record: unknown,
  reads: ReadTree,
  unmapped: ReadTree,
  state: State,
): { mapped: string[]; left: string[] } {
  const mapped = new Set<string>()
  const left = new Set<string>()
  const visit = (value: unknown, path: ReadPath, read: readonly ReadTree[], ignored: readonly ReadTree[]): void => {
    produce(state, 1)
    if (read.some(({ whole }) => whole)) mapped.add(printPath(path))
    else if (ignored.some(({ whole }) => whole)) return
    else if (value === null || value === undefined) return
    else if (typeof value !== 'object' || path.length >= deepest) left.add(printPath(path))
    else if (Array.isArray(value)) {
      for (const element of value) visit(element, [...path, elements], below(read, elements), below(ignored, elements))
    } else {
      for (const [key, part] of Object.entries(value))
        visit(part, [...path, key], below(read, key), below(ignored, key))
    }
  }
  visit(record, [], [reads], [unmapped])
  return { mapped: [...mapped].sort(), left: [...left].sort() }
}

function below(trees: readonly ReadTree[], segment: Segment): readonly ReadTree[] {
  const found: ReadTree[] = []
  const keys: readonly Segment[] = segment === elements ? [elements] : [segment, properties]
  for (const { below: parts } of trees) {
    for (const key of keys) {
      const part = parts.get(key)
      if (part !== undefined) found.push(part)
    }
  }
  return found
}

/** Most values of a schema that are looked at: schemas may refer to themselves. */
const mostValues = 2000

/** Values that a schema of the source names, and that nothing reads. */
export function unreadOf(view: SchemaView, reads: ReadTree, unmapped: ReadTree): readonly string[] {
  const unread: string[] = []
  let looked = 0
  const visit = (
    schemas: readonly JsonSchema[],
    path: ReadPath,
    read: readonly ReadTree[],
    ignored: readonly ReadTree[],
  ): void => {
    if (++looked > mostValues || path.length > 12) return
    if (read.some(({ whole }) => whole) || ignored.some(({ whole }) => whole)) return
    const fields = view.fields(schemas)
    const items = view.at([elements], schemas)
    if (fields !== undefined) {
      for (const key of new Set(fields)) {
        visit(view.at([key], schemas) ?? [], [...path, key], below(read, key), below(ignored, key))
      }
    } else if (items !== undefined && items.length > 0) {
      visit(items, [...path, elements], below(read, elements), below(ignored, elements))
    } else unread.push(printPath(path))
  }
  visit(view.at([]) ?? [], [], [reads], [unmapped])
  return unread.sort()
}
