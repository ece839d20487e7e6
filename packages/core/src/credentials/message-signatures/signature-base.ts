import type { HttpHeaders } from '../../http/transport.ts'
import {
  type InnerList,
  type Item,
  isInnerList,
  parseDictionary,
  serializeItem,
  serializeMember,
} from './structured-fields.ts'

/** A request whose parts a signature covers. */
export interface SignedRequest {
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly headers: HttpHeaders
}

/** A response, with the request that it answers for components marked `;req`. */
export interface SignedResponse {
  readonly status: number
  readonly headers: HttpHeaders
  readonly request?: SignedRequest | undefined
}

export type SignedMessage = SignedRequest | SignedResponse

/** Why a signature base cannot be made; no secret in it. */
export class BaseProblem extends Error {}

/**
 * The text that is signed.
 * @see https://www.rfc-editor.org/rfc/rfc9421#section-2.5
 */
export function signatureBase(message: SignedMessage, input: InnerList): Buffer {
  const seen = new Set<string>()
  const lines = input.items.map((item) => {
    const identifier = serializeItem(item)
    if (seen.has(identifier)) throw new BaseProblem(`the component ${identifier} is covered twice`)
    seen.add(identifier)
    const value = componentValue(message, item)
    if (/[\r\n]/.test(value)) throw new BaseProblem(`the component ${identifier} holds a line break`)
    return `${identifier}: ${value}`
  })
  return Buffer.from([...lines, `"@signature-params": ${serializeMember(input)}`].join('\n'), 'latin1')
}

function componentValue(message: SignedMessage, item: Item): string {
  if (item.bare.kind !== 'string') throw new BaseProblem('a component name is not a string')
  const name = item.bare.text
  const { parameters } = item
  for (const parameter of parameters.keys())
    if (!['req', 'key', 'bs', 'name'].includes(parameter))
      throw new BaseProblem(`the parameter ${parameter} of "${name}" is not supported`)
  const source = parameters.has('req') ? requestOf(message) : message
  return name.startsWith('@') ? derived(source, name, item) : field(source.headers, name, item)
}

function requestOf(message: SignedMessage): SignedRequest {
  const request = 'status' in message ? message.request : undefined
  if (request === undefined)
    throw new BaseProblem('a component is marked "req", but the message is no response with its request')
  return request
}

function derived(message: SignedMessage, name: string, item: Item): string {
  if (name === '@status') {
    if (!('status' in message)) throw new BaseProblem('"@status" is of responses only')
    return String(message.status)
  }
  if ('status' in message) throw new BaseProblem(`"${name}" is of requests only`)
  const url = new URL(message.url)
  switch (name) {
    case '@method':
      return message.method
    case '@target-uri':
      // As it is sent: without fragment, and with the slash of an empty path.
      return url.href.replace(/#.*$/, '')
    case '@authority':
      return url.host
    case '@scheme':
      return url.protocol.slice(0, -1)
    case '@request-target':
      return `${url.pathname}${url.search}`
    case '@path':
      return url.pathname
    case '@query':
      return url.search === '' ? '?' : url.search
    case '@query-param':
      return queryParameter(url, item)
    default:
      throw new BaseProblem(`there is no component "${name}"`)
  }
}

/** RFC 9421 section 2.2.8: the name and value are encoded anew; a name that comes twice cannot be covered. */
function queryParameter(url: URL, item: Item): string {
  const wanted = item.parameters.get('name')
  if (wanted?.kind !== 'string') throw new BaseProblem('"@query-param" needs the parameter "name"')
  const values = [...url.searchParams].filter(([name]) => formEncode(name) === wanted.text).map(([, value]) => value)
  if (values.length !== 1) throw new BaseProblem(`the query has "${wanted.text}" ${values.length} times, not once`)
  return formEncode(values[0] as string)
}

/**
 * Encodes the application/x-www-form-urlencoded percent-encode set, with %20 for spaces: unlike RFC 3986, it leaves "*" and encodes "~".
 * @see https://url.spec.whatwg.org/#application-x-www-form-urlencoded-percent-encode-set
 */
function formEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** A field folded over several lines becomes one (RFC 9421 section 2.1); any other line break stays, and is refused later. */
function unfolded(value: string): string {
  if (!value.includes('\n')) return value
  const [first = '', ...more] = value.split('\n')
  if (!more.every((line) => line.startsWith(' ') || line.startsWith('\t'))) return value
  return [first, ...more].map((line) => line.trim()).join(' ')
}

function field(headers: HttpHeaders, name: string, item: Item): string {
  if (name !== name.toLowerCase()) throw new BaseProblem(`the field name "${name}" is not lower-case`)
  const entry = Object.entries(headers).find(([key]) => key.toLowerCase() === name)
  if (entry === undefined) throw new BaseProblem(`the message has no field "${name}"`)
  const values = [entry[1]].flat().map((value) => unfolded(value).trim())
  if (item.parameters.has('bs'))
    return values.map((value) => `:${Buffer.from(value, 'latin1').toString('base64')}:`).join(', ')
  const combined = values.join(', ')
  const key = item.parameters.get('key')
  if (key === undefined) return combined
  const member = key.kind === 'string' ? parseDictionary(combined)?.get(key.text) : undefined
  if (member === undefined) throw new BaseProblem(`the field "${name}" has no such member`)
  return isInnerList(member) ? serializeMember(member) : serializeItem(member)
}
