import { globSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { IntegrationManifest } from '@patchbay/api/manifest'
import { buildIndex, indexFile, noteFile, type Revocation } from '@patchbay/catalog/signed'
import { textOf, type Values } from '../command.ts'
import { CommandError, exitStatus } from '../exit-status.ts'
import { readText, writeBytes } from '../files.ts'
import { validManifest } from '../manifests.ts'
import type { Terminal } from '../terminal.ts'
import { needed, numberOf } from './options.ts'

const maxFactsBytes = 4 * 2 ** 20

/** Writes the index and the manifests in their canonical form. Nothing is written when a manifest is not valid. */
export async function build(terminal: Terminal, places: readonly string[], values: Values) {
  if (places.length === 0) throw new CommandError(exitStatus.usage, 'name manifests, or folders with manifests')
  const folder = needed(values, 'output', 'the folder of the bundle')
  const name = needed(values, 'name', 'of the catalog, such as acme.example/integrations')
  const number = numberOf(values, 'number')
  if (number === undefined)
    throw new CommandError(exitStatus.usage, '--number is missing: higher than that of the index before, from 1')
  const evidence = (await facts(terminal, values, 'evidence')) as Readonly<Record<string, string>> | undefined
  const revoked = (await facts(terminal, values, 'revoked')) as readonly Revocation[] | undefined
  if (revoked !== undefined && !Array.isArray(revoked))
    throw new CommandError(exitStatus.found, '--revoked wants a JSON list of { id, reason } and perhaps sha256')
  const manifests: IntegrationManifest[] = []
  let invalid = 0
  for (const file of places.flatMap((place) => manifestsOf(terminal, place))) {
    try {
      manifests.push(await validManifest(terminal, file))
    } catch (error) {
      if (!(error instanceof CommandError) || error.status !== exitStatus.found) throw error
      invalid++
    }
  }
  if (invalid > 0) throw new CommandError(exitStatus.found, `${invalid} manifests are not valid; nothing was written`)
  const { files, integrations } = buildIndex(manifests, { name, number, revoked, evidence })
  dropStaleNote(terminal, folder, files.get(indexFile) as Uint8Array)
  for (const [file, bytes] of files) await writeBytes(terminal, join(folder, file), bytes)
  terminal.out(`index ${number} of ${name}: ${integrations.length} integrations, not signed yet\n`)
  return exitStatus.good
}

/** A file is itself; of a folder everything below it that may be a manifest. */
function manifestsOf({ folder }: Terminal, place: string): string[] {
  const path = resolve(folder, place)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [place]
  const found = globSync('**/*.{yaml,yml,json}', { cwd: path, exclude: ['**/node_modules'] }).sort()
  if (found.length === 0) throw new CommandError(exitStatus.unreadable, `${place}: there are no manifests in it`)
  return found.map((file) => join(place, file))
}

async function facts(terminal: Terminal, values: Values, name: string): Promise<unknown> {
  const file = textOf(values, name)
  if (file === undefined) return undefined
  try {
    return JSON.parse(await readText(terminal, file, maxFactsBytes))
  } catch (error) {
    throw error instanceof SyntaxError ? new CommandError(exitStatus.found, `${file}: it is no JSON`) : error
  }
}

/** A signature of another index would only look like an attack. */
function dropStaleNote({ folder }: Terminal, bundle: string, index: Uint8Array): void {
  const at = (file: string): string => resolve(folder, bundle, file)
  const same =
    statSync(at(indexFile), { throwIfNoEntry: false }) !== undefined && readFileSync(at(indexFile)).equals(index)
  if (!same) rmSync(at(noteFile), { force: true })
}
