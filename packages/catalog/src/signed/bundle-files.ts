import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Transport } from '@patchbay/core'
import { indexError } from './index-error.ts'

/** Where the files of a bundle are. */
export interface BundleFiles {
  /**
   * @param name of the file, such as `manifests/acme-desk.json`; always one that this package made
   * @throws PatchbayError `bundle-missing` when it is not there or has more than `most` bytes
   */
  read(name: string, most: number): Promise<Uint8Array>
}

const missing = (name: string, why: string) => indexError('bundle-missing', `${name}: ${why}`)
const tooLarge = (name: string, most: number) => missing(name, `it has more than ${most} bytes`)

/** A bundle in a folder. */
export function folderFiles(folder: string): BundleFiles {
  return {
    async read(name, most) {
      const file = await open(join(folder, name)).catch((error: { code?: string }) => {
        throw missing(name, error.code === 'ENOENT' ? 'there is no such file' : `it cannot be opened (${error.code})`)
      })
      try {
        const stat = await file.stat()
        if (!stat.isFile()) throw missing(name, 'it is no file')
        // One byte more than allowed is enough to know; the file may grow while it is read.
        const bytes = Buffer.alloc(Math.min(stat.size, most) + 1)
        let length = 0
        for (let read = 1; read > 0 && length < bytes.length; length += read)
          read = (await file.read(bytes, length, bytes.length - length)).bytesRead
        if (length > most) throw tooLarge(name, most)
        return bytes.subarray(0, length)
      } finally {
        await file.close()
      }
    },
  }
}

/**
 * A bundle behind a URL, loaded with the transport that is given: its address guard decides what may be reached. Redirects stay on the origin.
 * @throws PatchbayError `bundle-missing` for a URL that is no http(s) URL
 */
export function addressFiles(url: string | URL, { transport }: { readonly transport: Transport }): BundleFiles {
  const base = URL.canParse(String(url)) ? new URL(String(url)) : undefined
  if (base === undefined || !/^https?:$/.test(base.protocol) || base.search !== '' || base.hash !== '')
    throw missing('the bundle', 'its URL is no http(s) URL without query and fragment')
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return {
    async read(name, most) {
      const answer = await transport.send({
        method: 'GET',
        url: new URL(name, base).href,
        limits: { maxBodyBytes: most },
      })
      if (answer.status !== 200) throw missing(name, `the server answers ${answer.status}`)
      if (answer.body.length > most) throw tooLarge(name, most)
      return answer.body
    },
  }
}

/** A bundle in memory, by the names of its files. */
export function givenFiles(files: ReadonlyMap<string, Uint8Array>): BundleFiles {
  return {
    async read(name, most) {
      const bytes = files.get(name)
      if (bytes === undefined) throw missing(name, 'there is no such file')
      if (bytes.length > most) throw tooLarge(name, most)
      return bytes
    },
  }
}
