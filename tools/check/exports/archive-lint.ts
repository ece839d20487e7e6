import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { type Finding, problem } from '../finding.ts'
import type { Packed } from '../pack.ts'

/** publint over the archive, strictly: its suggestions count as well. */
export async function archiveLint(root: string, { package: one, archive }: Packed): Promise<Finding[]> {
  const bytes = readFileSync(archive)
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
  // A pattern for connectors may stand there before the first connector does.
  const noneYet = !existsSync(join(root, one.folder, 'src', 'connectors'))
  const counted = messages.filter(({ code }) => !(noneYet && code === 'EXPORTS_GLOB_NO_MATCHED_FILES'))
  return counted.map((message) =>
    problem(
      `${one.folder}/package.json`,
      undefined,
      `${message.code}: ${formatMessage(message, pkg, { color: false })}`,
      'publint explains each rule at https://publint.dev/rules.',
    ),
  )
}
