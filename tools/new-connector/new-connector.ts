import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toolScript } from '../tool-script.ts'
import { templates } from './templates.ts'

/** The names that the templates need, derived from two. */
export interface ConnectorNames {
  /** `api` */
  readonly family: string
  /** `issue-tracker` */
  readonly product: string
  /** `issueTracker` */
  readonly value: string
  /** `IssueTracker` */
  readonly type: string
  /** `Issue Tracker` */
  readonly title: string
}

export function namesOf(family: string, product: string, title?: string): ConnectorNames {
  const words = product.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
  const type = words.join('')
  return {
    family,
    product,
    value: `${type.charAt(0).toLowerCase()}${type.slice(1)}`,
    type,
    title: title ?? words.join(' '),
  }
}

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
