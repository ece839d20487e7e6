import { isLocalName, splitName } from '../xml/names.ts'
import { isXmlText } from '../xml/serialize-xml.ts'
import type { Prefixes } from './any-xml.ts'
import { builtinOf } from './builtin-types.ts'
import { isHex, readBase64, readFloat, WrongText, withinRange } from './read-simple.ts'
import type { AtomicShape, SimpleShape } from './simple-shape.ts'

/** The text of a value; a {@link WrongText} with the remedy when the value does not fit. */
export function writeSimple(shape: SimpleShape, value: unknown, prefixes: Prefixes): string | WrongText {
  if (shape.variety === 'atomic') return listed(shape, writeAtomic(shape, value, prefixes))
  if (shape.variety === 'union') {
    const texts = shape.members.map((member) => writeSimple(member, value, prefixes))
    return texts.find((text) => typeof text === 'string') ?? texts[0] ?? new WrongText('has no type that could hold it')
  }
  if (!Array.isArray(value)) return new WrongText('must be a list')
  const items: string[] = []
  for (const item of value) {
    const text = writeSimple(shape.item, item, prefixes)
    if (text instanceof WrongText) return text
    if (text === '' || /\s/.test(text)) return new WrongText('must not hold blanks in its items: they part them')
    items.push(text)
  }
  return items.join(' ')
}

function listed({ enumeration }: AtomicShape, text: string | WrongText): string | WrongText {
  if (enumeration === undefined || text instanceof WrongText || enumeration.has(text)) return text
  const shown = [...enumeration].slice(0, 12).join(', ')
  return new WrongText(`must be one of ${shown}${enumeration.size > 12 ? ' ...' : ''}`)
}

function writeAtomic({ builtin, kind }: AtomicShape, value: unknown, prefixes: Prefixes): string | WrongText {
  switch (kind) {
    case 'boolean':
      if (typeof value === 'boolean') return String(value)
      return value === 'true' || value === 'false' ? value : new WrongText('must be true or false')
    case 'number':
    case 'exact':
      return writeNumber(builtin, value)
    case 'float':
      return writeFloat(builtin, value)
    case 'base64':
    case 'hex':
      return writeBytes(kind, value)
    case 'qname':
      return writeName(value, prefixes)
    default:
      return writeText(builtin, value)
  }
}

function writeText(builtin: string, value: unknown): string | WrongText {
  const { form } = builtinOf(builtin)
  if (value instanceof Date && (builtin === 'dateTime' || builtin === 'dateTimeStamp'))
    return Number.isNaN(value.getTime()) ? new WrongText('is an invalid Date') : value.toISOString()
  if (value instanceof Date)
    return new WrongText(`must be text, such as ${example(builtin)}: a Date does not tell which day it is where`)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return form === undefined ? String(value) : new WrongText(`must be text, such as ${example(builtin)}`)
  }
  if (typeof value !== 'string') return new WrongText('must be text')
  if (!isXmlText(value)) return new WrongText('holds a control character, which XML cannot carry')
  if (form !== undefined && !form.test(value)) return new WrongText(`must be a ${builtin}, such as ${example(builtin)}`)
  return value
}

function writeNumber(builtin: string, value: unknown): string | WrongText {
  const { form, least, most } = builtinOf(builtin)
  const whole = builtin !== 'decimal'
  if (typeof value === 'number' && !(whole ? Number.isSafeInteger(value) : Number.isFinite(value)))
    return new WrongText(`must be a ${builtin}: pass numbers beyond 2^53 as text or bigint`)
  if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'string')
    return new WrongText(`must be a number (${builtin})`)
  const text = typeof value === 'number' && !whole ? plainDecimal(value) : String(value)
  if (form !== undefined && !form.test(text)) return new WrongText(`must be a ${builtin}`)
  if (!withinRange(builtin, text))
    return new WrongText(`must be from ${least ?? 'anything'} to ${most ?? 'anything'} (${builtin})`)
  return text
}

/** `xs:decimal` knows no exponent. */
function plainDecimal(value: number): string {
  const text = String(value)
  const [, sign = '', whole = '', fraction = '', power = ''] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? []
  if (whole === '') return text
  const shift = Number(power)
  const digits = whole + fraction
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${digits}`
  return `${sign}${digits}${'0'.repeat(shift - fraction.length)}`
}

function writeFloat(builtin: string, value: unknown): string | WrongText {
  const number = typeof value === 'string' ? readFloat(value) : value
  if (typeof number !== 'number') return new WrongText(`must be a number (${builtin})`)
  if (typeof value === 'string') return value
  if (Number.isNaN(number)) return 'NaN'
  if (Number.isFinite(number)) return String(number).replace('e+', 'E').replace('e', 'E')
  return number > 0 ? 'INF' : '-INF'
}

function writeBytes(kind: 'base64' | 'hex', value: unknown): string | WrongText {
  const encoding = kind === 'base64' ? 'base64' : 'hex'
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString(encoding)
  const fits = typeof value === 'string' && (kind === 'base64' ? readBase64(value) !== undefined : isHex(value))
  return fits ? value : new WrongText(`must be bytes (a Uint8Array), or text in ${encoding}`)
}

function writeName(value: unknown, prefixes: Prefixes): string | WrongText {
  const { uri, local } = splitName(typeof value === 'string' ? value : '')
  if (!isLocalName(local) || !isXmlText(uri)) return new WrongText('must be a name such as "{urn:example}local"')
  const prefix = prefixes.prefixOf(uri)
  return prefix === '' ? local : `${prefix}:${local}`
}

const examples: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  dateTime: '2026-01-31T09:30:00Z',
  dateTimeStamp: '2026-01-31T09:30:00Z',
  time: '09:30:00',
  duration: 'P1DT12H',
  dayTimeDuration: 'P1DT12H',
  yearMonthDuration: 'P1Y2M',
  gYear: '2026',
  gYearMonth: '2026-01',
  gMonthDay: '--01-31',
  gMonth: '--01',
  gDay: '---31',
}

function example(builtin: string): string {
  return examples[builtin] ?? 'text'
}
