/** Date, then time with optional seconds, fraction and offset, as in ISO 8601 and RFC 3339, and as vendors write it: a space for the T, `+0200`. */
const pattern =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)? ?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$/

const longest = 40

/**
 * Milliseconds since 1970 of a text in ISO 8601; finer fractions are cut. Undefined for what is no point in time: a date that does not exist,
 * and a text without an offset unless `zone` says which one is meant (`Z`, `+02:00`).
 */
export function parseTime(text: string, zone: string | undefined): number | undefined {
  const parts = text.length > longest ? null : pattern.exec(text)
  if (parts === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset = zone] = parts
  const shift = offset === undefined ? undefined : offsetMinutes(offset)
  if (shift === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3))
  date.setUTCHours(Number(hour), Number(minute) - shift, Number(second), milliseconds)
  return date.getTime()
}

/** Minutes east of UTC; undefined for what is no offset. */
export function offsetMinutes(offset: string): number | undefined {
  if (offset === 'Z' || offset === 'z') return 0
  const parts = /^([+-])([0-9]{2}):?([0-9]{2})?$/.exec(offset)
  if (parts === null) return undefined
  const [, sign, hours, minutes = '0'] = parts
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
