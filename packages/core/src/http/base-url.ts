import { Fault } from '../errors.ts'

/** Where every request of a client goes: no path and no link of a vendor leads out of it. */
export interface BaseUrl {
  /** `https://host:port` */
  readonly origin: string
  /** Path prefix without a slash at its end; empty for the root. */
  readonly prefix: string
  /** `origin` and `prefix`. */
  readonly text: string
}

/** @throws Fault `config`: not an http or https URL, or one with user information, query or fragment. */
export function parseBaseUrl(text: string): BaseUrl {
  const refuse = (why: string): Fault =>
    new Fault({
      kind: 'config',
      code: 'base-url',
      message: `the base URL ${why}: give one like https://api.example.com/v1`,
    })
  if (!URL.canParse(text)) throw refuse('is not a URL')
  const { protocol, origin, pathname, username, password, search, hash } = new URL(text)
  if (protocol !== 'https:' && protocol !== 'http:') throw refuse('is neither http nor https')
  if (username !== '' || password !== '') throw refuse('holds user information; pass it as a credential')
  if (search !== '' || hash !== '') throw refuse('has a query or fragment')
  let end = pathname.length
  while (end > 0 && pathname.charCodeAt(end - 1) === slash) end--
  const prefix = pathname.slice(0, end)
  return { origin, prefix, text: origin + prefix }
}

// A query or fragment, a backslash (a slash to URL parsers), blanks and controls (dropped by them), an empty first segment, a dot segment.
// biome-ignore lint/suspicious/noControlCharactersInRegex: URL parsers silently drop them, so they must not pass
const misleading = /[?#\\\u0000-\u0020\u007f]|^\/\/|\/(?:\.|%2e){1,2}(?:\/|$)/i

/**
 * The absolute URL of a path under the base.
 * @throws Fault `invalid-input` for a path that could lead elsewhere.
 */
export function joinUrl(base: BaseUrl, path: string, query: string): string {
  if ((path !== '' && path.charCodeAt(0) !== slash) || misleading.test(path)) {
    const message = 'the request path must start with one slash and hold no query, blank, backslash or dot segment'
    throw new Fault({ kind: 'invalid-input', code: 'path', sent: 'none', message })
  }
  return query === '' ? base.text + path : `${base.text}${path}?${query}`
}

/** Plain dot segments are gone by now; behind an encoded slash they are left, and servers that decode before they route follow them. */
const climbing = /(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?:\/|%2f|%5c|$)/i

const slash = 47

/**
 * A link that the vendor gave, resolved against the URL that answered.
 * @throws Fault `protocol` when it leads out of the base, so that no credential follows a link elsewhere.
 */
export function linkedUrl(base: BaseUrl, link: string, allowed?: ((path: string) => boolean) | undefined): string {
  const refuse = (why: string): Fault =>
    new Fault({ kind: 'protocol', code: 'link', sent: 'none', message: `the vendor's link ${why}` })
  if (!URL.canParse(link, `${base.text}/`)) throw refuse('is not a URL')
  const url = new URL(link, `${base.text}/`)
  if (url.origin !== base.origin) throw refuse(`leads to another origin than ${base.origin}`)
  if (url.username !== '' || url.password !== '') throw refuse('holds user information')
  if (url.pathname !== base.prefix && !url.pathname.startsWith(`${base.prefix}/`)) {
    throw refuse(`leads out of the base path ${base.prefix}`)
  }
  if (climbing.test(url.pathname)) throw refuse('holds an encoded dot segment')
  if (allowed !== undefined && !allowed(url.pathname.slice(base.prefix.length))) {
    throw refuse('leads to another path than that of this operation')
  }
  url.hash = ''
  return url.href
}
