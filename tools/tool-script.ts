import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'

/** The script behind a tool's bin entry, to be run by this very Node: works alike on Windows, and needs no PATH. */
export function toolScript(tool: string, bin = tool.split('/').at(-1) ?? tool): string {
  const file = findPackageJSON(tool, import.meta.url)
  if (file === undefined) throw new Error(`${tool} is not installed`)
  const { bin: entry } = JSON.parse(readFileSync(file, 'utf8')) as { bin?: string | Record<string, string> }
  const script = typeof entry === 'string' ? entry : entry?.[bin]
  if (script === undefined) throw new Error(`${tool} has no bin named ${bin}`)
  return join(dirname(file), script)
}
