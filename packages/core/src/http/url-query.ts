import { Fault } from '../errors.ts'
import { encodeText } from './path.ts'

/**
 * How a vendor writes several values under one name (OpenAPI 3.1 `style` and `explode`): `repeat` a=1&a=2, `comma` a=1,2, `space`
 * a=1%202, `pipe` a=1|2, `bracket` a[]=1&a[]=2, `index` a[0]=1&a[1]=2.
 */
export type ArrayStyle = 'repeat' | 'comma' | 'space' | 'pipe' | 'bracket' | 'index'

export type QueryScalar = string | number | bigint | boolean | Date
/** Undefined values are left out. Dates are written as ISO 8601. */
export type QueryValue = QueryScalar | readonly QueryScalar[] | undefined
export type Query = Readonly<Record<string, QueryValue>>

/** One style for all names, or by name with `*` for the others. */
export type ArrayStyles = ArrayStyle | Readonly<Record<string, ArrayStyle>>

const separators = { comma: ',', space: '%20', pipe: '%7C' } as const

/**
 * The query without its question mark; empty when there is nothing to say.
 * @throws Fault `invalid-input` naming the key, for numbers that are not finite, invalid dates, lone surrogates and nested objects.
 */
export function queryString(query: Query, styles: ArrayStyles = 'repeat'): string {
  let text = ''
  for (const name in query) {
    if (!Object.hasOwn(query, name)) continue
    const value = query[name]
    if (value === undefined || value === null) continue
    const part = Array.isArray(value)
      ? several(name, value as readonly QueryScalar[], styleOf(styles, name))
      : `${key(name)}=${scalar(name, value as QueryScalar)}`
    if (part !== '') text = text === '' ? part : `${text}&${part}`
  }
  return text
}

function styleOf(styles: ArrayStyles, name: string): ArrayStyle {
  if (typeof styles === 'string') return styles
  return (Object.hasOwn(styles, name) ? styles[name] : styles['*']) ?? 'repeat'
}

function several(name: string, values: readonly QueryScalar[], style: ArrayStyle): string {
  const encoded = values.filter((value) => value !== undefined && value !== null).map((value) => scalar(name, value))
  if (encoded.length === 0) return ''
  switch (style) {
    case 'repeat':
      return encoded.map((value) => `${key(name)}=${value}`).join('&')
    case 'bracket':
      return encoded.map((value) => `${key(name)}[]=${value}`).join('&')
    case 'index':
      return encoded.map((value, index) => `${key(name)}[${index}]=${value}`).join('&')
    default:
      return `${key(name)}=${encoded.join(separators[style])}`
  }
}

function key(name: string): string {
  if (!name.isWellFormed()) throw refuse(name, 'has a lone surrogate in its name')
  return plainKey.test(name) ? name : encodeText(name)
}

// Vendors write filter[name] and $top; both are sent as they are.
const plainKey = /^[A-Za-z0-9._~$[\]-]+$/

function scalar(name: string, value: QueryScalar): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw refuse(name, 'has a lone surrogate, which no encoding can carry')
      return encodeText(value)
    case 'number':
      if (!Number.isFinite(value)) throw refuse(name, 'is not a finite number')
      return encodeText(String(value))
    case 'bigint':
    case 'boolean':
      return String(value)
  }
  if (!(value instanceof Date)) throw refuse(name, 'is neither text, number, boolean nor date')
  if (Number.isNaN(value.getTime())) throw refuse(name, 'is an invalid date')
  return encodeText(value.toISOString())
}

function refuse(name: string, why: string): Fault {
  const shown = name.toWellFormed().slice(0, 80)
  return new Fault({ kind: 'invalid-input', code: 'query', sent: 'none', message: `the query value ${shown} ${why}` })
}
