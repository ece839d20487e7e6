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

const msPerDay = 86_400_000
const twoDigits = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))

/**
 * ISO 8601 in UTC with milliseconds; undefined outside the years 0 to 9999, which it writes with four digits. Faster than a `Date`, because
 * it is done for every date of every record.
 */
export function formatTime(milliseconds: number): string | undefined {
  if (!(milliseconds >= -62_167_219_200_000 && milliseconds <= 253_402_300_799_999)) return undefined
  const whole = Math.floor(milliseconds)
  const days = Math.floor(whole / msPerDay)
  const inDay = whole - days * msPerDay
  const seconds = Math.floor(inDay / 1000)
  const minutes = Math.floor(seconds / 60)
  const time = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}.${three(inDay % 1000)}`
  return `${dateOf(days)}T${time}Z`
}

/** Year, month and day of a number of days since 1970, in years that begin with March, so that leap days come last. */
function dateOf(days: number): string {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const march = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * march + 2) / 5) + 1
  const month = march < 10 ? march + 3 : march - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${two(Math.floor(year / 100))}${two(year % 100)}-${two(month)}-${two(day)}`
}

function two(number: number): string {
  return twoDigits[number] as string
}

function three(number: number): string {
  return `${Math.floor(number / 100)}${two(number % 100)}`
}
