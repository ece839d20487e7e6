const deepest = 100

/**
 * One text per value, whatever the order of keys: for cache keys and fingerprints. Types stay apart (a Date is not its text). Undefined
 * when the value holds something without a text that is its own, such as a stream, a function, a Secret or an instance of a class.
 */
export function canonicalJson(value: unknown, depth = 0): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Object.is(value, -0) ? '0' : String(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'bigint':
      return `${value}n`
    case 'undefined':
      return 'undefined'
    case 'object':
      return value === null ? 'null' : depth > deepest ? undefined : objectText(value, depth + 1)
    default:
      return undefined
  }
}

function objectText(value: object, depth: number): string | undefined {
  if (Array.isArray(value)) return listText('[', value, ']', depth)
  if (value instanceof Date) return `date(${value.getTime()})`
  if (value instanceof Uint8Array)
    return `bytes(${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')})`
  if (!isPlain(value)) return undefined
  const parts: string[] = []
  for (const key of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[key]
    if (field === undefined) continue
    const text = canonicalJson(field, depth)
    if (text === undefined) return undefined
    parts.push(`${JSON.stringify(key)}:${text}`)
  }
  return `{${parts.join()}}`
}

function listText(open: string, items: readonly unknown[], close: string, depth: number): string | undefined {
  const parts: string[] = []
  for (const item of items) {
    const text = canonicalJson(item, depth)
    if (text === undefined) return undefined
    parts.push(text)
  }
  return `${open}${parts.join()}${close}`
}

/** True for objects made by a literal or by `JSON.parse`. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** SHA-256 in hexadecimal. Loads the module at the first call only: most processes never hash here. */
export function sha256(text: string): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', text, 'hex')
}
