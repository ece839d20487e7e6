import { patchbayError } from '../../errors.ts'
import type { Field, MessageIdRule } from '../scheme.ts'
import { type InboundMessage, type RefusalReason, type Refused, refused } from './message.ts'

/** Reads one value out of a message, or says why it cannot. */
export type FieldReader = (message: InboundMessage) => string | Refused

const decoder = new TextDecoder('utf-8', { fatal: true })
const parsedBodies = new WeakMap<Uint8Array, { readonly value: unknown } | undefined>()

/** The body as JSON, parsed once per message; undefined when it is none. */
export function jsonBody(body: Uint8Array): { readonly value: unknown } | undefined {
  if (parsedBodies.has(body)) return parsedBodies.get(body)
  let parsed: { readonly value: unknown } | undefined
  try {
    parsed = { value: JSON.parse(decoder.decode(body)) as unknown }
  } catch {
    parsed = undefined
  }
  parsedBodies.set(body, parsed)
  return parsed
}

/** Turns a field's description into its reader. `missing` is the reason when the message has no such field. */
export function compileField(field: Field, missing: RefusalReason): FieldReader {
  switch (field.from) {
    case 'header':
      return headerReader(checkedName(field.name), missing)
    case 'header-pair': {
      const read = pairsReader(field, missing)
      return (message) => {
        const values = read(message)
        if (!Array.isArray(values)) return values as Refused
        return values.length === 1 ? (values[0] as string) : refused('duplicate-field')
      }
    }
    case 'query':
      return queryReader(field.name, missing)
    case 'body': {
      const read = bodyReader(field.path, missing)
      return (message) => {
        const values = read(message)
        if (!Array.isArray(values)) return values as Refused
        return values.length === 1 ? (values[0] as string) : refused('duplicate-field')
      }
    }
  }
}

/** Reads every value of a field that may have several (pairs of one name, items of an array). Never an empty list. */
export function compileFieldList(
  field: Field,
  missing: RefusalReason,
): (message: InboundMessage) => readonly string[] | Refused {
  if (field.from === 'header-pair') return pairsReader(field, missing)
  if (field.from === 'body') return bodyReader(field.path, missing)
  const read = compileField(field, missing)
  return (message) => {
    const value = read(message)
    return typeof value === 'string' ? [value] : value
  }
}

function checkedName(name: string): string {
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name))
    throw patchbayError({
      kind: 'config',
      message: `webhook scheme: "${name}" is no header name in lower case; write it as HTTP/2 does`,
    })
  return name
}

function headerReader(name: string, missing: RefusalReason): FieldReader {
  const absent = refused(missing)
  const repeated = refused('duplicate-field')
  return ({ headers }) => {
    // A polluted Object.prototype must not supply a signature.
    if (!Object.hasOwn(headers, name)) return absent
    const value = headers[name]
    if (typeof value === 'string') return value === '' ? absent : value.includes(', ') ? repeated : value
    if (value === undefined || value.length === 0) return absent
    return value.length === 1 && typeof value[0] === 'string' ? value[0] : repeated
  }
}

function pairsReader(
  field: Extract<Field, { from: 'header-pair' }>,
  missing: RefusalReason,
): (message: InboundMessage) => string[] | Refused {
  const read = headerReader(checkedName(field.name), missing)
  const start = `${field.pair}=`
  const separator = field.separator ?? ','
  return (message) => {
    const header = read(message)
    if (typeof header !== 'string') return header
    const values: string[] = []
    for (const pair of header.split(separator, mostPairs + 1)) {
      if (pair.startsWith(start)) values.push(pair.slice(start.length))
      // A blank comes from two headers joined by a proxy; one of them may be somebody else's.
      else if (pair.startsWith(' ')) return refused('duplicate-field')
    }
    if (values.length > mostPairs) return refused('duplicate-field')
    return values.length === 0 ? refused(missing) : values
  }
}

/** No vendor sends more pairs or signatures than a rotation of a few secrets needs. */
const mostPairs = 16

function queryReader(name: string, missing: RefusalReason): FieldReader {
  return ({ url }) => {
    const start = url.indexOf('?')
    if (start === -1) return refused(missing)
    const values = new URLSearchParams(url.slice(start + 1).split('#', 1)[0]).getAll(name)
    if (values.length > 1) return refused('duplicate-field')
    return values[0] === undefined || values[0] === '' ? refused(missing) : values[0]
  }
}

function bodyReader(path: string, missing: RefusalReason): (message: InboundMessage) => string[] | Refused {
  const steps = path.split('.')
  return ({ body }) => {
    const parsed = jsonBody(body)
    if (parsed === undefined) return refused('malformed-body')
    const values: string[] = []
    return collect(parsed.value, steps, 0, values) && values.length > 0 ? values : refused(missing)
  }
}

/** False as soon as one branch has no text or number at the end of the path. */
function collect(value: unknown, steps: readonly string[], index: number, into: string[]): boolean {
  const step = steps[index]
  if (step === undefined) {
    if (typeof value !== 'string' && typeof value !== 'number') return false
    into.push(String(value))
    return true
  }
  if (typeof value !== 'object' || value === null) return false
  if (step === '*') return Array.isArray(value) && value.every((item) => collect(item, steps, index + 1, into))
  if (!Object.hasOwn(value, step)) return false
  return collect((value as Record<string, unknown>)[step], steps, index + 1, into)
}

/** Longest id accepted, in characters. */
const longestId = 256

export function isMessageId(id: string): boolean {
  return id.length > 0 && id.length <= longestId && /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(id)
}

/** Reads the message id after the signature held. A message without one is accepted: the inbox then makes an id of what was signed. */
export function compileMessageId(
  rule: MessageIdRule | undefined,
): (message: InboundMessage) => string | undefined | Refused {
  if (rule === undefined) return () => undefined
  const absent = refused('missing-field')
  const readers = (Array.isArray(rule) ? (rule as readonly Field[]) : [rule as Field]).map((field) =>
    compileField(field, 'missing-field'),
  )
  return (message) => {
    let id = ''
    for (const read of readers) {
      const part = read(message)
      if (part === absent || part === refused('malformed-body')) return undefined
      if (typeof part !== 'string') return part
      id = id === '' ? part : `${id}:${part}`
    }
    return isMessageId(id) ? id : refused('malformed-message-id')
  }
}
