/** A JSON object while it is made. */
export type Draft = Record<string, unknown>

export const isObject = (value: unknown): value is Draft =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads a dotted path of own properties; numbers are indexes of lists. An empty path is the value itself. */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value
  return path.split('.').reduce<unknown>((at, key) => {
    if (typeof at !== 'object' || at === null) return undefined
    return Object.hasOwn(at, key) ? (at as Draft)[key] : undefined
  }, value)
}

/** A copy of `value` with something else at a dotted path; objects on the way are made. */
export function withValueAt(value: unknown, path: string, put: unknown): unknown {
  if (path === '') return put
  const [key = '', ...rest] = path.split('.')
  const index = Number(key)
  if (/^\d+$/.test(key) && (Array.isArray(value) || value === undefined)) {
    const list: unknown[] = Array.isArray(value) ? [...value] : []
    list[index] = withValueAt(list[index], rest.join('.'), put)
    return list
  }
  const object = isObject(value) ? value : {}
  const inner = Object.hasOwn(object, key) ? object[key] : undefined
  const entries = Object.entries(object).filter(([name]) => name !== key)
  return Object.fromEntries([...entries, [key, withValueAt(inner, rest.join('.'), put)]])
}

/** Equal as JSON, whatever the order of properties. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, index) => sameJson(value, other[index]))
  if (!isObject(one) || !isObject(other)) return false
  const keys = Object.keys(one).filter((key) => one[key] !== undefined)
  const others = Object.keys(other).filter((key) => other[key] !== undefined)
  return (
    keys.length === others.length && keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
  )
}

/** A merge of two values: objects field by field, everything else as the second has it. */
export function merged(below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above === undefined ? below : above
  const keys = new Set([...Object.keys(below), ...Object.keys(above)])
  return Object.fromEntries([...keys].map((key) => [key, merged(own(below, key), own(above, key))]))
}

export const own = (object: Readonly<Draft>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined

/** Without properties that are null or undefined, at every level. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value ?? undefined
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === null || inner === undefined ? [] : [[key, withoutNulls(inner)]],
    ),
  )
}
