// load-catalog.ts <what> [folder of a bundle] [key]: loads parts of the catalog in a process that has loaded nothing of it, and tells the milliseconds.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface LoadTimes {
  /** One per thing that was loaded, in order. */
  readonly ms: readonly number[]
}

const [what = '', folder = '', key = ''] = process.argv.slice(2)

async function timed(work: () => unknown): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

const programs: Readonly<Record<string, () => Promise<number[]>>> = {
  core: async () => [await timed(() => import('@patchbay/core'))],
  http: async () => [await timed(() => import('@patchbay/core/http'))],
  engine: async () => [await timed(() => import('@patchbay/api/declarative'))],
  first: async () => [await timed(() => import('@patchbay/catalog/pagerduty'))],
  list: async () => [
    await timed(async () => {
      const { listIntegrations } = await import('@patchbay/catalog')
      if (listIntegrations().length === 0) throw new Error('the catalog is empty')
    }),
  ],
  signed: async () => {
    const importing = await timed(() => import('@patchbay/catalog/signed'))
    const { readIndex } = await import('@patchbay/catalog/signed')
    const reading = await timed(() => {
      const bytes = readFileSync(join(folder, 'index.json'))
      const note = readFileSync(join(folder, 'index.json.note'))
      if (readIndex(bytes, { keys: [key], note }).integrations.length === 0) throw new Error('the index is empty')
    })
    return [importing, reading]
  },
  /** Each for the first time, after the engine and another integration. */
  each: async () => {
    const { listIntegrations, loadIntegration } = await import('@patchbay/catalog')
    await import('@patchbay/catalog/pagerduty')
    const times: number[] = []
    for (const { id } of listIntegrations()) if (id !== 'pagerduty') times.push(await timed(() => loadIntegration(id)))
    return times
  },
  /** The same out of a bundle: hash, format, checks and comparison with the index, for each. */
  bundle: async () => {
    const { loadBundle } = await import('@patchbay/catalog/signed')
    const bundle = await loadBundle(folder, { keys: [key] })
    await bundle.load('pagerduty')
    const times: number[] = []
    for (const { id } of bundle.index.integrations)
      if (id !== 'pagerduty') times.push(await timed(() => bundle.load(id)))
    return times
  },
}

const ms = (await programs[what]?.()) ?? []
process.send?.({ ms } satisfies LoadTimes)
process.disconnect()
