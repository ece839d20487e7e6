import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { manifestOf, readDescription } from '../../packages/api/src/discovery/index.ts'
import { lintManifest, maxManifestBytes, pathText } from '../../packages/api/src/manifest/index.ts'

/** What became of one document. */
export interface Outcome {
  readonly document: string
  /** Undefined: the manifest is valid. */
  readonly failure?: string | undefined
  readonly bytes: number
  readonly ms: number
  readonly described: number
  readonly written: number
  readonly guesses: number
  /** Of the simulated first read; undefined when it was not asked for. */
  readonly simulated?: string | undefined
}

/** A program that runs the first list or get operation of a manifest against its simulator, given with `--simulate`. */
export interface Simulation {
  /** Undefined when the call went well; else the reason. */
  simulate(manifest: unknown, description: string): Promise<string | undefined>
}

/** Documents of the package are no attack: the largest has 47 MB. */
const limits = { maxBytes: 64_000_000 }

export async function importDocument(document: string, file: string, simulation?: Simulation): Promise<Outcome> {
  const started = performance.now()
  const bytes = readFileSync(file).byteLength
  const facts = { document, bytes, described: 0, written: 0, guesses: 0 }
  const ms = (): number => Math.round(performance.now() - started)
  try {
    const model = await readDescription({ file }, { limits })
    facts.described = model.operations.length
    const { manifest, report } = manifestOf(model)
    facts.written = report.written
    facts.guesses = report.guesses.length
    // The format itself was checked by manifestOf.
    const size = Buffer.byteLength(JSON.stringify(manifest, null, 2))
    if (size > maxManifestBytes) return { ...facts, ms: ms(), failure: `too-large: ${size} bytes` }
    const error = (await lintManifest(manifest)).find(({ level }) => level === 'error')
    if (error !== undefined)
      return { ...facts, ms: ms(), failure: `${error.code}: ${pathText(error.path)}: ${error.message}` }
    const time = ms()
    const simulated = simulation === undefined ? undefined : ((await simulation.simulate(manifest, file)) ?? 'ok')
    return { ...facts, ms: time, simulated }
  } catch (error) {
    return { ...facts, ms: ms(), failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
}

export async function simulationFrom(file: string): Promise<Simulation> {
  return (await import(pathToFileURL(file).href)) as Simulation
}
