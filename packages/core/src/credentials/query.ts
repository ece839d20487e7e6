/** Sets one query key of a URL in place of any it had, and leaves everything else as it was written. */
export function setQuery(url: string, name: string, value: string): string {
  const hash = url.indexOf('#')
  const fragment = hash === -1 ? '' : url.slice(hash)
  const whole = hash === -1 ? url : url.slice(0, hash)
  const mark = whole.indexOf('?')
  const pair = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  if (mark === -1) return `${whole}?${pair}${fragment}`
  const others = whole
    .slice(mark + 1)
    .split('&')
    .filter((part) => part !== '' && nameOf(part) !== name)
  return `${whole.slice(0, mark)}?${[...others, pair].join('&')}${fragment}`
}

function nameOf(part: string): string {
  const end = part.indexOf('=')
  const name = (end === -1 ? part : part.slice(0, end)).replaceAll('+', ' ')
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** Encodes everything but the unreserved characters of RFC 3986. */
export function strictEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}
