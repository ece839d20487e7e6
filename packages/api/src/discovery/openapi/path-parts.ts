export interface PathParts {
  /** With a slash in front, without query and fragment; `{name+}` is written `{name}`. */
  readonly path: string
  /** The names in braces; true for those that may span several segments. */
  readonly names: ReadonlyMap<string, boolean>
  /** Keys that the path itself holds, in so far as their values are fixed. */
  readonly query?: ReadonlyMap<string, string> | undefined
  /** Names in braces behind the question mark, with the key that takes them: `?file={name}`. */
  readonly inQuery: ReadonlyMap<string, string>
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
  const keys = cut === -1 ? [] : [...new URLSearchParams(plain.slice(cut + 1))].filter(([key]) => key !== '')
  const fixed = keys.filter(([, value]) => !value.includes('{'))
  const inQuery = keys.flatMap(([key, value]): [string, string][] => {
    const name = /^\{([^{}]+)\}$/.exec(value)?.[1]
    return name === undefined ? [] : [[name, key]]
  })
  return {
    path: path.startsWith('/') ? path : `/${path}`,
    names,
    query: fixed.length === 0 ? undefined : new Map(fixed),
    inQuery: new Map(inQuery),
  }
}
