import type { Random } from '@patchbay/core'
import { compileSchema } from '../../json-schema/compile-schema.ts'
import type { FieldSchema } from '../../json-schema/field-schema.ts'
import { sample } from '../../json-schema/sampler.ts'
import type { Guesses } from './report.ts'

interface Operation {
  readonly request: string
  readonly effect: string
  readonly risk?: string | undefined
  readonly deprecated?: boolean | undefined
  readonly input?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
}

const telling = /(?:^|\/)(?:me|self|whoami|user|account|profile|status|ping|health|version|info|verify|check|test)$/i

/** The cheapest read that proves address and credential; undefined when nothing reads. */
export function checkOf(
  operations: Readonly<Record<string, Operation>>,
  named: Readonly<Record<string, FieldSchema>>,
  guesses: Guesses,
): { readonly operation: string; readonly input?: Readonly<Record<string, unknown>> } | undefined {
  const ranked = Object.entries(operations)
    .filter(([, one]) => one.effect === 'read')
    .map(([name, one]) => ({ name, one, cost: costOf(one) }))
    .sort((a, b) => a.cost - b.cost || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
  for (const { name, one, cost } of ranked) {
    const input = samplesOf(one, named)
    if (input === undefined) continue
    const confidence = cost < 100 ? 'medium' : 'low'
    const made = Object.keys(input).length > 0
    guesses.add(
      'check.operation',
      name,
      confidence,
      `it reads and asks for the least${made ? '; its inputs are made up' : ''}`,
    )
    return { operation: name, ...(made ? { input } : {}) }
  }
  return undefined
}

/** Values for the required inputs, which the author replaces by ones that exist; undefined when none could be found. */
function samplesOf(
  one: Operation,
  named: Readonly<Record<string, FieldSchema>>,
): Readonly<Record<string, unknown>> | undefined {
  const input: Record<string, unknown> = {}
  for (const [key, { in: _, as: __, required: ___, requiredProperties, style: ____, ...schema }] of requiredOf(one)) {
    const whole = {
      ...schema,
      ...(requiredProperties === undefined ? {} : { required: requiredProperties }),
    } as FieldSchema
    try {
      const value = sample(whole, named, steady(), { name: key })
      if (whole.format !== 'binary' && !('value' in compileSchema(whole, named, 'strict')(value))) return undefined
      input[key] = value
    } catch {
      return undefined
    }
  }
  return input
}

/** The same values at each import. */
function steady(): Random {
  let state = 1
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  return {
    next,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
    uuid: () => '00000000-0000-4000-8000-000000000001',
  }
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
