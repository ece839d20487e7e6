import { checkManifest, maxManifestBytes } from '@patchbay/api/manifest'
import type { Command } from '../command.ts'
import { CommandError, exitStatus } from '../exit-status.ts'
import { readText } from '../files.ts'
import { issueData, tellIssue } from '../manifests.ts'

/** Checks manifests and tells every issue like a compiler. */
export const command: Command = {
  options: { json: { type: 'boolean' } },
  async run(terminal, files, { json }) {
    if (files.length === 0) throw new CommandError(exitStatus.usage, 'name at least one manifest')
    const results = []
    for (const file of files) {
      const { issues, valid, manifest } = await checkManifest(await readText(terminal, file, maxManifestBytes), {
        file,
      })
      results.push({ file, valid, id: manifest?.id, issues: issues.map(issueData) })
      if (json !== true) for (const issue of issues) tellIssue(terminal, issue)
    }
    const invalid = results.filter(({ valid }) => !valid).length
    if (json === true) terminal.out(`${JSON.stringify(results, null, 2)}\n`)
    else
      terminal.out(
        `${results.length - invalid} of ${results.length} ${results.length === 1 ? 'manifest is' : 'manifests are'} valid\n`,
      )
    return invalid === 0 ? exitStatus.good : exitStatus.found
  },
}
