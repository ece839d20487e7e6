import { namespaces } from '../xml/names.ts'

/** Where the documents of a description may come from. */
export interface ImportRule {
  /** The given documents by absolute location; they are never fetched. */
  readonly given: ReadonlyMap<string, string>
  /** Location of the WSDL. */
  readonly root: URL
  /** What the connection allows besides the WSDL's folder, resolved against the WSDL: a folder when it ends with a slash. */
  readonly allowed: readonly string[]
  /** True: whoever fetches decides about locations. */
  readonly anywhere?: boolean | undefined
}

/** True when a location may be fetched: http or https, in the WSDL's folder or in what is allowed, without user information. */
export function mayImport(rule: ImportRule, location: URL): boolean {
  if (rule.anywhere === true) return true
  if (location.protocol !== 'https:' && location.protocol !== 'http:') return false
  if (location.username !== '' || location.password !== '') return false
  // Encoded dots and slashes are decoded by some servers before they route.
  if (/%2e|%2f|%5c/i.test(location.pathname)) return false
  const isHttp = rule.root.protocol === 'https:' || rule.root.protocol === 'http:'
  const folder = isHttp ? [new URL('.', rule.root)] : []
  const more = rule.allowed.flatMap((text) => URL.parse(text, isHttp ? rule.root.href : undefined) ?? [])
  return [...folder, ...more].some(({ origin, pathname }) => {
    if (origin !== location.origin) return false
    return pathname.endsWith('/') ? location.pathname.startsWith(pathname) : location.pathname === pathname
  })
}

/** Namespaces whose schemas say nothing that is needed here: an import of one that may not be fetched is passed over. */
const wellKnown = new Set<string>([
  namespaces.xml,
  namespaces.schema,
  namespaces.encoding11,
  namespaces.envelope11,
  namespaces.envelope12,
  namespaces.wsdl,
  namespaces.wsdlSoap11,
  namespaces.wsdlSoap12,
  namespaces.wsdlMime,
  namespaces.xmime,
  namespaces.xop,
  namespaces.addressing,
  namespaces.signature,
])

export function isWellKnown(namespace: string | undefined): boolean {
  return namespace !== undefined && wellKnown.has(namespace)
}
