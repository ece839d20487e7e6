/** Bytes that are not in memory, or not wanted inside the XML. Make it with {@link attachment}. */
export class SoapAttachment {
  readonly contentType: string
  /** Bytes; undefined when nobody knows, which makes the request a chunked one. */
  readonly size: number | undefined
  readonly #source: Uint8Array | (() => AsyncIterable<Uint8Array>)

  constructor(source: Uint8Array | (() => AsyncIterable<Uint8Array>), contentType: string, size: number | undefined) {
    this.#source = source
    this.contentType = contentType
    this.size = size
  }

  /** The bytes at once, where they are in memory. */
  get bytes(): Uint8Array | undefined {
    return this.#source instanceof Uint8Array ? this.#source : undefined
  }

  open(): AsyncIterable<Uint8Array> {
    const source = this.#source
    return source instanceof Uint8Array ? one(source) : source()
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/**
 * A binary value that goes out as a part of its own (MTOM), in the place of a base64Binary: bytes, or a function that opens a stream anew for
 * each attempt.
 *
 * ```ts
 * attachment(() => createReadStream(file), { size: (await stat(file)).size, contentType: 'application/pdf' })
 * ```
 */
export function attachment(
  source: Uint8Array | (() => AsyncIterable<Uint8Array>),
  { contentType = 'application/octet-stream', size }: { readonly contentType?: string; readonly size?: number } = {},
): SoapAttachment {
  return new SoapAttachment(source, contentType, source instanceof Uint8Array ? source.byteLength : size)
}
