import { offsetMinutes } from '../expression/time.ts'
import { isObject } from '../expression/values.ts'
import type { CompileContext } from './compile-context.ts'

type Kind = 'constant' | 'table' | 'date' | 'object' | 'list' | 'value'

/** The keys that a rule may have, by what makes it that rule. */
const keys: Readonly<Record<Kind, readonly string[]>> = {
  constant: ['constant'],
  table: ['table', 'from', 'default', 'unknown', 'ignoreCase'],
  date: ['date', 'from', 'default'],
  object: ['object', 'from'],
  list: ['list'],
  value: ['from', 'default', 'text', 'number', 'boolean'],
}

export function kindOf(rule: Readonly<Record<string, unknown>>): Kind {
  return (['constant', 'table', 'date', 'object', 'list'] as const).find((kind) => Object.hasOwn(rule, kind)) ?? 'value'
}

/** The closed world of rules: another key, or a key of another shape, is an issue. */
export function checkRule(
  context: CompileContext,
  rule: unknown,
  path: string,
): rule is Readonly<Record<string, unknown>> {
  if (!isObject(rule)) {
    context.issue(path, 'must be a path or expression, or a rule such as { "from": "state", "table": { ... } }')
    return false
  }
  const before = context.issues.length
  const kind = kindOf(rule)
  checkKeys(context, rule, keys[kind], path)
  switch (kind) {
    case 'table':
      if (!isObject(rule.table))
        context.issue(`${path}.table`, 'must be an object: value of the source to value of the model')
      checkUnknown(context, rule.unknown, `${path}.unknown`)
      checkFlag(context, rule.ignoreCase, [true, false], `${path}.ignoreCase`)
      break
    case 'date':
      checkDate(context, rule.date, `${path}.date`)
      break
    case 'list':
      if (!isObject(rule.list)) context.issue(`${path}.list`, 'must be { "from": ..., "each": ... }')
      else checkKeys(context, rule.list, ['from', 'each'], `${path}.list`)
      break
    case 'value':
      checkConversion(context, rule, path)
      break
  }
  return context.issues.length === before
}

export function checkKeys(
  context: CompileContext,
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: string,
): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key))
      context.issue(path === '' ? key : `${path}.${key}`, `is not known here; use ${known.join(', ')}`)
  }
}

function checkUnknown(context: CompileContext, unknown: unknown, path: string): void {
  if (isObject(unknown)) {
    checkKeys(context, unknown, ['keep'], path)
    if (typeof unknown.keep === 'string') return
  } else if (unknown === undefined || unknown === 'default' || unknown === 'error') return
  context.issue(path, 'must be "default", "error" or { "keep": "field" }')
}

function checkDate(context: CompileContext, date: unknown, path: string): void {
  if (!isObject(date)) {
    context.issue(path, 'must be { "unit": "s" | "ms" | "iso" }')
    return
  }
  checkKeys(context, date, ['unit', 'to', 'zone'], path)
  const units: readonly unknown[] = ['s', 'ms', 'iso']
  if (!units.includes(date.unit)) context.issue(`${path}.unit`, 'must be "s", "ms" or "iso"')
  if (date.to !== undefined && !units.includes(date.to)) context.issue(`${path}.to`, 'must be "s", "ms" or "iso"')
  if (date.zone !== undefined && (typeof date.zone !== 'string' || offsetMinutes(date.zone) === undefined)) {
    context.issue(`${path}.zone`, 'must be an offset such as "Z" or "+02:00"')
  }
}

function checkConversion(context: CompileContext, rule: Readonly<Record<string, unknown>>, path: string): void {
  const named = ['text', 'number', 'boolean'].filter((key) => rule[key] !== undefined)
  if (named.length > 1) context.issue(path, `cannot be ${named.join(' and ')} at once`)
  checkFlag(context, rule.text, [true], `${path}.text`)
  const { number, boolean } = rule
  if (isObject(number)) {
    checkKeys(context, number, ['multiply'], `${path}.number`)
    const { multiply } = number
    if (typeof multiply !== 'number' || !Number.isFinite(multiply) || multiply === 0) {
      context.issue(`${path}.number.multiply`, 'must be a number other than 0')
    }
  } else checkFlag(context, number, [true], `${path}.number`)
  if (isObject(boolean)) {
    checkKeys(context, boolean, ['true', 'false'], `${path}.boolean`)
    for (const key of ['true', 'false']) {
      if (!Array.isArray(boolean[key])) context.issue(`${path}.boolean.${key}`, 'must be a list of values')
    }
  } else checkFlag(context, boolean, [true], `${path}.boolean`)
}

function checkFlag(context: CompileContext, value: unknown, allowed: readonly boolean[], path: string): void {
  if (value !== undefined && !allowed.includes(value as boolean))
    context.issue(path, `must be ${allowed.join(' or ')}, or left out`)
}
