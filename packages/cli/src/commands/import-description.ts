import { type ManifestDraft, manifestOf } from '@patchbay/api/discovery'
import { writeManifest } from '@patchbay/api/manifest'
import { isPatchbayError } from '@patchbay/core'
import { type Command, textOf, textsOf, type Values } from '../command.ts'
import { type DescriptionFormat, readFrom } from '../descriptions.ts'
import { CommandError, exitStatus } from '../exit-status.ts'
import { deliver } from '../files.ts'
import { onlyOne } from '../manifests.ts'
import { coloured, plain, type Terminal } from '../terminal.ts'

/** Writes a manifest out of a description, and tells what was decided where the description says nothing. */
export const importFrom = (format: DescriptionFormat): Command => ({
  options: {
    output: { type: 'string', short: 'o' },
    id: { type: 'string' },
    vendor: { type: 'string' },
    category: { type: 'string' },
    tags: { type: 'string', multiple: true },
    operations: { type: 'string', multiple: true },
    max: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(terminal, sources, values) {
    const source = onlyOne(sources, 'file or URL')
    const most = mostOf(values)
    const model = await readFrom(terminal, source, [format])
    const { manifest, report } = draftOf(() =>
      manifestOf(model, {
        id: textOf(values, 'id'),
        vendor: textOf(values, 'vendor'),
        category: textOf(values, 'category'),
        tags: textsOf(values, 'tags'),
        operations: textsOf(values, 'operations'),
        ...(most === undefined ? {} : { max: most }),
      }),
    )
    const output = textOf(values, 'output')
    if (values.json === true) {
      if (output !== undefined) await deliver(terminal, output, writeManifest(manifest))
      terminal.out(`${JSON.stringify(output === undefined ? { manifest, report } : { report }, null, 2)}\n`)
    } else {
      await deliver(terminal, output, writeManifest(manifest))
      tellReport(terminal, report)
    }
    return exitStatus.good
  },
})

function mostOf(values: Values): number | undefined {
  const text = textOf(values, 'max')
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new CommandError(exitStatus.usage, '--max wants a number of operations')
  return Number(text)
}

function draftOf(make: () => ManifestDraft): ManifestDraft {
  try {
    return make()
  } catch (error) {
    if (!isPatchbayError(error)) throw error
    throw new CommandError(
      exitStatus.found,
      (error.issues ?? []).map(({ message }) => message).join('; ') || error.message,
    )
  }
}

/** Guesses of which nobody can be sure come first: these are what a person should look at. */
function tellReport(
  terminal: Terminal,
  { described, written, leftOut, guesses, findings }: ManifestDraft['report'],
): void {
  const tell = (text: string): void => terminal.error(`${text}\n`)
  tell(
    `${written} of ${described} operations written, ${guesses.length} decisions taken, ${findings.length} remarks about the description`,
  )
  const unsure = guesses.filter(({ confidence }) => confidence === 'low')
  for (const { place, decision, because } of unsure.slice(0, 40))
    tell(`${coloured(terminal, 'yellow', 'look at')} ${plain(place)}: ${plain(decision)} (${plain(because)})`)
  if (unsure.length > 40) tell(`... and ${unsure.length - 40} more; --json tells all`)
  for (const { key, reason } of leftOut.slice(0, 10))
    tell(`${coloured(terminal, 'dim', 'left out')} ${plain(key)}: ${plain(reason)}`)
  if (leftOut.length > 10) tell(`... and ${leftOut.length - 10} more left out`)
}
