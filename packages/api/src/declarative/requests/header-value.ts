import { inputFault, manifestFault } from '../manifest-fault.ts'

const tokenName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** What decides where a message ends or goes is the transport's alone. */
const transports = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
])
const visible = /^[\t\x20-\x7e\x80-\xff]*$/

/** The lower-case name of a header that a manifest may write. */
export function headerName(name: string, where: string): string {
  const lower = name.toLowerCase()
  if (!tokenName.test(name)) throw manifestFault(where, 'is no header name')
  if (transports.has(lower) || lower.startsWith('proxy-'))
    throw manifestFault(where, `${lower} belongs to the transport`)
  return lower
}

/** A header's value; a line break in one would begin another header. */
export function headerValue(value: unknown, name: string): string {
  const text = Array.isArray(value) ? value.map(String).join(', ') : String(value)
  if (visible.test(text)) return text
  throw inputFault(name, 'holds a line break, control or other character that no header can carry')
}
