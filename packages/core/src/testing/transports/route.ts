import type { SentRequest } from './sent-request.ts'

/** What a scripted line such as `GET /items/{id}?page=2` matches. */
export interface Route {
  /** As written in the script. */
  readonly line: string
  readonly method: string
  /** Undefined: any origin. */
  readonly origin: string | undefined
  readonly segments: readonly string[]
  /** Pairs that the query must have; it may have more. */
  readonly query: readonly (readonly [name: string, value: string])[]
}

/** Matches what no other line does. */
const anything: Route = { line: '*', method: '*', origin: undefined, segments: [], query: [] }

/** @throws TypeError for a line that is not `METHOD /path` or `METHOD https://host/path`. */
export function parseRoute(line: string): Route {
  if (line === '*') return anything
  const [, method, origin, path, query] = /^([A-Z]+) (https?:\/\/[^/?\s]+)?(\/[^?\s]*)(?:\?(\S*))?$/.exec(line) ?? []
  if (method === undefined || path === undefined)
    throw new TypeError(`"${line}" is no route: write "GET /path", with {name} for a segment that may be anything`)
  return { line, method, origin, segments: path.split('/'), query: [...new URLSearchParams(query)] }
}

/** Values of the `{name}` segments, decoded; undefined when the request is another one. */
export function matchRoute(route: Route, request: SentRequest): Record<string, string> | undefined {
  if (route === anything) return {}
  if (route.method !== request.method) return undefined
  if (route.origin !== undefined && route.origin !== new URL(request.url).origin) return undefined
  if (!route.query.every(([name, value]) => request.query.getAll(name).includes(value))) return undefined
  const parts = request.path.split('/')
  if (parts.length !== route.segments.length) return undefined
  const values: Record<string, string> = {}
  for (const [index, segment] of route.segments.entries()) {
    const part = parts[index] as string
    const name = /^\{(\w+)\}$/.exec(segment)?.[1]
    if (name === undefined && segment !== part) return undefined
    if (name !== undefined) values[name] = decodeURIComponent(part)
  }
  return values
}

/** More literal text wins, so that `/items/new` stands before `/items/{id}`, and a query before none. */
export function specificity(route: Route): number {
  if (route === anything) return -1
  const literal = route.segments.filter((segment) => !segment.startsWith('{')).length
  return literal + 100 * route.query.length + (route.origin === undefined ? 0 : 10_000)
}

/** The line that takes the fewest changes to become what was asked. */
export function closestRoute(routes: readonly Route[], request: SentRequest): Route | undefined {
  const asked = `${request.method} ${request.path}`
  let best: Route | undefined
  let least = Number.POSITIVE_INFINITY
  for (const route of routes) {
    const parts = request.path.split('/')
    // A placeholder costs nothing where the request has a segment.
    const filled = route.segments.map((segment, index) =>
      segment.startsWith('{') ? (parts[index] ?? segment) : segment,
    )
    const distance = editDistance(asked, `${route.method} ${filled.join('/')}`)
    if (distance < least) {
      least = distance
      best = route
    }
  }
  return best
}

/** Levenshtein distance, in one row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[to.length] as number
}
