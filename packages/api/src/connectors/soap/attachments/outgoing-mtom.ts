import type { HttpBody, Random } from '@patchbay/core'
import type { BinarySink } from '../schema/write-context.ts'
import { attachment, SoapAttachment } from './soap-attachment.ts'

/** Collects the binary values of a message that go out as parts of their own. */
export class Attachments implements BinarySink {
  readonly #found: { readonly contentId: string; readonly attachment: SoapAttachment }[] = []
  readonly #random: Random
  readonly #threshold: number

  /** `threshold`: bytes from which on a value is taken out of the XML. */
  constructor(random: Random, threshold: number) {
    this.#random = random
    this.#threshold = threshold
  }

  take(value: unknown): { readonly contentId: string } | undefined {
    const bytes = value instanceof Uint8Array && value.byteLength >= this.#threshold
    if (!bytes && !(value instanceof SoapAttachment)) return undefined
    const one = { contentId: `${this.#random.uuid()}@patchbay`, attachment: bytes ? attachment(value) : value }
    this.#found.push(one as { contentId: string; attachment: SoapAttachment })
    return one
  }

  get count(): number {
    return this.#found.length
  }

  get all(): readonly { readonly contentId: string; readonly attachment: SoapAttachment }[] {
    return this.#found
  }
}

export interface MultipartMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly body: HttpBody
}

/** Below this size a message whose parts are in memory is sent from memory. */
const inMemory = 1024 * 1024

/**
 * The message as multipart/related (MTOM section 3.1, XOP section 4.1). Its length is told where every part's is known, so that it need not
 * be sent in chunks.
 */
export function multipartMessage(
  envelope: string,
  type: string,
  action: string | undefined,
  { all }: Attachments,
  random: Random,
): MultipartMessage {
  const boundary = `patchbay-${random.uuid()}`
  const root = `root.${random.uuid()}@patchbay`
  const rootType = `application/xop+xml; charset=UTF-8; type="${type}"`
  const head = (contentType: string, id: string): Buffer =>
    Buffer.from(
      `--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <${id}>\r\n\r\n`,
    )
  const xml = Buffer.concat([head(rootType, root), Buffer.from(envelope), lineEnd])
  const parts = all.map(({ contentId, attachment: one }) => ({ head: head(one.contentType, contentId), one }))
  const end = Buffer.from(`--${boundary}--\r\n`)
  let length: number | undefined = xml.byteLength + end.byteLength
  for (const part of parts)
    length =
      length === undefined || part.one.size === undefined
        ? undefined
        : length + part.head.byteLength + part.one.size + 2
  const shown = action === undefined ? '' : `; action="${action}"`
  const headers = {
    'content-type': `multipart/related; type="application/xop+xml"; boundary="${boundary}"; start="<${root}>"; start-info="${type}"${shown}`,
  }
  const known = parts.every(({ one }) => one.bytes !== undefined)
  if (known && length !== undefined && length <= inMemory) {
    const chunks = parts.flatMap(({ head: before, one }) => [before, one.bytes as Uint8Array, lineEnd])
    return { headers, body: Buffer.concat([xml, ...chunks, end]) }
  }
  const body = streamed(xml, parts, end)
  return { headers: length === undefined ? headers : { ...headers, 'content-length': String(length) }, body }
}

const lineEnd = Buffer.from('\r\n')

async function* streamed(
  xml: Buffer,
  parts: readonly { readonly head: Buffer; readonly one: SoapAttachment }[],
  end: Buffer,
): AsyncGenerator<Uint8Array> {
  yield xml
  for (const { head, one } of parts) {
    yield head
    let sent = 0
    for await (const chunk of one.open()) {
      sent += chunk.byteLength
      if (one.size !== undefined && sent > one.size) throw wrongSize(one.size)
      yield chunk
    }
    if (one.size !== undefined && sent !== one.size) throw wrongSize(one.size)
    yield lineEnd
  }
  yield end
}

function wrongSize(size: number): TypeError {
  return new TypeError(`the stream of an attachment did not hold the ${size} bytes that were told`)
}
