import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Bench } from './bench.ts'
import { median } from './measure.ts'
import { type Row, row } from './report.ts'

interface Cost {
  /** CPU time of the whole process in milliseconds. */
  readonly cpu: number
  /** Bytes of heap in use after the import. */
  readonly heap: number
}

const programs = {
  nothing: '',
  'p-limit': "await import('p-limit')",
  '@patchbay/core': "await import('@patchbay/core')",
  '@patchbay/core/http': "await import('@patchbay/core/http')",
  '@patchbay/core/credentials': "await import('@patchbay/core/credentials')",
  '@patchbay/core/webhooks': "await import('@patchbay/core/webhooks')",
} as const

type Name = keyof typeof programs

const report =
  ';globalThis.gc();const{user,system}=process.cpuUsage();console.log(JSON.stringify({cpu:(user+system)/1000,heap:process.memoryUsage().heapUsed}))'

export const bench: Bench = {
  description:
    'What importing the root entry and the subpaths costs a fresh process, over one that imports nothing; size of the root entry',
  async run({ rounds = 15, log }) {
    const names = Object.keys(programs) as Name[]
    const seen = new Map<Name, Cost[]>(names.map((name) => [name, []]))
    for (let round = 0; round <= rounds; round++) {
      log(`round ${round} of ${rounds}`)
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        const cost = await costOf(programs[name])
        // The first round fills the disk cache.
        if (round > 0) seen.get(name)?.push(cost)
      }
    }
    return [
      ...costRows(seen),
      row({ name: 'root entry, gzip', value: (await gzipOfRoot()) / 1000, unit: 'kB', atMost: 15 }),
    ]
  },
}

async function costOf(program: string): Promise<Cost> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...process.execArgv, '--expose-gc', '--input-type=module', '-e', program + report],
    { cwd: import.meta.dirname },
  )
  return JSON.parse(stdout) as Cost
}

function costRows(seen: ReadonlyMap<Name, readonly Cost[]>): readonly Row[] {
  /** Over the empty process of the same round. */
  const over = (name: Name, part: keyof Cost): number => {
    const nothing = seen.get('nothing') as readonly Cost[]
    return median((seen.get(name) as readonly Cost[]).map((cost, round) => cost[part] - (nothing[round] as Cost)[part]))
  }
  const yardstick = { name: 'p-limit', value: over('p-limit', 'cpu') }
  return [
    row({ name: "import '@patchbay/core', CPU", value: over('@patchbay/core', 'cpu'), unit: 'ms', atMost: 10 }),
    row({ name: "import '@patchbay/core', CPU", value: over('@patchbay/core', 'cpu'), unit: 'ms', against: yardstick }),
    row({
      name: "import '@patchbay/core', heap",
      value: over('@patchbay/core', 'heap') / 2 ** 20,
      unit: 'MiB',
      atMost: 1,
    }),
    ...(['@patchbay/core/http', '@patchbay/core/credentials', '@patchbay/core/webhooks'] as const).map((name) =>
      row({ name: `import '${name}', CPU`, value: over(name, 'cpu'), unit: 'ms' }),
    ),
  ]
}

/** What importing the root entry loads, dependencies included, minified as an application's bundler would. Lazy parts do not count. */
async function gzipOfRoot(): Promise<number> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: "export * from '@patchbay/core'", resolveDir: import.meta.dirname },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    write: false,
    outdir: 'out',
    logLevel: 'silent',
    metafile: true,
  })
  const { outputs } = metafile
  const eager = new Set(
    Object.keys(outputs).filter((path) => outputs[path]?.entryPoint !== undefined && path.endsWith('stdin.js')),
  )
  // Chunks that the entry imports at once are part of it.
  for (const path of eager) {
    for (const { kind, path: imported } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && imported in outputs) eager.add(imported)
  }
  const parts = outputFiles.filter(({ path }) => [...eager].some((name) => path.endsWith(name)))
  if (parts.length === 0) throw new Error('esbuild wrote no entry')
  return gzipSync(Buffer.concat(parts.map(({ contents }) => contents))).length
}
