import { Fault } from '@patchbay/core'

/** A part of a multipart body. Its bytes come as they arrive; what is not read when the next part is asked for is skipped. */
export interface BodyPart {
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: AsyncIterable<Uint8Array>
}

export const multipartLimits = { parts: 1000, headerBytes: 16 * 1024 } as const

/**
 * Reads a multipart body (RFC 2046 section 5.1) with the memory of one chunk. The boundary stands in HTTP's content type.
 * @throws Fault `protocol` for a body that is cut, has too many parts, or headers that never end
 */
export async function* readMultipart(source: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<BodyPart> {
  const reader = new DelimitedReader(source)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  try {
    // What stands before the first boundary is nobody's.
    for await (const _ of reader.until(delimiter));
    for (let count = 0; !(await reader.closes()); count++) {
      if (count >= multipartLimits.parts) throw cut(`holds more than ${multipartLimits.parts} parts`)
      const headers = readHeaders(await reader.header(multipartLimits.headerBytes))
      const body = reader.until(delimiter)
      yield { headers, body }
      for await (const _ of body);
    }
  } finally {
    await reader.close()
  }
}

class DelimitedReader {
  readonly #source: AsyncIterator<Uint8Array>
  /** As if a line had ended before, so that a boundary at the very beginning is one like the others. */
  #held: Buffer = Buffer.from('\r\n')
  #ended = false

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false
    const { done, value } = await this.#source.next()
    if (done === true) {
      this.#ended = true
      return false
    }
    const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    this.#held = this.#held.byteLength === 0 ? chunk : Buffer.concat([this.#held, chunk])
    return true
  }

  /** The bytes before the delimiter, which is taken. Asked again after its end, it gives nothing. */
  until(delimiter: Buffer): AsyncIterable<Uint8Array> {
    const run = this.#run(delimiter)
    return { [Symbol.asyncIterator]: () => run }
  }

  async *#run(delimiter: Buffer): AsyncIterableIterator<Uint8Array> & AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = this.#held.indexOf(delimiter)
      if (at !== -1) {
        const before = this.#held.subarray(0, at)
        this.#held = this.#held.subarray(at + delimiter.byteLength)
        if (before.byteLength > 0) yield before
        return
      }
      const sure = this.#held.byteLength - delimiter.byteLength + 1
      if (sure > 0) {
        const before = this.#held.subarray(0, sure)
        this.#held = this.#held.subarray(sure)
        yield before
      }
      if (!(await this.#more())) throw cut('ends before its last boundary')
    }
  }

  /** After a delimiter: true for the last one. Takes the end of its line. */
  async closes(): Promise<boolean> {
    while (this.#held.byteLength < 2) if (!(await this.#more())) throw cut('ends within a boundary')
    if (this.#held.subarray(0, 2).toString('latin1') === '--') return true
    const line = await this.#line(256)
    if (line.trim() !== '') throw cut('has a boundary with more on its line')
    return false
  }

  async header(most: number): Promise<readonly string[]> {
    const lines: string[] = []
    let size = 0
    for (;;) {
      const line = await this.#line(most)
      size += line.length
      if (size > most) throw cut('has a part with too large a header')
      if (line === '') return lines
      lines.push(line)
    }
  }

  async #line(most: number): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf('\r\n')
      if (at !== -1) {
        const line = this.#held.subarray(0, at).toString('latin1')
        this.#held = this.#held.subarray(at + 2)
        return line
      }
      if (this.#held.byteLength > most) throw cut('has a line that does not end')
      if (!(await this.#more())) throw cut('ends within a header')
    }
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.()
    this.#ended = true
  }
}

function readHeaders(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  let last = ''
  for (const line of lines) {
    if (/^[ \t]/.test(line)) {
      headers.set(last, `${headers.get(last) ?? ''} ${line.trim()}`)
      continue
    }
    const colon = line.indexOf(':')
    if (colon === -1) throw cut('has a part with a line that is no header')
    last = line.slice(0, colon).trim().toLowerCase()
    headers.set(last, line.slice(colon + 1).trim())
  }
  return headers
}

function cut(why: string): Fault {
  return new Fault({ kind: 'protocol', code: 'multipart', sent: 'all', message: `the multipart answer ${why}` })
}
