import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { indexFile, loadBundle, noteFile } from '@patchbay/catalog/signed'
import { textOf, textsOf, type Values } from '../command.ts'
import { CommandError, exitStatus } from '../exit-status.ts'
import { onlyOne } from '../manifests.ts'
import { coloured, plain, type Terminal } from '../terminal.ts'
import { numberOf } from './options.ts'

/** Verifies a bundle as a host application would, every manifest of it. */
export async function verify(terminal: Terminal, folders: readonly string[], values: Values) {
  const folder = resolve(terminal.folder, onlyOne(folders, 'folder of a bundle'))
  const keys = textsOf(values, 'key')
  if (keys === undefined || keys.length === 0)
    throw new CommandError(exitStatus.usage, '--key is missing: a verifier key, as patchbay index key prints it')
  const { index, verify: all } = await loadBundle(folder, {
    keys,
    name: textOf(values, 'name'),
    signatures: numberOf(values, 'signatures'),
  })
  const { name, number, sha256, signedBy, integrations, revoked } = index
  const seen = numberOf(values, 'seen')
  if (seen !== undefined && number < seen)
    throw new CommandError(exitStatus.found, `index ${number} of ${name} is older than ${seen}`)
  const problems = await all()
  const listed = new Set([indexFile, noteFile, ...integrations.map(({ id }) => `manifests/${id}.json`)])
  const others = globSync('**/*.*', { cwd: folder })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !listed.has(file))
    .sort()
  if (values.json === true)
    terminal.out(
      `${JSON.stringify({ name, number, sha256, signedBy, integrations: integrations.length, revoked: revoked.length, problems, others }, null, 2)}\n`,
    )
  else {
    for (const { code, message } of problems) terminal.error(`${coloured(terminal, 'red', code)} ${plain(message)}\n`)
    for (const file of others)
      terminal.error(
        `${coloured(terminal, 'yellow', 'warning')} ${plain(file)} is not in the index and is never read\n`,
      )
    terminal.out(
      `index ${number} of ${name}, signed by ${signedBy.join(', ')}: ${integrations.length - problems.length} of ${integrations.length} manifests are good\n`,
    )
  }
  return problems.length === 0 ? exitStatus.good : exitStatus.found
}
