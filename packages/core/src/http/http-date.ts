const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const longDay = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)'
const time = '(\\d{2}):(\\d{2}):(\\d{2})'
const fixed = new RegExp(`^${day}, (\\d{2}) ([A-Z][a-z]{2}) (\\d{4}) ${time} GMT$`)
const rfc850 = new RegExp(`^${longDay}, (\\d{2})-([A-Z][a-z]{2})-(\\d{2}) ${time} GMT$`)
const asctime = new RegExp(`^${day} ([A-Z][a-z]{2}) ([ \\d]\\d) ${time} (\\d{4})$`)
const iso =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})$/

/**
 * Milliseconds since 1970 of an HTTP date in any of its three forms (RFC 9110 section 5.6.7). `now` decides the century of the
 * two-digit years. Undefined for anything else: `Date.parse` takes far too much for a date.
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const modern = fixed.exec(text)
  if (modern !== null) return stamp(modern[3], modern[2], modern[1], modern, 4)
  const old = rfc850.exec(text)
  if (old !== null) {
    const century = Math.floor(new Date(now).getUTCFullYear() / 100) * 100
    const year = century + Number(old[3])
    // More than 50 years ahead means the most recent past year with these digits.
    const meant = year > new Date(now).getUTCFullYear() + 50 ? year - 100 : year
    return stamp(String(meant), old[2], old[1], old, 4)
  }
  const classic = asctime.exec(text)
  return classic === null ? undefined : stamp(classic[6], classic[1], classic[2], classic, 3)
}

/** Milliseconds since 1970 of an ISO 8601 / RFC 3339 instant with a zone. Undefined for anything else. */
export function parseIsoDate(text: string): number | undefined {
  if (!iso.test(text)) return undefined
  const ms = Date.parse(text.replace(' ', 'T').toUpperCase())
  return Number.isNaN(ms) ? undefined : ms
}

function stamp(
  year: string | undefined,
  month: string | undefined,
  dayOfMonth: string | undefined,
  match: RegExpExecArray,
  timeAt: number,
): number | undefined {
  const index = months.indexOf(month ?? '')
  const [hours, minutes, seconds] = [match[timeAt], match[timeAt + 1], match[timeAt + 2]].map(Number) as [
    number,
    number,
    number,
  ]
  const date = Number(dayOfMonth)
  // A leap second (60) is read as the next second.
  if (index === -1 || hours > 23 || minutes > 59 || seconds > 60 || date < 1) return undefined
  const midnight = new Date(0)
  midnight.setUTCFullYear(Number(year), index, date)
  // The 31st of a short month would silently become the 1st of the next.
  if (midnight.getUTCDate() !== date) return undefined
  return midnight.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1000
}
