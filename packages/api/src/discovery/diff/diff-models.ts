import type { ApiModel, OperationModel } from '../model.ts'
import type { Change } from './change.ts'
import { diffOperation, shapeOf } from './diff-operation.ts'

export interface DiffOptions {
  /**
   * Only operations that a connection uses: operation ids or method and path (`GET /pets/{id}`; names in braces do not matter). What is new
   * in the API is then left out. Default: all.
   */
  readonly operations?: Iterable<string> | undefined
}

export interface ApiDiff {
  readonly before: string
  readonly after: string
  /** How many changes break callers of the older version. */
  readonly breaking: number
  readonly compatible: number
  /** Sorted by operation, place and code. */
  readonly changes: readonly Change[]
}

/** Compares two versions of an API for callers of the older one. The same input gives the same result, in the same order. */
export function diffModels(before: ApiModel, after: ApiModel, { operations }: DiffOptions = {}): ApiDiff {
  const wanted = operations === undefined ? undefined : new Set([...operations].map(normal))
  const isWanted = (one: OperationModel): boolean =>
    wanted === undefined || wanted.has(shapeOf(one.key)) || (one.id !== undefined && wanted.has(one.id))
  // Broken descriptions have an operation twice: the first is compared with the first.
  const byShape = Map.groupBy(after.operations, (one) => shapeOf(one.key))
  const occurrences = new Map<string, number>()
  const byId = new Map(after.operations.flatMap((one) => (one.id === undefined ? [] : [[one.id, one] as const])))
  const met = new Set<string>()
  const changes: Change[] = []
  for (const old of before.operations) {
    const shape = shapeOf(old.key)
    const occurrence = occurrences.get(shape) ?? 0
    occurrences.set(shape, occurrence + 1)
    const young = byShape.get(shape)?.[occurrence] ?? (old.id === undefined ? undefined : byId.get(old.id))
    if (young !== undefined) met.add(shapeOf(young.key))
    if (!isWanted(old)) continue
    const add = (severity: Change['severity'], code: string, place: string, message: string): void => {
      changes.push({ severity, code, operation: old.key, place, message })
    }
    if (young === undefined) add('breaking', 'operation-removed', '', 'the operation is gone')
    else diffOperation({ before, after, old, young }, add)
  }
  if (wanted === undefined) {
    for (const young of after.operations) {
      if (met.has(shapeOf(young.key))) continue
      changes.push({
        severity: 'compatible',
        code: 'operation-added',
        operation: young.key,
        place: '',
        message: 'the operation is new',
      })
    }
  }
  const unique = [...new Map(changes.map((one) => [JSON.stringify(one), one])).values()].sort(inOrder)
  const breaking = unique.filter(({ severity }) => severity === 'breaking').length
  return {
    before: before.version,
    after: after.version,
    breaking,
    compatible: unique.length - breaking,
    changes: unique,
  }
}

/** Keys are compared without the names of path parameters; ids as they are. */
function normal(operation: string): string {
  return operation.includes(' ') ? shapeOf(operation) : operation
}

/** By code units, so that no locale changes the order. */
function inOrder(a: Change, b: Change): number {
  for (const key of ['operation', 'place', 'code', 'message'] as const) {
    if (a[key] !== b[key]) return a[key] < b[key] ? -1 : 1
  }
  return 0
}

/** For people: breaking changes first, grouped by operation. */
export function diffText({ before, after, breaking, compatible, changes }: ApiDiff): string {
  const lines = [`${before || 'before'} -> ${after || 'after'}: ${breaking} breaking, ${compatible} compatible`]
  for (const severity of ['breaking', 'compatible'] as const) {
    const group = Map.groupBy(
      changes.filter((one) => one.severity === severity),
      ({ operation }) => operation,
    )
    if (group.size > 0) lines.push('', `${severity}:`)
    for (const [operation, list] of group) {
      lines.push(`  ${operation}`)
      for (const { code, place, message } of list)
        lines.push(`    ${code}${place === '' ? '' : ` ${place}`}: ${message}`)
    }
  }
  return `${lines.join('\n')}\n`
}
