import { isAscii, isUtf8 } from 'node:buffer'
import { type Clock, sleep } from '../clock.ts'
import { Fault } from '../errors.ts'
import { bodyHash } from './body-hash.ts'
import { isJsonType, type MediaType, mediaTypeOf } from './media-type.ts'
import type { HttpHeaders } from './transport.ts'

/** How a vendor sends JSON, where it departs from the standards: data of a manifest. */
export interface JsonQuirks {
  /** Content types besides the JSON ones that hold JSON, such as `text/plain`. */
  readonly types?: readonly string[] | undefined
  /** Text that stands before the JSON, such as `)]}'`. */
  readonly prefix?: string | undefined
}

interface Answer {
  readonly status: number
  readonly headers: HttpHeaders
  readonly body: Uint8Array
}

/**
 * The JSON value of a body; undefined when it is empty.
 * @throws Fault `protocol`, never to be retried: another content type (a login page with status 200), text in another charset than told,
 * JSON that is cut or otherwise broken. The fault holds size and hash of the body, never its text.
 */
export function readJson(answer: Answer, quirks?: JsonQuirks): unknown {
  const { body, headers } = answer
  if (body.byteLength === 0) return undefined
  const type = mediaTypeOf(headers['content-type'])
  if (type !== undefined && !isJsonType(type.essence) && quirks?.types?.includes(type.essence) !== true) {
    throw protocol(
      answer,
      'content-type',
      `the vendor answered with ${type.essence.slice(0, 80)} where JSON was expected`,
    )
  }
  const text = decode(answer, type)
  return parseJson(answer, quirks?.prefix === undefined ? text : withoutPrefix(text, quirks.prefix))
}

/** The JSON of a body that may be something else; undefined when it is. */
export function jsonIfAny(answer: Answer, quirks?: JsonQuirks): unknown {
  try {
    return readJson(answer, quirks)
  } catch {
    return undefined
  }
}

/** The text of a body in the charset that its content type names, UTF-8 without one. */
export function readText(answer: Answer): string {
  return decode(answer, mediaTypeOf(answer.headers['content-type']))
}

function decode(answer: Answer, type: MediaType | undefined): string {
  const charset = type?.charset
  const { body } = answer
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii') {
    const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    // Several times faster than a TextDecoder, and nearly every body is ASCII.
    if (isAscii(body)) return buffer.toString('latin1')
    if (!isUtf8(body)) throw protocol(answer, 'charset', 'the body is not valid UTF-8')
    return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
      ? buffer.toString('utf8', 3)
      : buffer.toString('utf8')
  }
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body)
  } catch (error) {
    const known = (error as { code?: string }).code !== 'ERR_ENCODING_NOT_SUPPORTED'
    throw protocol(
      answer,
      'charset',
      known
        ? `the body is not valid ${charset}`
        : `the body is in a charset that is not known: ${charset.slice(0, 40)}`,
    )
  }
}

function parseJson(answer: Answer, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The engine's own message quotes the body, which may hold secrets: only the place of the mistake is kept.
    const at = /position (\d+)/.exec(String(error))?.[1]
    const cut = at === undefined || Number(at) >= text.trimEnd().length
    throw protocol(
      answer,
      'bad-json',
      cut ? 'the JSON body ends too early' : `the JSON body is broken at character ${at}`,
    )
  }
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}

function protocol({ status, body }: Answer, code: string, message: string): Fault {
  return new Fault({ kind: 'protocol', code, status, sent: 'all', message: `${message} (${bodyHash(body)})` })
}

/** Caps on the body of a streamed answer that turned out to be an error. */
const errorBodyBytes = 64 * 1024
const errorBodyMs = 5000

/** Reads the start of a streamed error body: at most 64 KiB, for at most 5 seconds. A failure while reading is no news about the error. */
export async function readErrorBody(stream: AsyncIterable<Uint8Array>, clock: Clock): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  const iterator = stream[Symbol.asyncIterator]()
  const stop = stopper()
  const late = sleep(clock, errorBodyMs, stop.cancellation).then(
    () => undefined,
    () => undefined,
  )
  try {
    while (size < errorBodyBytes) {
      const next = await Promise.race([iterator.next(), late])
      if (next === undefined || next.done === true) break
      chunks.push(next.value)
      size += next.value.byteLength
    }
  } catch {
    // What came is enough.
  } finally {
    stop.cancel()
    // Not awaited: a generator that hangs in its read would hang here too.
    void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
  return Buffer.concat(chunks).subarray(0, errorBodyBytes)
}

function stopper() {
  let listener: ((reason: unknown) => void) | undefined
  return {
    cancel: () => listener?.('done'),
    cancellation: {
      cancelReason: undefined,
      onCancel(listen: (reason: unknown) => void) {
        listener = listen
        return () => {
          listener = undefined
        }
      },
    },
  }
}
