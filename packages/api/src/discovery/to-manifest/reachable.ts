import type { FieldSchema } from '../../json-schema/field-schema.ts'

/** The named schemas to which the operations lead, sorted by name. */
export function reachable(
  operations: unknown,
  named: Readonly<Record<string, FieldSchema>>,
): Record<string, FieldSchema> {
  const found = new Set<string>()
  const waiting: unknown[] = [operations]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (typeof at !== 'object' || at === null) continue
    for (const [key, value] of Object.entries(at)) {
      if (typeof value === 'object' && value !== null) waiting.push(value)
      const name =
        typeof value === 'string' && key === '$ref'
          ? value.replace('#/schemas/', '')
          : key === 'schema'
            ? value
            : undefined
      if (typeof name !== 'string' || found.has(name) || !Object.hasOwn(named, name)) continue
      found.add(name)
      waiting.push(named[name])
    }
  }
  return Object.fromEntries([...found].sort().map((name) => [name, named[name] as FieldSchema]))
}
