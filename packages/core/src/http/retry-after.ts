import { parseHttpDate, parseIsoDate } from './http-date.ts'

/**
 * How a vendor writes a point or a span of time. `auto` tells them apart: a date by its form, a number from 1e11 on is epoch
 * milliseconds, from 1e9 on epoch seconds, below a number of seconds.
 */
export type TimeUnit = 'auto' | 's' | 'ms' | 'epoch-s' | 'epoch-ms' | 'date'

/** From here on a number of seconds can only be a date (2001-09-09). */
const leastEpochSeconds = 1e9
const leastEpochMs = 1e11
/** The end of the year 9999: no vendor means a later one. */
const lastEpochMs = 253_402_300_800_000

const plainNumber = /^\d{1,18}(?:\.\d{1,9})?$/
const spanPattern =
  /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,8}(?:\.\d{1,9})?)s)?(?:(\d{1,10}(?:\.\d{1,9})?)ms)?$/

/**
 * Milliseconds from now that a header's text stands for; undefined for garbage and for times that have passed. `now` is the wall clock
 * by which dates are read: the sender's own, where its Date header told it, so that a wrong clock on either side does not matter.
 */
export function parseWait(text: string, unit: TimeUnit, now: () => number): number | undefined {
  const trimmed = text.trim()
  if (plainNumber.test(trimmed)) return fromNumber(Number(trimmed), unit, now)
  if (unit !== 'auto' && unit !== 'date') return undefined
  const base = now()
  const date = parseHttpDate(trimmed, base) ?? parseIsoDate(trimmed)
  if (date !== undefined) return ahead(date - base)
  return unit === 'auto' ? fromSpan(trimmed) : undefined
}

function fromNumber(value: number, unit: TimeUnit, now: () => number): number | undefined {
  switch (unit) {
    case 's':
      return seconds(value)
    case 'ms':
      return value < lastEpochMs ? value : undefined
    case 'epoch-s':
      return epoch(value * 1000, now)
    case 'epoch-ms':
      return epoch(value, now)
    case 'auto':
      if (value >= leastEpochMs) return epoch(value, now)
      return value >= leastEpochSeconds ? epoch(value * 1000, now) : seconds(value)
    case 'date':
      return undefined
  }
}

function seconds(value: number): number | undefined {
  const ms = value * 1000
  return ms < lastEpochMs ? ms : undefined
}

function epoch(ms: number, now: () => number): number | undefined {
  return ms < lastEpochMs ? ahead(ms - now()) : undefined
}

function ahead(ms: number): number | undefined {
  return ms >= 0 ? ms : undefined
}

/** Spans as `1h6m0s`, `1.5s`, `20ms`. */
function fromSpan(text: string): number | undefined {
  if (text === '') return undefined
  const match = spanPattern.exec(text)
  if (match === null) return undefined
  const [days, hours, minutes, secs, ms] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  return (((days * 24 + hours) * 60 + minutes) * 60 + secs) * 1000 + ms
}
