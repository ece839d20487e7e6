import { Fault } from '../errors.ts'
import type { ClientRequest } from './client-request.ts'
import { type OwnPath, pathReader } from './own-path.ts'
import type { QueryValue } from './url-query.ts'

/** Where a request carries something of a list: one of a query key, a dotted path of the JSON body, a header. */
export type Place =
  | { readonly query: string; readonly json?: never; readonly header?: never }
  | { readonly json: OwnPath; readonly query?: never; readonly header?: never }
  | { readonly header: string; readonly query?: never; readonly json?: never }

export type PlaceWriter = (request: ClientRequest, value: string | number) => ClientRequest

/** Makes the function that writes a value into a copy of a request. */
export function placeWriter(place: Place): PlaceWriter {
  const { query, json, header } = place
  if (query !== undefined) return (request, value) => ({ ...request, query: { ...request.query, [query]: value } })
  if (header !== undefined)
    return (request, value) => ({ ...request, headers: { ...request.headers, [header]: headerText(value) } })
  const keys = json.split('.')
  return (request, value) => ({ ...request, json: withValue(request.json, keys, 0, value) })
}

/** A position comes from callers as well; a line break in one would begin another header. */
function headerText(value: string | number): string {
  const text = String(value)
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text
  const message = '$page is not a position that this list gave'
  throw new Fault({ kind: 'invalid-input', code: 'page', sent: 'none', message })
}

/** What a request carries at a place. */
export function placeReader(place: Place): (request: ClientRequest) => QueryValue | unknown {
  const { query, json, header } = place
  if (query !== undefined) return (request) => request.query?.[query]
  if (header !== undefined) return (request) => request.headers?.[header]
  const read = pathReader(json)
  return (request) => read(request.json)
}

/** Only own keys are made: a computed key is one, whatever its name. */
function withValue(target: unknown, keys: readonly string[], at: number, value: unknown): unknown {
  if (at === keys.length) return value
  const key = keys[at] as string
  const object = typeof target === 'object' && target !== null ? (target as Record<string, unknown>) : {}
  const inner = Object.hasOwn(object, key) ? object[key] : undefined
  return { ...object, [key]: withValue(inner, keys, at + 1, value) }
}
