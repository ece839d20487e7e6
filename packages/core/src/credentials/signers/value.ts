/** Where a value of a login or signature comes from: data, so that it can stand in a manifest. Text counts as UTF-8 bytes. */
export type Value =
  /** Literal text. */
  | string
  | { readonly secret: string }
  | { readonly field: string }
  /** What an earlier step of a login took from its answer. */
  | { readonly taken: string }
  | { readonly request: RequestPart }
  /** A header of the request, empty when it has none. */
  | { readonly header: string }
  | { readonly time: TimeForm }
  /** The same within one request: `uuid`, or random bytes. */
  | { readonly nonce: 'uuid' | 'hex' | 'base64url' | 'base64'; readonly bytes?: number }
  | { readonly join: readonly Value[]; readonly with?: string }
  | { readonly hash: HashName; readonly of: Value; readonly as?: Encoding }
  | { readonly hmac: HashName; readonly key: Value; readonly of: Value; readonly as?: Encoding }
  | { readonly encode: 'base64' | 'base64url' | 'hex' | 'uri'; readonly of: Value }
  /** Bytes of a key that is written as text. */
  | { readonly decode: 'base64' | 'hex'; readonly of: Value }
  | { readonly case: 'lower' | 'upper'; readonly of: Value }

export type HashName = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512'
/** Default `hex`; `bytes` for feeding into another hash. */
export type Encoding = 'hex' | 'base64' | 'base64url' | 'bytes'

export type RequestPart =
  | 'method'
  /** Lower-case, with the port when it is not the standard one. */
  | 'host'
  /** As sent, percent-encoded. */
  | 'path'
  /** As sent, without "?". */
  | 'query'
  /** Pairs decoded, encoded strictly (RFC 3986) and sorted by name, then value. */
  | 'sorted-query'
  | 'path-and-query'
  | 'url'
  /** Bytes of the body, empty without one. */
  | 'body'

/** `http-date` RFC 9110, `rfc2822` with a numeric zone. */
export type TimeForm = 'unix-s' | 'unix-ms' | 'iso' | 'iso-s' | 'iso-basic' | 'date' | 'http-date' | 'rfc2822'

export const hashNames: readonly HashName[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512']

/** What a value refers to by name; a configuration must supply all of it. */
export interface References {
  readonly secrets: Set<string>
  readonly fields: Set<string>
  readonly taken: Set<string>
}

/** Collects the names in a value. Refuses what is not of the language, so that a manifest fails when it is loaded. */
export function collect(
  value: Value,
  into: References,
  at: string,
  issue: (path: string, message: string) => void,
): void {
  if (typeof value === 'string') return
  if (typeof value !== 'object' || value === null) {
    issue(at, 'must be text or an object such as { "secret": "name" }')
    return
  }
  if ('secret' in value) into.secrets.add(value.secret)
  else if ('field' in value) into.fields.add(value.field)
  else if ('taken' in value) into.taken.add(value.taken)
  else if ('join' in value)
    for (const [index, part] of value.join.entries()) collect(part, into, `${at}.join.${index}`, issue)
  else if ('hash' in value || 'hmac' in value) {
    if (!hashNames.includes('hash' in value ? value.hash : value.hmac))
      issue(at, `names no hash of ${hashNames.join(', ')}`)
    if ('hmac' in value) collect(value.key, into, `${at}.key`, issue)
    collect(value.of, into, `${at}.of`, issue)
  } else if ('encode' in value || 'decode' in value || 'case' in value) collect(value.of, into, `${at}.of`, issue)
  else if (!('request' in value || 'header' in value || 'time' in value || 'nonce' in value))
    issue(at, 'is not a value that there is')
}
