import { expandedName } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import { builtinOf } from './builtin-types.ts'
import type { AtomicShape, SimpleShape } from './simple-shape.ts'

/** A text that is no value of its type; the reason names the type and never repeats the text. */
export class WrongText {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** The value of a text. `at` is where it stands, for prefixes. */
export function readSimple(shape: SimpleShape, text: string, at: XmlElement): unknown {
  if (shape.variety === 'atomic') return readAtomic(shape, text, at)
  if (shape.variety === 'list') {
    const items = text.trim() === '' ? [] : text.trim().split(/\s+/)
    const values: unknown[] = []
    for (const item of items) {
      const value = readSimple(shape.item, item, at)
      if (value instanceof WrongText) return value
      values.push(value)
    }
    return values
  }
  for (const member of shape.members) {
    const value = readSimple(member, text, at)
    const listed =
      member.variety !== 'atomic' || member.enumeration === undefined || member.enumeration.has(text.trim())
    if (!(value instanceof WrongText) && listed) return value
  }
  // A value that a later version of the service has added to one of the lists.
  return shape.members.length === 0 || shape.members.some(isText) ? text : new WrongText('is of none of the types')
}

function isText(shape: SimpleShape): boolean {
  return shape.variety === 'atomic' && shape.kind === 'text'
}

function readAtomic({ builtin, kind, keepsSpace }: AtomicShape, raw: string, at: XmlElement): unknown {
  const text = keepsSpace ? raw : raw.trim()
  switch (kind) {
    case 'text': {
      const { form } = builtinOf(builtin)
      return form === undefined || form.test(text) ? text : new WrongText(`is no ${builtin}`)
    }
    case 'boolean':
      if (text === 'true' || text === '1') return true
      return text === 'false' || text === '0' ? false : new WrongText('is no boolean')
    case 'number':
    case 'exact':
      return readNumber(builtin, kind, text)
    case 'float':
      return readFloat(text) ?? new WrongText(`is no ${builtin}`)
    case 'base64':
      return readBase64(text) ?? new WrongText('is no base64Binary')
    case 'hex':
      return isHex(text) ? new Uint8Array(Buffer.from(text, 'hex')) : new WrongText('is no hexBinary')
    case 'qname': {
      const colon = text.indexOf(':')
      const uri = at.namespaceOf(colon === -1 ? '' : text.slice(0, colon))
      return uri === undefined ? new WrongText('is no QName') : expandedName(uri, text.slice(colon + 1))
    }
    case 'any':
      return text
  }
}

function readNumber(builtin: string, kind: 'number' | 'exact', text: string): unknown {
  const { form } = builtinOf(builtin)
  if (form !== undefined && !form.test(text)) return new WrongText(`is no ${builtin}`)
  if (kind === 'exact') return text
  if (!withinRange(builtin, text)) return new WrongText(`is no ${builtin}`)
  return Number(text)
}

/** True for a whole number, in right form, within the bounds of its type. */
export function withinRange(builtin: string, text: string): boolean {
  const { least, most } = builtinOf(builtin)
  if (least === undefined && most === undefined) return true
  // BigInt's time grows with the square of the length; no bound has more digits than this, but zeros may stand in front.
  const plain = text.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1')
  if (plain.length > 400) return plain.startsWith('-') ? least === undefined : most === undefined
  const value = BigInt(plain)
  return (least === undefined || value >= least) && (most === undefined || value <= most)
}

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

export function readFloat(text: string): number | undefined {
  if (text === 'INF' || text === '+INF') return Number.POSITIVE_INFINITY
  if (text === '-INF') return Number.NEGATIVE_INFINITY
  if (text === 'NaN') return Number.NaN
  return decimal.test(text) ? Number(text) : undefined
}

export function readBase64(text: string): Uint8Array | undefined {
  const plain = /\s/.test(text) ? text.replace(/\s+/g, '') : text
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) return undefined
  return new Uint8Array(Buffer.from(plain, 'base64'))
}

export function isHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9A-Fa-f]*$/.test(text)
}
