import type { FieldSchema } from './field-schema.ts'
import { formatChecks, formatExamples } from './formats.ts'
import { kindOf, sameJson } from './json-value.ts'
import { isMultipleOf } from './multiple-of.ts'
import { safePattern } from './pattern.ts'
import { accept, type Check } from './validation-run.ts'
import { rulesCheck, type ValueRule } from './value-rules.ts'

/** The keywords for strings, applied to a value that is one. */
export function stringCheck(schema: FieldSchema, tolerant: boolean): Check {
  const { minLength, maxLength, pattern, format } = schema
  return rulesCheck(
    [
      minLength !== undefined && {
        keyword: 'minLength',
        holds: (text) => hasAtLeast(text as string, minLength),
        message: `must have at least ${minLength} ${minLength === 1 ? 'character' : 'characters'}`,
      },
      maxLength !== undefined && {
        keyword: 'maxLength',
        holds: (text) => !hasAtLeast(text as string, maxLength + 1),
        message: `must have at most ${maxLength} ${maxLength === 1 ? 'character' : 'characters'}`,
      },
      pattern !== undefined && patternRule(pattern),
      // Vendors' own dates and addresses are theirs to spell; readers of them parse with care.
      format !== undefined && !tolerant && formatRule(format),
    ],
    tolerant,
  )
}

function patternRule(source: string): ValueRule {
  const pattern = safePattern(source)
  return {
    keyword: 'pattern',
    holds: (text) => pattern.test(text as string),
    message: `must match the pattern ${source}`,
  }
}

function formatRule(format: string): ValueRule | undefined {
  const holds = formatChecks.get(format)
  if (holds === undefined) return undefined
  return {
    keyword: 'format',
    holds: (text) => holds(text as string),
    message: `must be a ${format}: ${formatExamples.get(format)}`,
  }
}

/** In code points; texts are only walked where the count of UTF-16 units does not decide. */
function hasAtLeast(text: string, least: number): boolean {
  if (text.length < least) return false
  if (text.length >= least * 2) return true
  let count = 0
  for (const _ of text) if (++count >= least) return true
  return count >= least
}

/** The keywords for numbers, applied to a value that is one. */
export function numberCheck(schema: FieldSchema, tolerant: boolean): Check {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  return rulesCheck(
    [
      minimum !== undefined && {
        keyword: 'minimum',
        holds: (value) => (value as number) >= minimum,
        message: `must be at least ${minimum}`,
      },
      maximum !== undefined && {
        keyword: 'maximum',
        holds: (value) => (value as number) <= maximum,
        message: `must be at most ${maximum}`,
      },
      exclusiveMinimum !== undefined && {
        keyword: 'exclusiveMinimum',
        holds: (value) => (value as number) > exclusiveMinimum,
        message: `must be above ${exclusiveMinimum}`,
      },
      exclusiveMaximum !== undefined && {
        keyword: 'exclusiveMaximum',
        holds: (value) => (value as number) < exclusiveMaximum,
        message: `must be below ${exclusiveMaximum}`,
      },
      multipleOf !== undefined && {
        keyword: 'multipleOf',
        holds: (value) => isMultipleOf(value as number, multipleOf),
        message: `must be a multiple of ${multipleOf}`,
      },
    ],
    tolerant,
  )
}

/** `const` and `enum`. An unknown `enum` value of a vendor is accepted when its type is among those of the known ones. */
export function valueCheck(schema: FieldSchema, tolerant: boolean): Check {
  const constant =
    Object.hasOwn(schema, 'const') && schema.const !== undefined ? listCheck([schema.const], false) : accept
  const listed = schema.enum === undefined ? accept : listCheck(schema.enum, tolerant)
  if (constant === accept || listed === accept) return constant === accept ? listed : constant
  return (value, run) => {
    constant(value, run)
    return listed(value, run)
  }
}

function listCheck(values: readonly unknown[], growing: boolean): Check {
  const plain = new Set(values.filter((value) => typeof value !== 'object' || value === null))
  const composed = values.filter((value) => typeof value === 'object' && value !== null)
  const kinds = new Set(values.map(kindOf))
  const shown = values.slice(0, 20).map((value) => JSON.stringify(value)?.slice(0, 80))
  const message = `must be ${values.length === 1 ? '' : 'one of '}${shown.join(', ')}${values.length > 20 ? ', …' : ''}`
  return (value, run) => {
    if (plain.has(value) || (composed.length > 0 && composed.some((one) => sameJson(one, value)))) return value
    if (!growing || !kinds.has(kindOf(value))) return run.refuse(message)
    if (run.observed) run.drift('enum', message)
    return value
  }
}
