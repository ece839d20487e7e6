import { isAscii, isUtf8 } from 'node:buffer'
import { XmlRefusal } from './parse-xml.ts'

const declared = /^<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z][\w.-]{0,39})["']/

/**
 * The text of an XML document. What HTTP says about its encoding wins over the document's own word, and a byte order mark over both
 * (RFC 7303 section 3).
 * @throws XmlRefusal for bytes that are not in the encoding, and encodings that are not known
 */
export function decodeXml(bytes: Uint8Array, charset?: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const marked = markOf(buffer)
  const name = marked ?? charset ?? declared.exec(buffer.toString('latin1', 0, 256))?.[1] ?? 'utf-8'
  if (/^(?:utf-?8|us-ascii)$/i.test(name)) {
    if (isAscii(buffer)) return buffer.toString('latin1')
    if (!isUtf8(buffer)) throw new XmlRefusal('is not valid UTF-8')
    return buffer.toString('utf8', marked === undefined ? 0 : 3)
  }
  try {
    return new TextDecoder(name, { fatal: true }).decode(buffer)
  } catch (error) {
    const unknown = (error as { code?: string }).code === 'ERR_ENCODING_NOT_SUPPORTED'
    throw new XmlRefusal(unknown ? 'is in an encoding that is not known' : 'is not valid in its encoding')
  }
}

function markOf(buffer: Buffer): string | undefined {
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) return 'utf-8'
  if (buffer[0] === 0xfe && buffer[1] === 0xff) return 'utf-16be'
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return 'utf-16le'
  return undefined
}
