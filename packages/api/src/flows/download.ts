import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { type CallOptions, isPatchbayError, patchbayError } from '@patchbay/core'
import { discard } from '../request/body.ts'
import type { APIAnswer, RequestInput } from '../request/request-input.ts'
import { type FlowConnection, type FlowOptions, FlowRun, isTransient } from './flow-run.ts'

/** What a download adds to its request: spread it beside the path. */
export type DownloadPart = Pick<RequestInput, 'range' | 'ifRange' | 'headers'>

export interface Checksum {
  /** Of Node's crypto: `sha256`, `md5`, … */
  readonly algorithm: string
  /** Hexadecimal or base64. */
  readonly value: string
}

export interface DownloadOptions extends FlowOptions {
  /**
   * Asks for the file or a part of it: `(part, call) => connection.resource.get({ path, expect: 'stream', ...part }, call)`. Asked again
   * after a break, for the rest.
   */
  open(part: DownloadPart, call: CallOptions): Promise<APIAnswer<AsyncIterable<Uint8Array>>>
  /** Path of the file to make. What has come so far stands beside it, in `<to>.part` and `<to>.part.json`; a later run goes on from there. */
  readonly to: string
  /** What the whole file must hash to; told by the vendor, or found in the answer. */
  readonly checksum?: Checksum | ((answer: APIAnswer<unknown>) => Checksum | undefined) | undefined
  /** Breaks in a row without a byte between them that are waited out. Default 5. */
  readonly failures?: number | undefined
  readonly onProgress?: ((progress: { readonly bytes: number; readonly total: number | undefined }) => void) | undefined
}

export interface Downloaded {
  readonly bytes: number
  readonly etag: string | undefined
}

/**
 * Downloads a file, and goes on with it after a break or a crash where the vendor has strong ETags and parts (RFC 9110 sections 13.1.5 and
 * 14); otherwise it begins anew. The file appears under its name only when it is whole and its checksum is right.
 * @throws PatchbayError `protocol`, code `checksum` or `content-range`; or what a call threw
 */
export async function download(connection: FlowConnection, options: DownloadOptions): Promise<Downloaded> {
  return new Download(connection, options).run()
}

interface Held {
  readonly etag: string
  readonly total: number | undefined
}

class Download {
  readonly #options: DownloadOptions
  readonly #run: FlowRun
  readonly #part: string
  readonly #facts: string
  #checksum: Checksum | undefined

  constructor(connection: FlowConnection, options: DownloadOptions) {
    this.#options = options
    this.#run = new FlowRun(connection, options)
    this.#part = `${options.to}.part`
    this.#facts = `${options.to}.part.json`
    if (typeof options.checksum !== 'function') this.#checksum = options.checksum
  }

  async run(): Promise<Downloaded> {
    const { failures = 5, to } = this.#options
    for (let failed = 0; ; ) {
      const before = await sizeOf(this.#part)
      try {
        const etag = await this.#fetch()
        const bytes = await this.#verify()
        await rename(this.#part, to)
        await rm(this.#facts, { force: true })
        return { bytes, etag }
      } catch (error) {
        if (!isTransient(error)) throw error
        failed = (await sizeOf(this.#part)) > before ? 1 : failed + 1
        if (failed > failures) throw error
        await this.#run.backOff(failed, error)
      }
    }
  }

  /** One request, for all or for the rest. */
  async #fetch(): Promise<string | undefined> {
    const held = await readHeld(this.#facts)
    const have = held === undefined ? 0 : await sizeOf(this.#part)
    const whole = held !== undefined && have > 0 && have === held.total
    if (whole && typeof this.#options.checksum !== 'function') return held.etag
    const rest: DownloadPart = held === undefined || have === 0 ? {} : { range: { from: have }, ifRange: held.etag }
    // Of an encoded body the bytes cannot be counted.
    const part = { ...rest, headers: { 'accept-encoding': 'identity' } }
    const answer = await this.#options.open(part, this.#run.callOptions(true)).catch(async (error: unknown) => {
      // The rest begins behind the end: the file is another one now.
      if (isPatchbayError(error) && error.status === 416 && rest.range !== undefined) {
        await rm(this.#facts, { force: true })
        return this.#options.open({ headers: part.headers }, this.#run.callOptions(true))
      }
      throw error
    })
    try {
      await this.#take(answer, have)
    } catch (error) {
      discard(answer.value)
      throw error
    }
    return answer.etag
  }

  async #take(answer: APIAnswer<AsyncIterable<Uint8Array>>, have: number): Promise<void> {
    const { checksum } = this.#options
    if (typeof checksum === 'function') this.#checksum = checksum(answer)
    const from = answer.status === 206 ? have : 0
    const total = answer.status === 206 ? totalOf(answer, have) : lengthOf(answer)
    const { etag } = answer
    // Only a strong one says that the bytes are the same (RFC 9110 section 8.8.3).
    const strong = etag === undefined || etag.startsWith('W/') ? undefined : { etag, total }
    await this.#write(answer.value, from, total, strong)
  }

  async #write(
    source: AsyncIterable<Uint8Array>,
    from: number,
    total: number | undefined,
    held: Held | undefined,
  ): Promise<void> {
    // In this order: whenever the process ends, the facts are about the bytes that are there, or there are none.
    if (from === 0) await rm(this.#facts, { force: true })
    const file = await open(this.#part, from === 0 ? 'w' : 'r+')
    try {
      if (held !== undefined) await writeFile(this.#facts, JSON.stringify(held))
      let bytes = from
      for await (const chunk of source) {
        this.#run.check()
        for (let at = 0; at < chunk.byteLength; ) {
          const { bytesWritten } = await file.write(chunk, at, chunk.byteLength - at, bytes)
          at += bytesWritten
          bytes += bytesWritten
        }
        this.#options.onProgress?.({ bytes, total })
      }
      await file.sync()
      if (total !== undefined && bytes !== total) throw wrong('content-range', `${bytes} of ${total} bytes came`)
    } finally {
      await file.close()
    }
  }

  async #verify(): Promise<number> {
    const size = await sizeOf(this.#part)
    if (this.#checksum === undefined) return size
    const { algorithm, value } = this.#checksum
    const hash = createHash(algorithm)
    for await (const chunk of createReadStream(this.#part)) hash.update(chunk as Uint8Array)
    const digest = hash.digest()
    if (digest.toString('hex') === value.toLowerCase() || digest.toString('base64') === value) return size
    // A wrong file is nothing to go on from.
    await rm(this.#part, { force: true })
    await rm(this.#facts, { force: true })
    throw wrong('checksum', `the file does not have the ${algorithm} that it should; it was deleted`)
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

async function readHeld(path: string): Promise<Held | undefined> {
  try {
    const held = JSON.parse(await readFile(path, 'utf8')) as Partial<Held>
    return typeof held.etag === 'string' ? (held as Held) : undefined
  } catch {
    return undefined
  }
}

function totalOf(answer: APIAnswer<unknown>, from: number): number | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(String(answer.headers['content-range'] ?? ''))
  if (match === null || Number(match[1]) !== from) {
    throw wrong('content-range', `the vendor gave another part than the one from byte ${from}`)
  }
  return match[2] === '*' ? undefined : Number(match[2])
}

function lengthOf({ headers }: APIAnswer<unknown>): number | undefined {
  const length = Number(headers['content-length'] ?? Number.NaN)
  return Number.isSafeInteger(length) ? length : undefined
}

function wrong(code: string, message: string): Error {
  return patchbayError({ kind: 'protocol', code, sent: 'all', message })
}
