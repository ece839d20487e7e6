export interface PathParts {
  /** With a slash in front, without query and fragment; `{name+}` is written `{name}`. */
  readonly path: string
  /** The names in braces; true for those that may span several segments. */
  readonly names: ReadonlyMap<string, boolean>
  /** Keys that the path itself holds, in so far as their values are fixed. */
  readonly query?: ReadonlyMap<string, string> | undefined
}

/**
 * A published path may hold more than a path: descriptions of RPC-like APIs tell operations with one URL apart by a query or a fragment
 * (`/#X-Amz-Target=…`, `/?Action=…`), and URI templates let a name span segments (`{Key+}`) or list query keys (`{?q}`).
 */
export function pathParts(published: string): PathParts {
  const plain = published.replace(/#.*$/s, '').replaceAll(/\{[?&][^{}]*\}/g, '')
  const cut = plain.indexOf('?')
  const names = new Map<string, boolean>()
  const path = (cut === -1 ? plain : plain.slice(0, cut)).replaceAll(/\{([^{}]+)\}/g, (_, inside: string) => {
    const name = inside.replace(/^[+/.;]/, '').replace(/[+*]$/, '')
    names.set(name, (inside !== name && /^\+|\+$/.test(inside)) || names.get(name) === true)
    return `{${name}}`
  })
  const query = cut === -1 ? undefined : fixedQuery(plain.slice(cut + 1))
  return { path: path.startsWith('/') ? path : `/${path}`, names, query }
}

function fixedQuery(text: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>()
  for (const [key, value] of new URLSearchParams(text)) {
    if (key !== '' && !value.includes('{')) found.set(key, value)
  }
  return found.size === 0 ? undefined : found
}
