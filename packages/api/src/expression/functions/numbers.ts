import { compareTexts } from '../values.ts'
import type { ExpressionFunction } from './signature.ts'

const number = [['number']] as const
const numbers = [['array[number]']] as const
const comparable = [['array[number]', 'array[string]']] as const

/** The `json-number` of the specification. Linear: no part can match the same characters in two ways. */
const jsonNumber = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/

export function numberOf(text: string): number | null {
  if (text.length > 400 || !jsonNumber.test(text)) return null
  const parsed = Number(text)
  return Number.isFinite(parsed) ? parsed : null
}

export const numberFunctions: Readonly<Record<string, ExpressionFunction>> = {
  abs: { parameters: number, call: ([value]) => Math.abs(Number(value)) },
  ceil: { parameters: number, call: ([value]) => positive(Math.ceil(Number(value))) },
  floor: { parameters: number, call: ([value]) => Math.floor(Number(value)) },
  sum: { parameters: numbers, call: ([list]) => total(list) },
  avg: { parameters: numbers, call: ([list]) => (list.length === 0 ? null : total(list) / list.length) },
  max: { parameters: comparable, call: ([list]) => extreme(list, 1) },
  min: { parameters: comparable, call: ([list]) => extreme(list, -1) },
  to_number: {
    parameters: [['any']],
    call([value]) {
      if (typeof value === 'string') return numberOf(value)
      return typeof value === 'number' || typeof value === 'bigint' ? value : null
    },
  },
}

function total(list: readonly (number | bigint)[]): number {
  return list.reduce<number>((sum, value) => sum + Number(value), 0)
}

/** No negative zero: JSON has none that readers keep. */
function positive(value: number): number {
  return value === 0 ? 0 : value
}

/** The first of equals. */
function extreme(list: readonly (number | string)[], sign: 1 | -1): number | string | null {
  let best: number | string | undefined
  for (const value of list) if (best === undefined || compareKeys(value, best) * sign > 0) best = value
  return best ?? null
}

export function compareKeys(left: number | string, right: number | string): number {
  if (typeof left === 'string') return compareTexts(left, right as string)
  return left < (right as number) ? -1 : left > (right as number) ? 1 : 0
}
