/** The type of a value as JSON sees it; `other` is what JSON cannot hold. */
export type Kind = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object' | 'other'

export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'number':
      return Number.isFinite(value) ? 'number' : 'other'
    case 'boolean':
      return 'boolean'
    case 'object':
      // A Date, a Map or a class of the caller would be sent as something else than it looks like.
      return value === null ? 'null' : Array.isArray(value) ? 'array' : isRecord(value) ? 'object' : 'other'
    default:
      return 'other'
  }
}

function isRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || isForeignRecord(prototype)
}

/** Plain objects of another realm (`node:vm`, worker threads of test runners). */
function isForeignRecord(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty')
}

/** Levels and parts that comparisons look at: validation refuses values beyond, and a value that holds itself must end somewhere. */
const deepest = 200
const mostParts = 1_000_000

/** Equality as JSON Schema defines it (Core 4.2.2): objects without regard to order. Values beyond 200 levels are never equal. */
export function sameJson(one: unknown, other: unknown, depth = 0): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null || depth > deepest)
    return false
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false
    return one.every((item, index) => sameJson(item, other[index], depth + 1))
  }
  if (Array.isArray(other)) return false
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every(
      (key) =>
        Object.hasOwn(other, key) &&
        sameJson((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key], depth + 1),
    )
  )
}

/** True when no two of the values are the same by {@link sameJson}; false as well when there is too much to compare. */
export function allDifferent(values: readonly unknown[]): boolean {
  const seen = new Set<unknown>()
  const budget = { left: mostParts }
  return values.every((value) => {
    // Texts of composed values begin with a bracket after a space, which no plain value is equal to.
    const key = typeof value === 'object' && value !== null ? canonical(value, 0, budget) : plainKey(value)
    if (budget.left < 0 || seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function plainKey(value: unknown): unknown {
  return typeof value === 'string' ? JSON.stringify(value) : value
}

function canonical(value: unknown, depth: number, budget: { left: number }): string {
  if (--budget.left < 0) return ''
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value === 0 ? 0 : value) ?? 'undefined'
  if (depth > deepest) budget.left = -1
  if (budget.left < 0) return ''
  if (Array.isArray(value)) return ` [${value.map((item) => canonical(item, depth + 1, budget)).join(',')}]`
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical((value as Record<string, unknown>)[key], depth + 1, budget)}`)
  return ` {${fields.join(',')}}`
}

/** A copy that shares nothing with the original. */
export function copyJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyJson)
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) setOwn(copy, key, copyJson((value as Record<string, unknown>)[key]))
  return copy
}

/** Assigns as data, also for the name `__proto__`. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else target[key] = value
}
