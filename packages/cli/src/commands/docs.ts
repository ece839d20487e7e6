import { copyFile, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describeManifest, markdownOf, openApiOf, swaggerUiFolder, swaggerUiPage } from '@patchbay/api/documentation'
import { Fault } from '@patchbay/core'
import { type Command, textOf } from '../command.ts'
import { CommandError, exitStatus } from '../exit-status.ts'
import { deliver, writeText } from '../files.ts'
import { onlyOne, validManifest } from '../manifests.ts'
import type { Terminal } from '../terminal.ts'

/** Writes documentation of a manifest: Markdown, OpenAPI 3.1, or a folder with a Swagger UI page. */
export const command: Command = {
  options: { output: { type: 'string', short: 'o' }, openapi: { type: 'boolean' }, html: { type: 'boolean' } },
  async run(terminal, files, values) {
    const file = onlyOne(files, 'manifest')
    const output = textOf(values, 'output')
    if (values.openapi === true && values.html === true)
      throw new CommandError(exitStatus.usage, '--openapi and --html are two things: give one')
    if (values.html === true && output === undefined)
      throw new CommandError(exitStatus.usage, '--html writes a folder: name it with -o')
    const manifest = await validManifest(terminal, file)
    if (values.openapi === true) await deliver(terminal, output, `${JSON.stringify(openApiOf(manifest), null, 2)}\n`)
    else if (values.html === true && output !== undefined)
      await writePage(terminal, output, swaggerUiPage(openApiOf(manifest)))
    else await deliver(terminal, output, markdownOf(describeManifest(manifest)))
    return exitStatus.good
  },
}

async function writePage(
  terminal: Terminal,
  folder: string,
  { html, files }: ReturnType<typeof swaggerUiPage>,
): Promise<void> {
  const source = await swaggerUiFolder().catch((error: unknown) => {
    throw error instanceof Fault ? new CommandError(exitStatus.unreadable, error.message) : error
  })
  const assets = join(resolve(terminal.folder, folder), 'swagger-ui')
  await mkdir(assets, { recursive: true })
  for (const name of files) await copyFile(join(source, name), join(assets, name))
  await writeText(terminal, join(folder, 'index.html'), html)
}
