import { join, resolve } from 'node:path'
import { folderFiles, indexFile, noteFile, signIndex, verifierKeyOf } from '@patchbay/catalog/signed'
import { isPatchbayError } from '@patchbay/core'
import type { Values } from '../command.ts'
import { exitStatus } from '../exit-status.ts'
import { readText, writeBytes } from '../files.ts'
import { onlyOne } from '../manifests.ts'
import type { Terminal } from '../terminal.ts'
import { needed } from './options.ts'

const maxBytes = 16 * 2 ** 20
const maxKeyBytes = 16_384

/** Signs the index of a folder; signatures that others made of the same index stay. */
export async function sign(terminal: Terminal, folders: readonly string[], values: Values) {
  const folder = onlyOne(folders, 'folder of a bundle')
  const name = needed(values, 'name', 'of the key, as it was made')
  const pem = await readText(terminal, needed(values, 'private-key', 'a file with an Ed25519 key in PEM'), maxKeyBytes)
  const files = folderFiles(resolve(terminal.folder, folder))
  const index = await files.read(indexFile, maxBytes)
  const before = await files.read(noteFile, maxBytes).catch((error: unknown) => {
    if (isPatchbayError(error)) return undefined
    throw error
  })
  const note = signIndex(index, { name, pem, before })
  await writeBytes(terminal, join(folder, noteFile), Buffer.from(note))
  terminal.out(`${verifierKeyOf(name, pem)}\n`)
  return exitStatus.good
}
