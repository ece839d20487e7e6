/** What a subpath may load. Everything that is not named here fails the check, so that a new weight is a decision. */
export interface Permission {
  /** A trailing star stands for the rest. The first entry that fits counts. */
  readonly subpath: string
  /** Modules loaded with the subpath itself. */
  readonly atOnce: readonly string[]
  /** Modules that it may load later, by a literal import(). */
  readonly later: readonly string[]
  /** Bytes, minified and gzipped, of all that is loaded at once, dependencies included. */
  readonly gzip?: number
  /** Modules of Node that must not be loaded at once: they cost start-up time, or mean input and output. */
  readonly neverAtOnce?: readonly string[]
}

const inputAndOutput = [
  'node:http',
  'node:https',
  'node:http2',
  'node:tls',
  'node:net',
  'node:dns',
  'node:sqlite',
  'node:worker_threads',
  'node:fs',
]

export const permissions: readonly Permission[] = [
  {
    subpath: '@patchbay/core',
    atOnce: ['p-limit', 'p-retry'],
    later: ['undici'],
    gzip: 15_000,
    neverAtOnce: inputAndOutput,
  },
  { subpath: '@patchbay/core/stores/postgres', atOnce: [], later: ['pg', 'rate-limiter-flexible'] },
  { subpath: '@patchbay/core/stores/redis', atOnce: [], later: ['ioredis', 'rate-limiter-flexible'] },
  { subpath: '@patchbay/core/stores/sqlite', atOnce: [], later: [] },
  { subpath: '@patchbay/core/otel', atOnce: [], later: ['@opentelemetry/api'] },
  { subpath: '@patchbay/core/*', atOnce: ['p-limit', 'p-retry'], later: ['undici'] },
  { subpath: '@patchbay/api/axios', atOnce: ['axios'], later: ['undici'] },
  { subpath: '@patchbay/api/graphql', atOnce: ['graphql', 'graphql-request'], later: ['undici'] },
  { subpath: '@patchbay/api/soap', atOnce: ['axios', 'soap'], later: ['undici'] },
  { subpath: '@patchbay/api', atOnce: [], later: ['axios', 'graphql', 'graphql-request', 'soap', 'undici'] },
]

export function permissionFor(specifier: string, all: readonly Permission[] = permissions): Permission {
  const fits = (pattern: string): boolean =>
    pattern.endsWith('*') ? specifier.startsWith(pattern.slice(0, -1)) : specifier === pattern
  return all.find(({ subpath }) => fits(subpath)) ?? { subpath: specifier, atOnce: [], later: [] }
}
