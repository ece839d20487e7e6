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

/** A stream that can be read once, and tells whether it was begun. */
export class OnceBody implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>
  begun = false

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    this.begun = true
    return this.#source[Symbol.asyncIterator]()
  }
}

/** Streams that went out already: a second attempt with one would send what is left of it, and the vendor would take that for the whole. */
const spent = new WeakSet<object>()

export function claimOnce(source: AsyncIterable<Uint8Array>): OnceBody {
  if (!spent.has(source)) return new OnceBody(source)
  const message = 'is a stream that was sent already: give { open } instead, which makes a new one'
  throw new Fault({ kind: 'invalid-input', code: 'body-used', sent: 'none', issues: [{ path: 'body', message }] })
}

/** What becomes of a failure whose request had a one-time body: the attempt after it would have nothing to send. */
export function withoutRetry(thrown: unknown, source: object, body: OnceBody): unknown {
  if (!body.begun) return thrown
  spent.add(source)
  return thrown instanceof Fault ? new Fault({ ...thrown.facts, retry: 'never', freeRetry: undefined }) : thrown
}
