import type { Run } from '../expression/budget.ts'
import { numberOf } from '../expression/functions/numbers.ts'
import { formatTime, parseTime } from '../expression/time.ts'
import { toJsonText, typeOf } from '../expression/values.ts'
import type { DateRule, TableRule, ValueRule } from './spec.ts'

/** What a value becomes. Undefined: it cannot become that. */
export type Convert = (value: unknown, run: Run) => unknown

/** A conversion and, where there is one, its way back. */
export interface Conversion {
  readonly convert: Convert
  /** The source's value for the model's; undefined when there is none. A text says why there is no way back. */
  readonly inverse: ((value: unknown) => unknown) | string
}

const same: Conversion = { convert: (value) => value, inverse: (value) => value }

/** `sourceTypes`: what the source's schema says; undefined without one. */
export function conversionOf(rule: ValueRule | DateRule, sourceTypes: ReadonlySet<string> | undefined): Conversion {
  if ('date' in rule) return dateConversion(rule.date, sourceTypes)
  if (rule.text === true) return textConversion(sourceTypes)
  if (rule.number !== undefined) return numberConversion(rule.number === true ? 1 : rule.number.multiply, sourceTypes)
  if (rule.boolean !== undefined) return booleanConversion(rule.boolean, sourceTypes)
  return same
}

function only(types: ReadonlySet<string> | undefined, ...wanted: readonly string[]): boolean {
  return types !== undefined && [...types].every((type) => type === 'null' || wanted.includes(type))
}

function textConversion(sourceTypes: ReadonlySet<string> | undefined): Conversion {
  const numeric = only(sourceTypes, 'number', 'integer')
  return {
    convert(value, run) {
      if (typeof value === 'string') return value
      return typeof value === 'number' && Number.isFinite(value) ? String(value) : toJsonText(value, run)
    },
    inverse: only(sourceTypes, 'string')
      ? (value) => value
      : numeric
        ? (value) => (typeof value === 'string' ? (numberOf(value) ?? undefined) : undefined)
        : 'whether the source has text or another type is not known',
  }
}

function numberConversion(factor: number, sourceTypes: ReadonlySet<string> | undefined): Conversion {
  const back = (value: unknown): number | undefined => (typeof value === 'number' ? value / factor : undefined)
  return {
    convert(value) {
      const number = typeof value === 'string' ? numberOf(value) : typeOf(value) === 'number' ? Number(value) : null
      return number === null || !Number.isFinite(number * factor) ? undefined : number * factor
    },
    inverse: only(sourceTypes, 'number', 'integer')
      ? back
      : only(sourceTypes, 'string')
        ? (value) => (typeof value === 'number' ? String(back(value)) : undefined)
        : 'whether the source has a number or its text is not known',
  }
}

const usual = { true: [true, 'true', 1, '1'], false: [false, 'false', 0, '0'] } as const

function booleanConversion(
  rule: NonNullable<ValueRule['boolean']>,
  sourceTypes: ReadonlySet<string> | undefined,
): Conversion {
  const { true: yes, false: no } = rule === true ? usual : rule
  const [truths, lies] = [new Set<unknown>(yes), new Set<unknown>(no)]
  const back = rule === true && only(sourceTypes, 'boolean') ? [true, false] : [yes[0], no[0]]
  const known = yes.length === 1 && no.length === 1 ? true : rule === true && only(sourceTypes, 'boolean')
  return {
    convert: (value) => (truths.has(value) ? true : lies.has(value) ? false : undefined),
    inverse: known
      ? (value) => (typeof value === 'boolean' ? back[value ? 0 : 1] : undefined)
      : 'several values of the source mean yes or no',
  }
}

const perUnit = { s: 1000, ms: 1 } as const

function dateConversion(
  { unit, to = 'iso', zone }: DateRule['date'],
  sourceTypes: ReadonlySet<string> | undefined,
): Conversion {
  const read = (value: unknown, from: typeof unit): number | undefined => {
    if (from === 'iso') return typeof value === 'string' ? parseTime(value, zone) : undefined
    const number = typeof value === 'string' ? numberOf(value) : typeOf(value) === 'number' ? Number(value) : null
    return number === null ? undefined : Math.round(number * perUnit[from])
  }
  const write = (milliseconds: number | undefined, into: typeof unit): unknown => {
    if (milliseconds === undefined) return undefined
    return into === 'iso' ? formatTime(milliseconds) : Math.floor(milliseconds / perUnit[into])
  }
  const asText = unit !== 'iso' && only(sourceTypes, 'string')
  return {
    convert: (value) => write(read(value, unit), to),
    inverse(value) {
      const source = write(read(value, to), unit)
      return asText && source !== undefined ? String(source) : source
    },
  }
}

export interface Table {
  /** Undefined: the table has no such value. */
  readonly find: (value: unknown) => unknown
  readonly inverse: Conversion['inverse']
}

export function tableOf({ table, ignoreCase = false }: TableRule, sourceTypes: ReadonlySet<string> | undefined): Table {
  const fold = (key: string): string => (ignoreCase ? lowerAscii(key) : key)
  const entries = new Map<string, unknown>()
  const back = new Map<unknown, string>()
  let doubled = false
  for (const [key, value] of Object.entries(table)) {
    entries.set(fold(key), value)
    doubled ||= back.has(value) || (typeof value === 'object' && value !== null)
    back.set(value, key)
  }
  const numeric = only(sourceTypes, 'number', 'integer')
  return {
    find(value) {
      const type = typeof value
      if (type === 'string') return entries.get(fold(value as string))
      return type === 'number' || type === 'boolean' ? entries.get(String(value)) : undefined
    },
    inverse: doubled ? 'several values of the source become the same' : (value) => known(back, value, numeric),
  }
}

function known(back: ReadonlyMap<unknown, string>, value: unknown, numeric: boolean): unknown {
  const key = back.get(value)
  return key === undefined || !numeric ? key : (numberOf(key) ?? undefined)
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (part) => part.toLowerCase())
}
