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

/** Equality as JSON Schema defines it (Core 4.2.2): objects without regard to order. */
export function sameJson(one: unknown, other: unknown, depth = 0): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null || depth > 100)
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

/** A text that two values share exactly when {@link sameJson} holds for them. Deeper parts than 100 levels are left out. */
export function canonicalJson(value: unknown, depth = 0): string {
  if (typeof value !== 'object' || value === null || depth > 100)
    return JSON.stringify(value === 0 ? 0 : value) ?? 'undefined'
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson((value as Record<string, unknown>)[key], depth + 1)}`)
  return `{${fields.join(',')}}`
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
