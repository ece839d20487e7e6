import {
  checkManifest,
  type IntegrationManifest,
  type ManifestIssue,
  maxManifestBytes,
  pathText,
} from '@patchbay/api/manifest'
import { CommandError, exitStatus } from './exit-status.ts'
import { readText } from './files.ts'
import { coloured, plain, type Terminal } from './terminal.ts'

/** `manifest.yaml:12:5 unknown-key "summry" is not a key here.` and the remedy below it. */
export function tellIssue(
  terminal: Terminal,
  { file = '', line = 1, column = 1, level, code, message, remedy }: ManifestIssue,
): void {
  const place = coloured(terminal, 'bold', `${plain(file)}:${line}:${column}`)
  const what = coloured(terminal, level === 'error' ? 'red' : 'yellow', level === 'error' ? code : `warning ${code}`)
  terminal.error(`${place} ${what} ${plain(message)}\n  ${coloured(terminal, 'dim', plain(remedy))}\n`)
}

/** An issue as data, for `--json`. */
export const issueData = ({ level, code, path, message, remedy, file, line, column }: ManifestIssue) => ({
  file,
  line,
  column,
  level,
  code,
  path: pathText(path),
  message,
  remedy,
})

/** Reads and checks a manifest, and tells what is wrong with it. @throws CommandError when it is not valid */
export async function validManifest(terminal: Terminal, path: string): Promise<IntegrationManifest> {
  const { manifest, issues, valid } = await checkManifest(await readText(terminal, path, maxManifestBytes), {
    file: path,
  })
  if (manifest !== undefined && valid) return manifest
  for (const issue of issues) if (issue.level === 'error') tellIssue(terminal, issue)
  throw new CommandError(exitStatus.found, `${path} is not valid`)
}

/** The one argument of a command. */
export function onlyOne(positionals: readonly string[], what: string): string {
  const [first] = positionals
  if (first === undefined || positionals.length > 1) throw new CommandError(exitStatus.usage, `give one ${what}`)
  return first
}
