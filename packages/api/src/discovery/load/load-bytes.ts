import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { isAbsolute, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Fault, patchbayError } from '@patchbay/core'
import { descriptionError } from '../description-error.ts'
import type { Loading } from './load-policy.ts'

export interface LoadedText {
  readonly text: string
  /** Of the bytes, in hex. */
  readonly sha256: string
}

/** @throws PatchbayError `description-unreadable`, `description-too-large` */
export async function loadFile(path: string, loading: Loading): Promise<LoadedText> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, 'r').catch((cause: unknown) => {
      throw descriptionError(
        'unreadable',
        path,
        'the file cannot be opened',
        'Give the path of a readable file.',
        cause,
      )
    })
    const facts = await handle.stat()
    if (!facts.isFile()) throw descriptionError('unreadable', path, 'this is no file', 'Give the path of a file.')
    take(facts.size, path, loading)
    return decode(await handle.readFile(), path)
  } finally {
    await handle?.close()
  }
}

/** The path of a file URL when it lies in the folder, symbolic links followed; undefined otherwise. */
export async function pathInside(folder: string, url: string): Promise<string | undefined> {
  try {
    const [root, path] = await Promise.all([realpath(folder), realpath(fileURLToPath(url))])
    const inside = relative(root, path)
    return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside) ? path : undefined
  } catch {
    return undefined
  }
}

/** @throws PatchbayError `description-unreadable`, `description-too-large`, or what the transport refused with */
export async function loadUrl(url: string, loading: Loading): Promise<LoadedText> {
  const left = Math.min(loading.caps.maxBytes, loading.caps.maxTotalBytes - loading.bytes)
  try {
    const transport = await loading.transport()
    const response = await transport.send({
      method: 'GET',
      url,
      headers: { accept: 'application/json, application/yaml;q=0.9, application/xml;q=0.8, */*;q=0.5' },
      limits: { maxBodyBytes: left },
      origin: 'tenant',
      urlSource: 'input',
    })
    if (response.status !== 200) {
      const what = `the server answered with status ${response.status}`
      throw descriptionError('unreadable', placeOf(url), what, 'Give the address of the description itself, or a file.')
    }
    take(response.body.byteLength, placeOf(url), loading)
    return decode(response.body, placeOf(url))
  } catch (error) {
    throw error instanceof Fault ? patchbayError(error.facts) : error
  }
}

/** Without the query, which may hold a key. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

export function take(bytes: number, place: string, loading: Loading): void {
  const { maxBytes, maxTotalBytes, maxDocuments } = loading.caps
  if (bytes > maxBytes) {
    const what = `the document has ${bytes} bytes, more than ${maxBytes}`
    throw descriptionError('too-large', place, what, 'Raise maxBytes if you trust it.')
  }
  loading.bytes += bytes
  loading.documents++
  if (loading.bytes > maxTotalBytes) {
    const what = `the documents have more than ${maxTotalBytes} bytes together`
    throw descriptionError('too-large', place, what, 'Raise maxTotalBytes if you trust them.')
  }
  if (loading.documents > maxDocuments) {
    const what = `the description refers to more than ${maxDocuments} documents`
    throw descriptionError('too-large', place, what, 'Raise maxDocuments if you trust them.')
  }
}

function decode(bytes: Uint8Array, place: string): LoadedText {
  return { text: textOf(bytes, place), sha256: sha256Of(bytes) }
}

export function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function textOf(bytes: Uint8Array, place: string): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return new TextDecoder(first === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes)
  }
  if (!isUtf8(bytes)) {
    throw descriptionError('syntax', place, 'the document is not UTF-8 text', 'Save it as UTF-8.')
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
