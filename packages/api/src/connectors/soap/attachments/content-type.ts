/** A content type with its parameters: what a multipart message needs of it. */
export interface ContentType {
  /** Lower case. */
  readonly essence: string
  /** Lower-case names. */
  readonly parameters: ReadonlyMap<string, string>
}

const parameter = /;\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/y

/** Undefined for an absent or unreadable header. */
export function readContentType(header: string | readonly string[] | undefined): ContentType | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.slice(0, 2000)
  if (text === undefined) return undefined
  const end = text.indexOf(';')
  const essence = (end === -1 ? text : text.slice(0, end)).trim().toLowerCase()
  if (!/^[^\s/;]+\/[^\s/;]+$/.test(essence)) return undefined
  const parameters = new Map<string, string>()
  parameter.lastIndex = end === -1 ? text.length : end
  for (let found = parameter.exec(text); found !== null; found = parameter.exec(text)) {
    const [, name = '', quoted, plain = ''] = found
    const key = name.toLowerCase()
    if (!parameters.has(key)) parameters.set(key, quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1'))
    while (text[parameter.lastIndex] === ' ') parameter.lastIndex++
  }
  return { essence, parameters }
}

/** `<id>` without its brackets. */
export function contentIdOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : header.trim().replace(/^<([^>]*)>$/, '$1')
}
