/**
 * What stays of a path when names of placeholders, slashes at the end, query and fragment do not matter: `/users/{id}/` and `/users/:key`
 * are `/users/{}`. Letters keep their case.
 */
export function pathShape(path: string): string {
  const bare = path.replace(/[?#].*$/s, '')
  const segments = bare.split('/').filter((segment) => segment !== '')
  return `/${segments.map(segmentShape).join('/')}`
}

const placeholder = /\$\{[^{}]*\}|\{[^{}]*\}|^:[A-Za-z_]\w*|<[A-Za-z_][\w:]*>/g

function segmentShape(segment: string): string {
  const marked = segment.replaceAll(placeholder, '{}')
  return marked.includes('%') ? decoded(marked) : marked
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Names of the placeholders of a path, in order. */
export function placeholders(path: string): string[] {
  return [...path.replace(/[?#].*$/s, '').matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)
}

/** The path of a base URL, without the slash at its end: empty for a host alone. Undefined when a variable hides it. */
export function basePath(url: string): string | undefined {
  const match = /^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/]*(\/[^?#]*)?$/i.exec(url)
  if (match !== null) return (match[1] ?? '').replace(/\/+$/, '')
  if (/^\{[^{}]*\}/.test(url)) return undefined
  return url.startsWith('/') ? url.replace(/\/+$/, '') : undefined
}
