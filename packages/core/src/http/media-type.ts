/** A Content-Type (RFC 9110 section 8.3): lower-case essence such as `application/json`, and its charset when told. */
export interface MediaType {
  readonly essence: string
  readonly charset: string | undefined
}

const charsetPattern = /;\s*charset\s*=\s*"?([^\s";]+)"?/i

export function mediaTypeOf(header: string | readonly string[] | undefined): MediaType | undefined {
  const text = typeof header === 'string' ? header : header?.[0]
  if (text === undefined || text.trim() === '') return undefined
  // The one value that nearly every answer carries.
  if (text === 'application/json') return plainJson
  const end = text.indexOf(';')
  const essence = (end === -1 ? text : text.slice(0, end)).trim().toLowerCase()
  return { essence, charset: end === -1 ? undefined : charsetPattern.exec(text)?.[1]?.toLowerCase() }
}

const plainJson: MediaType = { essence: 'application/json', charset: undefined }

/** `application/json`, `text/json` and everything that ends in `+json`. */
export function isJsonType(essence: string): boolean {
  return essence === 'application/json' || essence === 'text/json' || essence.endsWith('+json')
}
