import { Fault, type HttpBody } from '@patchbay/core'

/** A body that can be opened anew for each attempt, such as a file. */
export interface BodySource {
  /** Bytes, when known: sent as Content-Length, else the body goes out in chunks. */
  readonly size?: number | undefined
  /** Media type, where the request's headers name none. */
  readonly type?: string | undefined
  open(): AsyncIterable<Uint8Array>
}

export type RequestBody = HttpBody | BodySource

export function isBodySource(body: RequestBody): body is BodySource {
  return typeof body === 'object' && 'open' in body && typeof body.open === 'function'
}

/** Streams that went out already: sending one again would send what is left of it, and the vendor would take that for the whole. */
const spent = new WeakSet<object>()

/** A stream that can be read once, and tells whether it was begun. */
export class OnceBody implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>
  begun = false

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    this.begun = true
    spent.add(this.#source)
    return this.#source[Symbol.asyncIterator]()
  }
}

export function claimOnce(source: AsyncIterable<Uint8Array>): OnceBody {
  if (!spent.has(source)) return new OnceBody(source)
  const message = 'is a stream that was sent already: give { open } instead, which makes a new one'
  throw new Fault({ kind: 'invalid-input', code: 'body-used', sent: 'none', issues: [{ path: 'body', message }] })
}

/** Lets go of an answer's stream that nobody will read: it would hold its socket until the call's deadline. */
export function discard(stream: unknown): void {
  const begun = async (): Promise<void> => {
    // Only a stream that was begun can be left.
    for await (const _chunk of stream as AsyncIterable<Uint8Array>) break
  }
  if (typeof stream === 'object' && stream !== null && Symbol.asyncIterator in stream) begun().catch(() => undefined)
}

/** What becomes of a failure whose request had a one-time body: the attempt after it would have nothing to send. */
export function withoutRetry(thrown: unknown, body: OnceBody): unknown {
  if (!body.begun) return thrown
  return thrown instanceof Fault ? new Fault({ ...thrown.facts, retry: 'never', freeRetry: undefined }) : thrown
}
