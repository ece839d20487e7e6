import { diffModels } from '@patchbay/api/discovery'
import { type Command, textsOf } from '../command.ts'
import { readFrom } from '../descriptions.ts'
import { CommandError, exitStatus } from '../exit-status.ts'
import { coloured, plain } from '../terminal.ts'

const all = ['openapi', 'graphql', 'wsdl'] as const

/** Compares two descriptions of one API; breaking changes are found things. */
export const command: Command = {
  options: { operations: { type: 'string', multiple: true }, json: { type: 'boolean' } },
  async run(terminal, sources, values) {
    const [before, after] = sources
    if (before === undefined || after === undefined || sources.length > 2)
      throw new CommandError(exitStatus.usage, 'give two descriptions: the older one, then the newer one')
    const operations = textsOf(values, 'operations')
    const found = diffModels(
      await readFrom(terminal, before, all),
      await readFrom(terminal, after, all),
      operations === undefined ? {} : { operations },
    )
    if (values.json === true) terminal.out(`${JSON.stringify(found, null, 2)}\n`)
    else {
      for (const { severity, code, operation, place, message } of found.changes) {
        const word = severity === 'breaking' ? coloured(terminal, 'red', 'breaking') : 'compatible'
        terminal.out(
          `${word} ${code} ${plain(operation)}${place === '' ? '' : ` ${plain(place)}`}: ${plain(message)}\n`,
        )
      }
      terminal.out(`${found.breaking} breaking and ${found.compatible} compatible changes\n`)
    }
    return found.breaking === 0 ? exitStatus.good : exitStatus.found
  },
}
