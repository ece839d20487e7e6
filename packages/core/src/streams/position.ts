/** A point in time as a vendor wrote it. */
export interface Position {
  /** As the vendor wrote it; what it gets back as a cursor. */
  readonly text: string
  /** Compares as text in the order of time, to any precision. */
  readonly key: string
  /** Milliseconds since 1970, fractions cut off. */
  readonly ms: number
  /** The step in which the text counts, in milliseconds: a day, a minute, a second, or a decimal part of one. At least 1. */
  readonly stepMs: number
}

const pattern = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2})(:\d{2})?(?:[.,](\d{1,12}))?([Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/

/** Reads an ISO 8601 date or time; one without a zone is taken as UTC. Undefined for anything else. */
export function parsePosition(text: string): Position | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, date, minutes = '00:00', seconds = ':00', fraction = '', zone = 'Z'] = match
  const whole = Date.parse(`${date}T${minutes}${seconds}${zoneOf(zone)}`)
  if (Number.isNaN(whole)) return undefined
  const digits = fraction.replace(/0+$/, '')
  const second = new Date(whole).toISOString()
  // Years outside of four digits would not compare as text.
  if (second.length !== 24) return undefined
  const key = second.slice(0, 19) + (digits === '' ? '' : `.${digits}`)
  return { text, key, ms: whole + Number(fraction.padEnd(3, '0').slice(0, 3)), stepMs: stepOf(match, digits) }
}

/** Noughts at the end do not count: many vendors write `.000` and mean seconds. */
function stepOf([, , minutes, seconds]: RegExpExecArray, digits: string): number {
  if (minutes === undefined) return 86_400_000
  if (seconds === undefined) return 60_000
  return 10 ** Math.max(0, 3 - digits.length)
}

function zoneOf(zone: string): string {
  if (zone === 'Z' || zone === 'z') return 'Z'
  if (zone.length === 3) return `${zone}:00`
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
}

/** The position of a moment of ours. */
export function positionAt(ms: number): Position {
  const text = new Date(Math.min(Math.max(ms, 0), 253_402_300_799_999)).toISOString()
  return parsePosition(text) as Position
}

/** The latest and the second-latest distinct position of some records. */
export interface TopTwo {
  readonly high: Position | undefined
  readonly second: Position | undefined
}

export const noPositions: TopTwo = { high: undefined, second: undefined }

export function withPosition(top: TopTwo, position: Position | undefined): TopTwo {
  const { high, second } = top
  if (position === undefined || position.key === high?.key) return top
  if (high === undefined || position.key > high.key) return { high: position, second: high }
  return second === undefined || position.key > second.key ? { high, second: position } : top
}
