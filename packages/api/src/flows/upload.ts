import { type CallOptions, patchbayError } from '@patchbay/core'
import type { BodySource } from '../request/body.ts'
import type { RangeSource } from './file-source.ts'
import { type FlowConnection, type FlowOptions, FlowRun, isTransient, refused } from './flow-run.ts'

/** One part of an upload, for the request: `{ ...part.request }` beside path and method. */
export interface UploadPart {
  readonly from: number
  /** Included. */
  readonly to: number
  readonly total: number
  /** Body and `content-range` (RFC 9110 section 14.4). */
  readonly request: { readonly body: BodySource; readonly headers: Readonly<Record<string, string>> }
}

export interface UploadOptions<Answer> extends FlowOptions {
  readonly source: RangeSource
  /** Bytes of a part, but for the last. Vendors want a multiple of 256 KiB, often. Default 8 MiB. */
  readonly partSize?: number | undefined
  /** Sends one part: the same bytes to the same place, however often. */
  send(part: UploadPart, call: CallOptions): Promise<Answer>
  /** How many bytes the vendor has, told by an answer (308 with Range, Upload-Offset). Default: all up to the part's end. */
  received?(answer: Answer, part: UploadPart): number | undefined
  /** Asks the vendor how many bytes it has: before the first part, to go on with an upload of an earlier run, and after a failure. */
  ask?(call: CallOptions): Promise<number>
  /** Failures in a row that may pass later and are waited out. Default 5. */
  readonly failures?: number | undefined
  readonly onProgress?: ((progress: { readonly bytes: number; readonly total: number }) => void) | undefined
}

/**
 * Uploads a file in parts, each one call, and goes on behind what the vendor has.
 * @returns the answer to the last part; undefined when the vendor had everything already
 * @throws PatchbayError `protocol`, code `upload-offset`, when the vendor claims more bytes than there are, or takes none again and again
 */
export async function upload<Answer>(
  connection: FlowConnection,
  options: UploadOptions<Answer>,
): Promise<Answer | undefined> {
  const { source, partSize = 8 * 1024 * 1024, failures = 5 } = options
  if (!(Number.isSafeInteger(partSize) && partSize >= 1))
    throw refused('partSize', 'must be a whole number of at least 1')
  if (!(source.size > 0)) throw refused('source', 'is empty: send it as the body of one request')
  const run = new FlowRun(connection, options)
  const total = source.size
  let at = options.ask === undefined ? 0 : offsetOf(await options.ask(run.callOptions()), total)
  let last: Answer | undefined
  for (let failed = 0; at < total; ) {
    const before = at
    let error: unknown
    try {
      const part = partOf(source, at, Math.min(total, at + partSize) - 1)
      last = await options.send(part, run.callOptions())
      at = offsetOf(options.received?.(last, part) ?? part.to + 1, total)
    } catch (thrown) {
      if (!isTransient(thrown)) throw thrown
      error = thrown
    }
    if (error === undefined && at > before) {
      failed = 0
      options.onProgress?.({ bytes: at, total })
      continue
    }
    if (++failed > failures) throw error ?? offsetFault('the vendor takes no more bytes')
    await run.backOff(failed, error)
    if (options.ask !== undefined) at = offsetOf(await options.ask(run.callOptions()), total)
  }
  return last
}

function partOf(source: RangeSource, from: number, to: number): UploadPart {
  const { size: total, type } = source
  const body: BodySource = { size: to - from + 1, type, open: () => source.open({ from, to }) }
  return { from, to, total, request: { body, headers: { 'content-range': `bytes ${from}-${to}/${total}` } } }
}

function offsetOf(bytes: number, total: number): number {
  if (Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= total) return bytes
  throw offsetFault(`the vendor says that it has ${bytes} of ${total} bytes`)
}

function offsetFault(message: string): Error {
  return patchbayError({ kind: 'protocol', code: 'upload-offset', sent: 'all', message })
}
