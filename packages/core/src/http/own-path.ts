/** A dotted path of own properties and array indexes, such as `data.items` or `errors.0.message`; empty means the value itself. */
export type OwnPath = string

/** Makes a reader of a dotted path. It sees own properties only, so `constructor` or `__proto__` give undefined. */
export function pathReader(path: OwnPath): (value: unknown) => unknown {
  if (path === '') return (value) => value
  const keys = path.split('.')
  return (value) => {
    let at = value
    for (const key of keys) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
      at = (at as Record<string, unknown>)[key]
    }
    return at
  }
}
