import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { listIntegrations, loadIntegration } from '@patchbay/catalog'
import { buildIndex, indexFile, noteFile, signIndex, verifierKeyOf } from '@patchbay/catalog/signed'
import { askChild } from './child.ts'
import { median } from './measure.ts'
import type { LoadTimes } from './programs/load-catalog.ts'
import { type Row, row } from './report.ts'

/** What loading costs: wall time in fresh processes, the best of all rounds; the disk cache is warm. */
export async function loadingRows(rounds: number, log: (text: string) => void): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-bundle-'))
  try {
    const key = await writeBundle(folder)
    const whats = ['core', 'http', 'engine', 'first', 'list', 'signed', 'each', 'bundle'] as const
    const seen = new Map<string, number[][]>(whats.map((what) => [what, []]))
    for (let round = 0; round <= rounds; round++) {
      log(`loading, round ${round} of ${rounds}`)
      for (const what of whats) {
        const { ms } = (await askChild('programs/load-catalog.ts', [what, folder, key])) as LoadTimes
        if (round > 0) seen.get(what)?.push([...ms])
      }
    }
    /** Of each thing the best of all processes: what else the machine does only ever adds. */
    const best = (what: string): number[] => {
      const rounds = seen.get(what) ?? []
      return (rounds[0] ?? []).map((_, at) => Math.min(...rounds.map((times) => times[at] as number)))
    }
    const only = (what: string): number => best(what)[0] ?? Number.NaN
    const many = listIntegrations().length
    const ms = (name: string, value: number, atMost?: number): Row =>
      row({ name, value, unit: 'ms', ...(atMost === undefined ? {} : { atMost }) })
    return [
      row({ name: 'integrations', value: many, unit: '' }),
      ms("fresh process: import '@patchbay/core'", only('core')),
      ms("fresh process: import '@patchbay/core/http'", only('http')),
      ms('fresh process: the engine (@patchbay/api/declarative), core included', only('engine')),
      ms('fresh process: the first integration by its subpath, engine included', only('first')),
      ms('fresh process: index of all, import of @patchbay/catalog included', only('list'), 20),
      ms('fresh process: import of @patchbay/catalog/signed', only('signed')),
      ms('and then: signed index of all read and verified for the first time', best('signed')[1] ?? Number.NaN, 20),
      ms('engine loaded: one integration for the first time, median of all', median(best('each')), 1),
      ms('engine loaded: the slowest of these', Math.max(...best('each'))),
      ms(
        `engine loaded: loadIntegration of all ${many - 1} others`,
        best('each').reduce((total, one) => total + one, 0),
        150,
      ),
      ms('engine loaded: one out of a bundle, verified and checked, median of all', median(best('bundle'))),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The whole catalog as a signed bundle. */
async function writeBundle(folder: string): Promise<string> {
  const loaded = await Promise.all(listIntegrations().map(({ id }) => loadIntegration(id)))
  const { files } = buildIndex(
    loaded.map(({ declared }) => declared),
    { name: 'bench', number: 1 },
  )
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const note = Buffer.from(signIndex(files.get(indexFile) as Uint8Array, { name: 'bench', pem }))
  for (const [file, bytes] of new Map([...files, [noteFile, note]])) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), bytes)
  }
  return verifierKeyOf('bench', pem)
}
