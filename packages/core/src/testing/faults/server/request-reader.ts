/** One HTTP/1.1 request as it came over the wire. */
export interface WireRequest {
  readonly method: string
  /** Request target as sent: path and query. */
  readonly target: string
  /** Lower-case names; repeated fields joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Decoded from its framing, not from its content coding. */
  readonly body: Uint8Array
}

const headEnd = Buffer.from('\r\n\r\n')
const longestHead = 1 << 20

/**
 * Takes requests apart as their bytes arrive. It is lenient where a client is merely unusual; what is no HTTP throws. `onExpect` is
 * called for `Expect: 100-continue`.
 */
export class RequestReader {
  readonly #onExpect: () => void
  #buffer: Buffer = Buffer.alloc(0)
  #head: Omit<WireRequest, 'body'> | undefined

  constructor(onExpect: () => void) {
    this.#onExpect = onExpect
  }

  /** True in the middle of a request. */
  get partial(): boolean {
    return this.#head !== undefined || this.#buffer.length > 0
  }

  /** The requests that `chunk` completes. */
  push(chunk: Buffer): WireRequest[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
    const complete: WireRequest[] = []
    for (let request = this.#next(); request !== undefined; request = this.#next()) complete.push(request)
    return complete
  }

  #next(): WireRequest | undefined {
    if (this.#head === undefined) {
      const end = this.#buffer.indexOf(headEnd)
      if (end === -1) {
        if (this.#buffer.length > longestHead) throw new Error('the head of the request is longer than 1 MiB')
        return undefined
      }
      this.#head = parseHead(this.#buffer.subarray(0, end).toString('latin1'))
      this.#buffer = this.#buffer.subarray(end + headEnd.length)
      if (this.#head.headers.expect?.toLowerCase() === '100-continue') this.#onExpect()
    }
    const framed = this.#body(this.#head.headers)
    if (framed === undefined) return undefined
    const request = { ...this.#head, body: framed.body }
    this.#head = undefined
    this.#buffer = this.#buffer.subarray(framed.used)
    return request
  }

  #body(headers: Readonly<Record<string, string>>): { body: Buffer; used: number } | undefined {
    if (headers['transfer-encoding']?.toLowerCase().includes('chunked') === true) return unchunk(this.#buffer)
    const length = Number(headers['content-length'] ?? 0)
    if (!Number.isSafeInteger(length) || length < 0) throw new Error('the Content-Length of the request is no number')
    return this.#buffer.length < length ? undefined : { body: this.#buffer.subarray(0, length), used: length }
  }
}

function parseHead(text: string): Omit<WireRequest, 'body'> {
  const [start = '', ...fields] = text.split('\r\n')
  const [, method, target] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(start) ?? []
  if (method === undefined || target === undefined) throw new Error(`"${start.slice(0, 60)}" is not a request line`)
  const headers: Record<string, string> = {}
  for (const field of fields) {
    const colon = field.indexOf(':')
    if (colon < 1) throw new Error('a header field of the request has no name')
    const name = field.slice(0, colon).toLowerCase()
    const value = field.slice(colon + 1).trim()
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  return { method, target, headers }
}

function unchunk(buffer: Buffer): { body: Buffer; used: number } | undefined {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const end = buffer.indexOf('\r\n', at)
    if (end === -1) return undefined
    const size = Number.parseInt(buffer.subarray(at, end).toString('latin1'), 16)
    if (Number.isNaN(size)) throw new Error('a chunk of the request has no size')
    if (size === 0) {
      // Trailers end with an empty line.
      const last = buffer.subarray(end).indexOf(headEnd)
      return last === -1 ? undefined : { body: Buffer.concat(parts), used: end + last + headEnd.length }
    }
    if (buffer.length < end + 2 + size + 2) return undefined
    parts.push(buffer.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
}
