import type { Manifest, OperationEntry } from '../declarative/manifest-parts.ts'
import { basePath, pathShape } from './path-shape.ts'
import { sentRequest } from './sent-request.ts'

/** Where an operation of a manifest is asked for, ready to be compared with many. */
export interface Wanted {
  readonly method: string
  /** Shapes of the paths alone. */
  readonly paths: readonly string[]
  /** Shapes with the paths of the base URLs before them. */
  readonly full: readonly string[]
  /** Some base URL is the operator's: what stands in it is not known. */
  readonly open: boolean
  /** Id in the source, when the manifest names one for this source. */
  readonly id: string | undefined
}

/** The source that an operation names, and its id there. */
export function namedSource(
  manifest: Manifest,
  { source }: OperationEntry,
): { readonly source: string | undefined; readonly id: string | undefined } {
  if (source === undefined) return { source: undefined, id: undefined }
  const [first = ''] = source.split('#', 1)
  if (source.includes('#') && manifest.sources.some(({ id }) => id === first))
    return { source: first, id: source.slice(first.length + 1) }
  return { source: manifest.sources[0]?.id, id: source }
}

/** @param sourceId the source to look in: an id counts only there */
export function wanted(manifest: Manifest, operation: OperationEntry, sourceId: string): Wanted {
  const { method, paths } = sentRequest(manifest, operation)
  const urls = manifest.deployments.flatMap(({ url, regions = {}, origins = {} }) => {
    if (operation.origin !== undefined)
      return Object.hasOwn(origins, operation.origin) ? [origins[operation.origin] as string] : []
    return url === undefined ? Object.values(regions) : [url]
  })
  const bases = urls.map((url) => basePath(filled(url, manifest)))
  const named = namedSource(manifest, operation)
  return {
    method,
    paths: paths.map(pathShape),
    full: bases.flatMap((base) => (base === undefined ? [] : paths.map((path) => pathShape(base + path)))),
    open: bases.some((base) => base === undefined),
    id: named.source === sourceId ? named.id : undefined,
  }
}

/** Variables of a base URL that have a usual value stand for it. */
function filled(url: string, { config = {} }: Manifest): string {
  return url.replaceAll(/\{([^{}]*)\}/g, (text, name: string) => {
    const value = Object.hasOwn(config, name) ? config[name]?.default : undefined
    return typeof value === 'string' ? value : text
  })
}

export interface Candidate {
  readonly method: string
  readonly path: string
  readonly id?: string | undefined
  /** Empty when the document names none. */
  readonly servers: readonly string[]
}

/** `server`: the path is theirs below another base URL. */
export type Fit = 'same' | 'server' | 'other'

export function fitOf({ paths, full, open }: Wanted, { path, servers }: Candidate): Fit {
  const shape = pathShape(path)
  const bases = servers.map(basePath)
  const theirs = new Set(bases.flatMap((base) => (base === undefined ? [] : [pathShape(base + path)])))
  if (full.some((one) => theirs.has(one))) return 'same'
  const hidden = theirs.size < bases.length || bases.length === 0
  if (open && paths.some((one) => one === shape || theirs.has(one))) return 'same'
  if (hidden && (full.includes(shape) || paths.includes(shape))) return 'same'
  return paths.includes(shape) || full.includes(shape) ? 'server' : 'other'
}

/** The one with the id, else the one with the same method and path. */
export function findIn<One extends Candidate>(wanted: Wanted, candidates: readonly One[]): One | undefined {
  const { id, method } = wanted
  if (id !== undefined) {
    const named = candidates.find((one) => one.id === id || `${one.method} ${one.path}` === id)
    if (named !== undefined) return named
  }
  // Where several share a path, the plain one goes before those with a fragment.
  const able = candidates
    .filter((one) => one.method === method)
    .sort((one, other) => Number(one.path.includes('#')) - Number(other.path.includes('#')))
  return able.find((one) => fitOf(wanted, one) === 'same') ?? able.find((one) => fitOf(wanted, one) === 'server')
}
