/** Formats (JSON Schema Validation 2020-12, 7.3) that inputs are checked for; every other name is an annotation. */
export const formatChecks: ReadonlyMap<string, (text: string) => boolean> = new Map(
  Object.entries({
    'date-time': isDateTime,
    date: isDate,
    time: isTime,
    duration: (text: string) =>
      /^P(?:\d+W|(?=\d|T\d)(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?(?:T(?=\d)(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)$/.test(
        text,
      ),
    email: isEmail,
    hostname: isHostname,
    ipv4: isIpv4,
    ipv6: isIpv6,
    uri: isUri,
    uuid: (text: string) => /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(text),
    'json-pointer': (text: string) => /^(?:\/(?:[^~/]|~[01])*)*$/u.test(text),
    byte: isBase64,
    base64: isBase64,
  }),
)

/** What the format looks like, for messages. */
export const formatExamples: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'date-time': 'RFC 3339 with a zone, as in 2026-01-31T09:30:00Z',
    date: 'RFC 3339, as in 2026-01-31',
    time: 'RFC 3339 with a zone, as in 09:30:00Z',
    duration: 'ISO 8601, as in P1DT12H',
    email: 'as in name@example.com',
    hostname: 'as in api.example.com',
    ipv4: 'as in 192.0.2.1',
    ipv6: 'as in 2001:db8::1',
    uri: 'absolute, as in https://example.com/path',
    uuid: 'as in 2f1f5a44-8a4f-4f0e-9f0a-0d5f6a7b8c9d',
    'json-pointer': 'RFC 6901, as in /items/0/id',
    byte: 'base64 with padding',
    base64: 'base64 with padding',
  }),
)

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

// Dates are the commonest format by far: read digit by digit they take a tenth of the time of a regular expression.

/** The digits from `start` to `end`; NaN when one of them is none. */
function digits(text: string, start: number, end: number): number {
  let value = 0
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function isDate(text: string): boolean {
  return text.length === 10 && startsWithDate(text)
}

function startsWithDate(text: string): boolean {
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  if (text[4] !== '-' || text[7] !== '-' || !(year >= 0 && month >= 1 && month <= 12 && day >= 1)) return false
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (month === 2 && leap ? 29 : (monthDays[month - 1] ?? 0))
}

function isTime(text: string): boolean {
  return isTimeAt(text, 0)
}

function isDateTime(text: string): boolean {
  return startsWithDate(text) && (text[10] === 'T' || text[10] === 't') && isTimeAt(text, 11)
}

/** RFC 3339 full-time. Second 60 is a leap second, which exists at 23:59:60 UTC alone. */
function isTimeAt(text: string, start: number): boolean {
  const hour = digits(text, start, start + 2)
  const minute = digits(text, start + 3, start + 5)
  const second = digits(text, start + 6, start + 8)
  if (text[start + 2] !== ':' || text[start + 5] !== ':' || !(hour <= 23 && minute <= 59 && second <= 60)) return false
  let zone = start + 8
  if (text[zone] === '.') {
    zone++
    while (digits(text, zone, zone + 1) >= 0) zone++
    if (zone === start + 9) return false
  }
  const offset = zoneOffset(text, zone)
  if (second < 60 || offset === undefined) return offset !== undefined
  return (hour * 60 + minute - offset + 2880) % 1440 === 1439
}

/** Minutes ahead of UTC of the zone that ends the text. */
function zoneOffset(text: string, start: number): number | undefined {
  const sign = text[start]
  if (sign === 'Z' || sign === 'z') return text.length === start + 1 ? 0 : undefined
  const hour = digits(text, start + 1, start + 3)
  const minute = digits(text, start + 4, start + 6)
  if ((sign !== '+' && sign !== '-') || text[start + 3] !== ':' || text.length !== start + 6) return undefined
  if (!(hour <= 23 && minute <= 59)) return undefined
  return (sign === '-' ? -1 : 1) * (hour * 60 + minute)
}

/** The addresses that systems take in practice: a dot-atom of ASCII or UTF-8 (RFC 5321, 6531) and a host name. No quoted local parts. */
function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  return (
    at > 0 &&
    at <= 64 &&
    /^[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+(?:\.[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+)*$/u.test(local) &&
    isHostname(text.slice(at + 1))
  )
}

/** RFC 1123: labels of letters, digits and hyphens, 253 characters in all. */
function isHostname(text: string): boolean {
  return text.length <= 253 && /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i.test(text)
}

function isIpv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text)
}

function isIpv6(text: string): boolean {
  if (text.length > 45 || !/^[\da-f:.]+$/i.test(text)) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1)
  const mapped = last?.includes('.') === true && !text.endsWith('::')
  if (mapped && !isIpv4(groups.pop() as string)) return false
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return false
  const count = groups.length + (mapped ? 2 : 0)
  return halves.length === 2 ? count <= 7 : count === 8
}

/** RFC 3986 with a scheme. Stricter than the URL parser, which repairs what it can. */
function isUri(text: string): boolean {
  if (
    !/^[a-z][a-z\d+.-]*:(?:[\w.~:/?[\]@!$&'()*+,;=-]|%[\da-f]{2})*(?:#(?:[\w.~:/?@!$&'()*+,;=-]|%[\da-f]{2})*)?$/i.test(
      text,
    )
  )
    return false
  return /^https?:/i.test(text) ? /^https?:\/\/[^/?#]/i.test(text) && URL.canParse(text) : true
}

/** RFC 4648, section 4: the padded form. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z\d+/]*={0,2}$/.test(text)
}
