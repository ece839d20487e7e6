import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toolScript } from '../tool-script.ts'
import type { ConnectorNames } from './names.ts'
import { templates } from './templates.ts'

/** Writes the folder of a connector, formatted, and returns its files, relative to the repository. */
export function writeConnector(root: string, names: ConnectorNames): string[] {
  const folder = `packages/${names.family}/src/connectors/${names.product}`
  mkdirSync(join(root, folder), { recursive: true })
  const files = Object.entries(templates(names)).map(([name, text]) => {
    writeFileSync(join(root, folder, name), text)
    return `${folder}/${name}`
  })
  // How lines break depends on the length of the names.
  execFileSync(process.execPath, [toolScript('@biomejs/biome'), 'format', '--write', folder], {
    cwd: root,
    stdio: 'pipe',
  })
  return files
}
