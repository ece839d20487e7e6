import { Fault } from '@patchbay/core'
import { type ClientRequest, type Paging, type Place, placeReader, placeWriter } from '@patchbay/core/http'
import type { PaginationEntry } from '../manifest-parts.ts'
import { noPosition, readPosition } from './position-text.ts'

type Windowed = Extract<PaginationEntry, { kind: 'time-window' }>

/**
 * One window of time after the other, from the beginning that the caller names to the moment at which the list was begun. Windows touch and
 * do not overlap.
 * @param start where the request carries the beginning, and the input that it comes from
 */
export function timeWindow(
  { from, to, format, windowMs }: Windowed,
  start: { readonly place: Place; readonly input: string },
): Paging {
  const readStart = placeReader(start.place)
  const json = start.place.json !== undefined
  const [fromPlace, toPlace]: [Place, Place] = json ? [{ json: from }, { json: to }] : [{ query: from }, { query: to }]
  const [writeFrom, writeTo] = [placeWriter(fromPlace), placeWriter(toPlace)]
  const [readFrom, readTo] = [placeReader(fromPlace), placeReader(toPlace)]
  const strange = start.place.query !== undefined && start.place.query !== from ? start.place.query : undefined
  const bounds = (request: ClientRequest, position: string | undefined, now: number) => {
    if (position === undefined) return { begin: startOf(readStart(request), start.input), end: now }
    const [begin, end] = readPosition(position, 2).map(Number) as [number, number]
    if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || begin > end) throw noPosition()
    return { begin, end }
  }
  return {
    request(base, position, clock) {
      const { begin, end } = bounds(base, position, clock.now())
      const written = writeTo(writeFrom(base, textOf(begin, format)), textOf(Math.min(begin + windowMs, end), format))
      if (strange === undefined || written.query === undefined) return written
      const { [strange]: _, ...query } = written.query
      return { ...written, query }
    },
    next({ request, position, clock }) {
      if (position !== undefined) {
        const { begin, end } = bounds(request, position, 0)
        return positionOf(begin + windowMs, end)
      }
      // What was asked for tells how far the first window went; it may have been cut at the present.
      const begin = readTime(readFrom(request), format)
      const reached = readTime(readTo(request), format)
      if (begin === undefined || reached === undefined || reached - begin < windowMs - roundedMs) return undefined
      return positionOf(reached, clock.now())
    },
  }
}

/** Times in whole seconds lose up to this much at each end. */
const roundedMs = 1000

function positionOf(begin: number, end: number): string | undefined {
  return begin >= end ? undefined : JSON.stringify([String(begin), String(Math.floor(end))])
}

function textOf(ms: number, format: Windowed['format']): string {
  if (format === 'iso') return new Date(ms).toISOString()
  return String(format === 'unix-s' ? Math.floor(ms / 1000) : Math.floor(ms))
}

function readTime(value: unknown, format: Windowed['format']): number | undefined {
  if (format === 'iso') {
    const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN
    return Number.isNaN(ms) ? undefined : ms
  }
  const number = Number(value ?? Number.NaN)
  return Number.isFinite(number) ? (format === 'unix-s' ? number * 1000 : number) : undefined
}

/** Whatever form the caller's beginning has. */
function startOf(value: unknown, input: string): number {
  if (value !== undefined) {
    const number = Number(value)
    if (Number.isFinite(number)) return number < 1e11 ? number * 1000 : number
    const ms = value instanceof Date ? value.getTime() : Date.parse(String(value))
    if (!Number.isNaN(ms)) return ms
  }
  const message = value === undefined ? 'is missing: this list is read in windows of time from there on' : 'is no time'
  throw new Fault({
    kind: 'invalid-input',
    sent: 'none',
    message: 'the input is not valid',
    issues: [{ path: input, message }],
  })
}
