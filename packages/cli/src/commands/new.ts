import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Command, textOf } from '../command.ts'
import { CommandError, exitStatus } from '../exit-status.ts'
import { writeText } from '../files.ts'
import { scaffold, scaffoldManifest } from '../scaffold/scaffold.ts'

const categories = [
  'security',
  'cloud',
  'it-operations',
  'identity',
  'business',
  'data',
  'communication',
  'development',
]

/**
 * Begins an integration: a folder with manifest, test and README. In a checkout of this repository the manifest alone, in the catalog.
 */
export const command: Command = {
  options: { category: { type: 'string' }, product: { type: 'string' }, output: { type: 'string', short: 'o' } },
  async run(terminal, [what, id, ...more], values) {
    if (what !== 'integration' || id === undefined || more.length > 0)
      throw new CommandError(exitStatus.usage, 'write: patchbay new integration <id>')
    if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id))
      throw new CommandError(
        exitStatus.usage,
        `"${id}" is not kebab-case: small letters, digits and dashes, such as acme-desk`,
      )
    const category = textOf(values, 'category') ?? 'it-operations'
    if (!categories.includes(category))
      throw new CommandError(exitStatus.usage, `--category is one of ${categories.join(', ')}`)
    const product =
      textOf(values, 'product') ??
      id.replaceAll(/(?:^|-)(\w)/g, (_, letter: string, at: number) => `${at === 0 ? '' : ' '}${letter.toUpperCase()}`)
    const names = { id, product, category }
    const catalog = join('packages', 'catalog', 'integrations')
    if (existsSync(resolve(terminal.folder, catalog))) {
      const file = join(catalog, category, `${id}.yaml`)
      await writeText(terminal, file, scaffoldManifest(names, '../../../api/manifest.schema.json'), true)
      terminal.out(`Next: edit ${file}, then pnpm patchbay validate ${file}\n`)
      return exitStatus.good
    }
    const folder = textOf(values, 'output') ?? id
    for (const [name, text] of Object.entries(scaffold(names)))
      await writeText(terminal, join(folder, name), text, true)
    terminal.out(
      `Next: edit ${join(folder, 'manifest.yaml')}, then npx patchbay validate ${join(folder, 'manifest.yaml')}\n`,
    )
    return exitStatus.good
  },
}
