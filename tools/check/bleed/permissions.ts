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
  /** Files that a fresh process may open for it, its own included: opening them is most of what an import costs. */
  readonly files?: number
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

/** Comes with the root entry of core, and so with everything that imports it. */
const core = { atOnce: [], later: ['p-limit', 'p-retry', 'undici'] }

export const permissions: readonly Permission[] = [
  { subpath: '@patchbay/core', ...core, gzip: 15_000, files: 4, neverAtOnce: inputAndOutput },
  { subpath: '@patchbay/core/stores/memory', atOnce: [], later: [] },
  { subpath: '@patchbay/core/stores/postgres', atOnce: [], later: ['pg'] },
  { subpath: '@patchbay/core/stores/redis', atOnce: [], later: ['ioredis'] },
  { subpath: '@patchbay/core/stores/sqlite', atOnce: [], later: [] },
  { subpath: '@patchbay/core/limits/postgres', atOnce: [], later: ['pg'] },
  { subpath: '@patchbay/core/limits/redis', atOnce: [], later: ['ioredis'] },
  { subpath: '@patchbay/core/otel', atOnce: [], later: ['@opentelemetry/api'] },
  { subpath: '@patchbay/core/*', ...core },
  { subpath: '@patchbay/api/axios', ...core, atOnce: [...core.atOnce, 'axios'] },
  {
    subpath: '@patchbay/api/graphql',
    atOnce: [...core.atOnce, 'graphql', 'graphql-request', 'zod'],
    later: [...core.later, 'axios', 'ws'],
  },
  // The library soap is loaded with the first client of the face; the connector does without.
  {
    subpath: '@patchbay/api/soap',
    ...core,
    atOnce: [...core.atOnce, 'saxes', 'zod'],
    later: [...core.later, 'axios', 'csv-parse', 'soap'],
  },
  { subpath: '@patchbay/api/webhooks', ...core },
  {
    subpath: '@patchbay/api',
    ...core,
    later: [...core.later, 'axios', 'csv-parse', 'graphql', 'graphql-request', 'saxes', 'soap'],
  },
  { subpath: '@patchbay/api/flows', ...core, atOnce: ['p-limit'] },
  { subpath: '@patchbay/api/conformance', ...core, later: [...core.later, 'axios', 'csv-parse', 'saxes'] },
  // The form of a description decides what reads it; manifests that come out are checked by their schema.
  { subpath: '@patchbay/api/discovery', ...core, atOnce: ['zod'], later: [...core.later, 'saxes', 'yaml'] },
  // The form of an answer, and whether somebody wants axios, decide at the first call.
  { subpath: '@patchbay/api/declarative', ...core, later: [...core.later, 'axios', 'csv-parse', 'graphql', 'saxes'] },
  { subpath: '@patchbay/api/simulator', ...core, later: [...core.later, 'axios', 'csv-parse', 'graphql', 'saxes'] },
  { subpath: '@patchbay/api/evidence', ...core, atOnce: [...core.atOnce, 'graphql'] },
  {
    subpath: '@patchbay/api/rest',
    ...core,
    atOnce: [...core.atOnce, 'zod'],
    later: [...core.later, 'axios', 'csv-parse', 'saxes'],
  },
  {
    subpath: '@patchbay/api/manifest',
    ...core,
    atOnce: [...core.atOnce, 'yaml', 'zod'],
    later: [...core.later, 'graphql'],
  },
  { subpath: '@patchbay/api/documentation', ...core, later: [...core.later, 'swagger-ui-dist'] },
  { subpath: '@patchbay/api/typescript', ...core },
  // Each command loads what it needs when it is called.
  {
    subpath: '@patchbay/cli',
    ...core,
    later: [
      ...core.later,
      ...['axios', 'csv-parse', 'graphql', 'graphql-request', 'saxes', 'soap', 'swagger-ui-dist', 'ws', 'yaml', 'zod'],
    ],
  },
  // Manifests that come from elsewhere are checked when they come; those of the package are not checked again.
  ...['@patchbay/catalog', '@patchbay/catalog/signed'].map((subpath) => ({
    subpath,
    ...core,
    later: [...core.later, 'axios', 'csv-parse', 'graphql', 'saxes', 'yaml', 'zod'],
  })),
  // An integration is data; the engine is the same for all.
  { subpath: '@patchbay/catalog/*', ...core, later: [...core.later, 'axios', 'csv-parse', 'graphql', 'saxes'] },
  // Connectors: schemas at once, nothing else.
  { subpath: '@patchbay/api/*', ...core, atOnce: [...core.atOnce, 'zod'] },
]

export function permissionFor(specifier: string, all: readonly Permission[] = permissions): Permission {
  const fits = (pattern: string): boolean =>
    pattern.endsWith('*') ? specifier.startsWith(pattern.slice(0, -1)) : specifier === pattern
  return all.find(({ subpath }) => fits(subpath)) ?? { subpath: specifier, atOnce: [], later: [] }
}
