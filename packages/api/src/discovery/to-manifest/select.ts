import type { OperationModel } from '../model.ts'
import type { LeftOut } from './report.ts'

export interface SelectOptions {
  /** Only operations with one of these tags. */
  readonly tags?: readonly string[] | undefined
  /** Only these: operation ids, or method and path (`GET /pets/{id}`). */
  readonly operations?: readonly string[] | undefined
  /** At most this many, in the order of the description. */
  readonly max?: number | undefined
}

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])

export function selected(
  operations: readonly OperationModel[],
  { tags, operations: wanted, max = Number.POSITIVE_INFINITY }: SelectOptions,
): { readonly chosen: readonly OperationModel[]; readonly leftOut: readonly LeftOut[] } {
  const chosen: OperationModel[] = []
  const leftOut: LeftOut[] = []
  const keys = new Set<string>()
  for (const operation of operations) {
    const { key, id, method } = operation
    const reason = keys.has(key)
      ? 'the description has it twice'
      : !methods.has(method)
        ? `manifests have no ${method}`
        : operation.binding?.kind === 'graphql' && operation.binding.operation === 'subscription'
          ? 'manifests have no subscriptions'
          : tags !== undefined && !operation.tags.some((tag) => tags.includes(tag))
            ? 'not among the tags'
            : wanted !== undefined && !wanted.includes(key) && (id === undefined || !wanted.includes(id))
              ? 'not among the operations'
              : /[\s#]|\{[^{}]*$/.test(operation.path) || operation.path.includes('{}')
                ? 'its path is no path'
                : chosen.length >= max
                  ? `more than ${max}`
                  : undefined
    keys.add(key)
    if (reason === undefined) chosen.push(operation)
    else leftOut.push({ key, reason })
  }
  return { chosen, leftOut }
}
