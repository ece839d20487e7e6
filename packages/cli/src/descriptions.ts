import { dirname, resolve } from 'node:path'
import { type ApiModel, type DescriptionReader, readDescription } from '@patchbay/api/discovery'
import { isPatchbayError } from '@patchbay/core'
import { CommandError, exitStatus } from './exit-status.ts'
import { plain, type Terminal } from './terminal.ts'

export const isAddress = (source: string): boolean => /^https?:\/\//i.test(source)

/** Formats whose readers are loaded when they are asked for; all others are always known. */
export type DescriptionFormat = 'openapi' | 'graphql' | 'wsdl'

async function readersOf(formats: readonly DescriptionFormat[]): Promise<DescriptionReader[]> {
  const readers: DescriptionReader[] = []
  if (formats.includes('graphql')) readers.push((await import('@patchbay/api/graphql')).graphqlReader)
  if (formats.includes('wsdl')) readers.push((await import('@patchbay/api/soap')).wsdlReader)
  return readers
}

/** Reads a description from a file or a URL. Says so before it uses the network. */
export async function readFrom(
  terminal: Terminal,
  source: string,
  formats: readonly DescriptionFormat[],
): Promise<ApiModel> {
  const readers = await readersOf(formats)
  try {
    if (isAddress(source)) {
      terminal.error(`fetching ${plain(source)}\n`)
      return await readDescription({ url: source }, { readers })
    }
    const file = resolve(terminal.folder, source)
    return await readDescription({ file }, { references: { folder: dirname(file) }, readers })
  } catch (error) {
    if (!isPatchbayError(error)) throw error
    const reasons = (error.issues ?? []).map(({ path, message }) => `${path === '' ? '' : `${path}: `}${message}`)
    const status =
      error.code === 'description-unreadable' || error.code === 'description-refused'
        ? exitStatus.unreadable
        : exitStatus.found
    throw new CommandError(status, `${source}: ${reasons.length === 0 ? error.message : reasons.join('; ')}`)
  }
}
