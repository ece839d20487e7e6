// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs of clients hold them
import { createHash } from 'node:crypto'
import type { Manifest } from '../declarative/manifest-parts.ts'
import type { ClientFacts } from './facts.ts'
import { wanted } from './matching.ts'
import { pathShape } from './path-shape.ts'

export interface ClientPackage {
  readonly name: string
  readonly version: string
  readonly integrity?: string | undefined
  /** Programs of the package by their path in it. */
  readonly files: ReadonlyMap<string, string>
}

/** Where a text begins that could be a path. Whole programs are not parsed: quotes in comments would lead astray. */
const opening = /([`'"])(?=\/[A-Za-z0-9_{$:<])/g
const isPath = /^\/[A-Za-z0-9_{$:<][^\s'"`\\|*^,()]*$/
const called =
  /\.\s*(get|post|put|patch|delete|head|options)[A-Za-z]*\s*(?:<[^<>()]*>)?\(\s*(?:\(0, ?[\w$.]+\)|[A-Za-z_$][\w$.]*)?\s*$/i
/** `method = 'PUT'; path = `, also `method = body != null ? 'POST' : 'GET'; path = `. */
const assigned =
  /\bmethod\s*=\s*[^;'"`]{0,60}['"`](get|post|put|patch|delete|head|options)['"`](?:\s*:\s*['"`](get|post|put|patch|delete|head|options)['"`])?;?\s*(?:(?:const|let|var)\s+)?path\s*=\s*$/i
const stated =
  /\b(?:method['"]?\s*[:=]\s*['"`]?|HttpMethod(?:Enum)?\s*\.\s*|(?:httpMethod|verb)['"]?\s*[:=]\s*['"`])(get|post|put|patch|delete|head|options)\b/i
const reach = 900

/** Every path that stands as a text in the programs, with the methods that stand beside it, by its shape. */
export function pathLiterals(files: ReadonlyMap<string, string>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const text of files.values())
    for (const { index, 1: quote = '' } of text.matchAll(opening)) {
      const { path, end } = pathAt(text, index + 1, quote)
      if (path === undefined) continue
      const methods = found.get(path) ?? new Set<string>()
      found.set(path, methods)
      const before = text.slice(Math.max(0, index - 120), index)
      const method = called.exec(before)?.[1] ?? stated.exec(upToNextPath(text.slice(end, end + reach)))?.[1]
      for (const one of assigned.exec(before)?.slice(1) ?? [method])
        if (one !== undefined) methods.add(one.toUpperCase())
    }
  return found
}

const longest = 400

/** The path in the text that begins here. Expressions in templates may hold calls and further texts; what they give is one placeholder. */
function pathAt(
  text: string,
  from: number,
  quote: string,
): { readonly path: string | undefined; readonly end: number } {
  let path = ''
  let depth = 0
  for (let at = from; at < Math.min(text.length, from + longest); at++) {
    const character = text[at] as string
    if (depth === 0 && character === quote) {
      const whole = isPath.test(path) && path.length > 2
      return { path: whole ? pathShape(path) : undefined, end: at + 1 }
    }
    if (character === '\n') break
    if (depth === 0 && quote === '`' && text.startsWith('${', at)) {
      path += '{}'
      depth = 1
      at++
    } else if (depth > 0) depth += character === '{' ? 1 : character === '}' ? -1 : 0
    else path += character
  }
  return { path: undefined, end: from }
}

const upToNextPath = (text: string): string => text.split(/[`'"]\/[A-Za-z0-9_{$]/, 1)[0] ?? ''

/** The facts of a client package, as {@link import('./verify.ts').verify} needs them. */
export function clientFactsOf(
  { name, version, integrity, files }: ClientPackage,
  { ref, manifests }: { readonly ref: string; readonly manifests: readonly Manifest[] },
): ClientFacts {
  const literals = pathLiterals(files)
  const used = new Set(
    manifests.flatMap((manifest) =>
      manifest.sources
        .filter((source) => source.ref === ref)
        .flatMap(({ id }) =>
          Object.values(manifest.operations).flatMap((operation) => {
            const { paths, full } = wanted(manifest, operation, id)
            return [...paths, ...full]
          }),
        ),
    ),
  )
  const all = [...literals].sort(([one], [other]) => (one < other ? -1 : 1))
  return {
    kind: 'client',
    ref,
    sha256: digestOf(files),
    version,
    package: name,
    integrity,
    paths: Object.fromEntries(
      all.filter(([path]) => used.has(path)).map(([path, methods]) => [path, [...methods].sort()]),
    ),
    others: all
      .filter(([path]) => !used.has(path))
      .flatMap(([path, methods]) => [...methods].sort().map((method) => `${method} ${path}`)),
  }
}

/** One digest of all files, in the order of their names; of a single file its own SHA-256. */
export function digestOf(files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  for (const [, text] of [...files].sort(([one], [other]) => (one < other ? -1 : 1))) hash.update(text)
  return hash.digest('hex')
}
