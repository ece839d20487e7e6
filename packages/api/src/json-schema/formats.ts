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

const dateShape = /^(\d{4})-(\d\d)-(\d\d)$/
const timeShape = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[zZ]|([+-])(\d\d):(\d\d))$/
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isDate(text: string): boolean {
  const found = dateShape.exec(text)
  if (found === null) return false
  const year = Number(found[1])
  const month = Number(found[2])
  const day = Number(found[3])
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month >= 1 && month <= 12 && day >= 1 && day <= (month === 2 && leap ? 29 : (monthDays[month - 1] ?? 0))
}

/** RFC 3339 full-time. Second 60 is a leap second, which exists at 23:59:60 UTC alone. */
function isTime(text: string): boolean {
  const found = timeShape.exec(text)
  if (found === null) return false
  const [hour = 0, minute = 0, second = 0] = found.slice(1, 4).map(Number)
  const ahead = found[4] === '-' ? -1 : 1
  const zoneHour = Number(found[5] ?? 0)
  const zoneMinute = Number(found[6] ?? 0)
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return false
  if (second < 60) return true
  const utc = hour * 60 + minute - ahead * (zoneHour * 60 + zoneMinute)
  return ((utc % 1440) + 1440) % 1440 === 1439
}

function isDateTime(text: string): boolean {
  return /^.{10}[tT]/.test(text) && isDate(text.slice(0, 10)) && isTime(text.slice(11))
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
  if (!/^[a-z][a-z\d+.-]*:(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\da-f]{2})*$/i.test(text)) return false
  return /^https?:/i.test(text) ? /^https?:\/\/[^/?#]/i.test(text) && URL.canParse(text) : !/#.*#/.test(text)
}

/** RFC 4648, section 4: the padded form. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z\d+/]*={0,2}$/.test(text)
}
