import { typescriptModule } from '@patchbay/api/typescript'
import { type Command, textOf } from '../command.ts'
import { exitStatus } from '../exit-status.ts'
import { deliver } from '../files.ts'
import { onlyOne, validManifest } from '../manifests.ts'

/** Writes the typed module of a manifest. */
export const command: Command = {
  options: { output: { type: 'string', short: 'o' } },
  async run(terminal, files, values) {
    const manifest = await validManifest(terminal, onlyOne(files, 'manifest'))
    await deliver(terminal, textOf(values, 'output'), typescriptModule(manifest))
    return exitStatus.good
  },
}
