import { Fault, type HttpResponse } from '@patchbay/core'
import { decodeXml } from '../xml/decode-xml.ts'
import { XmlRefusal } from '../xml/parse-xml.ts'
import { type ContentType, contentIdOf, readContentType } from './content-type.ts'
import { type BodyPart, readMultipart } from './multipart-reader.ts'

/** An attachment of an answer, in the order in which they come. */
export interface IncomingAttachment {
  /** Without brackets; values of the body refer to it. */
  readonly contentId: string | undefined
  readonly contentType: string
  /** Read it before the next attachment is asked for: what is not read is skipped. */
  readonly body: AsyncIterable<Uint8Array>
}

/** An answer whose envelope was read; what follows it is still on its way. */
export interface IncomingMessage {
  readonly envelope: string
  readonly attachments: AsyncGenerator<IncomingAttachment>
  /** Lets go of what is still on its way. */
  close(): Promise<void>
}

export interface MessageLimits {
  /** Most bytes of the envelope. */
  readonly envelopeBytes: number
}

type Headers = HttpResponse['headers']

/** True for what may hold a SOAP envelope. */
export function isSoapType(type: ContentType | undefined): boolean {
  if (type === undefined) return false
  const { essence } = type
  return (
    essence === 'text/xml' ||
    essence === 'application/xml' ||
    essence.endsWith('+xml') ||
    essence === 'multipart/related'
  )
}

/**
 * Reads the envelope of an answer, MTOM or plain.
 * @throws Fault `protocol` for what is none; `unsupported` for SOAP with Attachments
 */
export async function readMessage(
  headers: Headers,
  source: AsyncIterable<Uint8Array>,
  limits: MessageLimits,
): Promise<IncomingMessage> {
  const type = readContentType(headers['content-type'])
  try {
    if (type?.essence !== 'multipart/related')
      return { envelope: await textOf(source, type, limits), attachments: nothing(), close: async () => undefined }
    const boundary = type.parameters.get('boundary')
    if (boundary === undefined || !/^[\x20-\x7e]{1,70}$/.test(boundary)) throw refused('has no usable boundary')
    return await readRelated(readMultipart(source, boundary), type, limits)
  } catch (error) {
    if (error instanceof XmlRefusal)
      throw new Fault({ kind: 'protocol', code: 'bad-xml', sent: 'all', message: `the answer ${error.message}` })
    throw error
  }
}

async function readRelated(
  parts: AsyncGenerator<BodyPart>,
  type: ContentType,
  limits: MessageLimits,
): Promise<IncomingMessage> {
  try {
    const first = await parts.next()
    if (first.done === true) throw refused('has no parts')
    const root = first.value
    const start = contentIdOf(type.parameters.get('start'))
    if (start !== undefined && contentIdOf(root.headers.get('content-id')) !== start)
      throw refused('does not begin with its root part, so that attachments could not be told from their place')
    const rootType = readContentType(root.headers.get('content-type'))
    const xop = rootType?.essence === 'application/xop+xml'
    const envelope = await textOf(root.body, rootType, limits)
    const close = async (): Promise<void> => {
      await parts.return(undefined).catch(() => undefined)
    }
    return { envelope, attachments: attachmentsOf(parts, xop), close }
  } catch (error) {
    await parts.return(undefined).catch(() => undefined)
    throw error
  }
}

async function* attachmentsOf(parts: AsyncGenerator<BodyPart>, xop: boolean): AsyncGenerator<IncomingAttachment> {
  try {
    for (;;) {
      const next = await parts.next()
      if (next.done === true) return
      if (!xop)
        throw new Fault({
          kind: 'unsupported',
          code: 'swa',
          sent: 'all',
          message: 'the answer is SOAP with Attachments, which is not supported: ask the service for MTOM',
        })
      const { headers, body } = next.value
      const encoding = headers.get('content-transfer-encoding')?.toLowerCase() ?? 'binary'
      if (!['binary', '8bit', '7bit'].includes(encoding)) throw refused('has an attachment that is not binary')
      yield {
        contentId: contentIdOf(headers.get('content-id')),
        contentType: headers.get('content-type') ?? 'application/octet-stream',
        body,
      }
    }
  } finally {
    await parts.return(undefined)
  }
}

/** Reads all attachments into memory; the transport caps their sum. */
export async function collectAttachments(message: IncomingMessage): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>()
  for await (const { contentId, body } of message.attachments) {
    const bytes = await collect(body, Number.POSITIVE_INFINITY)
    if (contentId !== undefined) found.set(contentId, bytes)
  }
  return found
}

async function textOf(
  source: AsyncIterable<Uint8Array>,
  type: ContentType | undefined,
  limits: MessageLimits,
): Promise<string> {
  return decodeXml(await collect(source, limits.envelopeBytes), type?.parameters.get('charset'))
}

async function collect(source: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.byteLength
    if (size > most)
      throw new Fault({
        kind: 'protocol',
        code: 'body-too-large',
        sent: 'all',
        message: `the envelope of the answer is larger than ${most} bytes`,
      })
    chunks.push(chunk)
  }
  const [only] = chunks
  return chunks.length === 1 && only !== undefined
    ? new Uint8Array(only.buffer, only.byteOffset, only.byteLength)
    : new Uint8Array(Buffer.concat(chunks))
}

async function* nothing(): AsyncGenerator<IncomingAttachment> {}

function refused(why: string): Fault {
  return new Fault({ kind: 'protocol', code: 'multipart', sent: 'all', message: `the multipart answer ${why}` })
}
