import type { FieldSchema } from './field-schema.ts'
import { formatChecks } from './formats.ts'
import { safePattern } from './pattern.ts'
import { samplePattern } from './sample-pattern.ts'
import { fillText, sampleFormat, sampleNamed, type TextContext } from './sample-text.ts'

/** A text for the string keywords; undefined when none was found. */
export function sampleString(schema: FieldSchema, name: string, context: TextContext): string | undefined {
  const { format, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema
  const pattern = schema.pattern === undefined ? undefined : safePattern(schema.pattern)
  const holds = format === undefined ? undefined : formatChecks.get(format)
  const fits = (text: string): boolean => {
    const { length } = [...text]
    return length >= minLength && length <= maxLength && pattern?.test(text) !== false && holds?.(text) !== false
  }
  for (let round = 0; round < 60; round++) {
    const text = candidate(round)
    if (text !== undefined && fits(text)) return text
  }
  return undefined

  function candidate(round: number): string | undefined {
    const formatted = format === undefined ? undefined : sampleFormat(format, context)
    // A format and a pattern may both be given: either can be the narrower one.
    if (formatted !== undefined && (pattern === undefined || round % 2 === 0)) return formatted
    if (pattern === undefined) {
      const text = fillText(sampleNamed(name, context), minLength, context.draws)
      return [...text].slice(0, Math.min(maxLength, 10_000)).join('')
    }
    const text = samplePattern(pattern.alternatives, context.draws, round < 30 ? 4 + round : minLength)
    return [...text].length < minLength && pattern.test(fillText(text, minLength, context.draws))
      ? fillText(text, minLength, context.draws)
      : text
  }
}

/** A number for the numeric keywords; undefined when there is none. */
export function sampleNumber(schema: FieldSchema, whole: boolean, context: TextContext): number | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  const step = multipleOf ?? (whole ? 1 : undefined)
  const low = Math.max(minimum ?? Number.NEGATIVE_INFINITY, exclusiveMinimum ?? Number.NEGATIVE_INFINITY)
  const high = Math.min(maximum ?? Number.POSITIVE_INFINITY, exclusiveMaximum ?? Number.POSITIVE_INFINITY)
  const from = Number.isFinite(low) ? low : Number.isFinite(high) ? high - 1000 * (step ?? 1) : 0
  const to = Number.isFinite(high) ? high : from + 1000 * (step ?? 1)
  const inside = (value: number): boolean =>
    value >= low &&
    value <= high &&
    value !== exclusiveMinimum &&
    value !== exclusiveMaximum &&
    (!whole || Number.isInteger(value))
  for (let round = 0; round < 40; round++) {
    const raw = round < 20 ? context.draws.between(from, to) : round % 2 === 0 ? from : to
    const value = step === undefined ? (round < 10 ? Number(raw.toFixed(2)) : raw) : stepNear(raw, step, round)
    if (inside(value)) return value
  }
  return undefined
}

/** A multiple beside `raw`, written with as many decimals as the step has. */
function stepNear(raw: number, step: number, round: number): number {
  const count = [Math.floor, Math.ceil, Math.round][round % 3]?.(raw / step) ?? 0
  const decimals = String(step).split('.')[1]?.length ?? 0
  return decimals === 0 ? count * step : Number((count * step).toFixed(decimals))
}
