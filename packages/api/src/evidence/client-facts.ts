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

const literal = /`((?:[^`\\]|\\.){2,400})`|'((?:[^'\\\n]|\\.){2,400})'|"((?:[^"\\\n]|\\.){2,400})"/g
const isPath = /^\/[A-Za-z0-9{$:<][^\s'"`\\|*^]*$/
const called =
  /\.\s*(get|post|put|patch|delete|head|options)[A-Za-z]*\s*(?:<[^<>()]*>)?\(\s*(?:[A-Za-z_$][\w$.]*\s*)?$/i
const stated =
  /\b(?:method['"]?\s*[:=]\s*['"`]?|HttpMethod(?:Enum)?\s*\.\s*|(?:httpMethod|verb)['"]?\s*[:=]\s*['"`])(get|post|put|patch|delete|head|options)\b/i
const reach = 900

/** Every path that stands as a text in the programs, with the methods that stand beside it, by its shape. */
export function pathLiterals(files: ReadonlyMap<string, string>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const text of files.values())
    for (const match of text.matchAll(literal)) {
      const path = pathOf(match[1] ?? match[2] ?? match[3] ?? '')
      if (path === undefined) continue
      const methods = found.get(path) ?? new Set<string>()
      found.set(path, methods)
      const end = match.index + match[0].length
      const before = text.slice(Math.max(0, match.index - 80), match.index)
      const method = called.exec(before)?.[1] ?? stated.exec(upToNextPath(text.slice(end, end + reach)))?.[1]
      if (method !== undefined) methods.add(method.toUpperCase())
    }
  return found
}

/** Expressions in template texts may hold calls and further texts; what they give is one placeholder. */
function pathOf(text: string): string | undefined {
  let path = ''
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (depth === 0 && text.startsWith('${', at)) {
      path += '{}'
      depth = 1
      at++
    } else if (depth > 0) depth += text[at] === '{' ? 1 : text[at] === '}' ? -1 : 0
    else path += text[at]
  }
  return isPath.test(path) && path.length > 2 ? pathShape(path) : undefined
}

const upToNextPath = (text: string): string => text.split(/[`'"]\/[A-Za-z0-9{$]/, 1)[0] ?? ''

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
