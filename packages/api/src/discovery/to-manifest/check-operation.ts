import type { FieldSchema } from '../../json-schema/field-schema.ts'
import type { Guesses } from './report.ts'

interface Operation {
  readonly request: string
  readonly effect: string
  readonly risk?: string | undefined
  readonly deprecated?: boolean | undefined
  readonly input?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
}

const telling = /(?:^|\/)(?:me|self|whoami|user|account|profile|status|ping|health|version|info|verify|check|test)$/i

/** The cheapest read that proves address and credential. */
export function checkOf(
  operations: Readonly<Record<string, Operation>>,
  named: Readonly<Record<string, FieldSchema>>,
  guesses: Guesses,
): { readonly operation: string; readonly input?: Readonly<Record<string, unknown>> } {
  const ranked = Object.entries(operations)
    .map(([name, one]) => ({ name, one, cost: costOf(one) }))
    .sort((a, b) => a.cost - b.cost || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
  const [best] = ranked
  if (best === undefined) return { operation: 'resource.get' }
  const input: Record<string, unknown> = {}
  for (const [key, one] of requiredOf(best.one)) input[key] = sampleOf(one, named)
  const because = best.one.effect === 'read' ? 'it reads and asks for the least' : 'nothing in this API only reads'
  guesses.add('check.operation', best.name, best.cost < 100 ? 'medium' : 'low', because)
  return { operation: best.name, ...(Object.keys(input).length === 0 ? {} : { input }) }
}

function costOf(one: Operation): number {
  const path = one.request.slice(one.request.indexOf(' ') + 1)
  const safe = one.request.startsWith('GET ') ? 0 : one.effect === 'read' ? 50 : 1000
  const harm = one.risk === 'destructive' ? 5000 : 0
  const old = one.deprecated === true ? 40 : 0
  return safe + harm + old + requiredOf(one).length * 100 + path.split('/').length * 2 - (telling.test(path) ? 10 : 0)
}

function requiredOf({ input = {} }: Operation): [string, Readonly<Record<string, unknown>>][] {
  return Object.entries(input).filter(
    ([, one]) => (one.in === 'path' || one.required === true) && one.default === undefined,
  )
}

/** A value that fits the simplest reading of a schema; the author replaces it by one that exists. */
function sampleOf(
  schema: Readonly<Record<string, unknown>>,
  named: Readonly<Record<string, FieldSchema>>,
  depth = 0,
): unknown {
  const { enum: values, const: fixed, default: fallback, $ref } = schema as FieldSchema
  if (fallback !== undefined) return fallback
  if (fixed !== undefined) return fixed
  if (values !== undefined) return values[0]
  if (typeof $ref === 'string' && depth < 5)
    return sampleOf(named[$ref.replace('#/schemas/', '')] as Record<string, unknown>, named, depth + 1)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch (type) {
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 1
    case 'boolean':
      return false
    case 'array':
      return []
    case 'object':
      return {}
    default:
      return 'x'
  }
}
