import type { Dispatcher } from 'undici'
import type { Sent } from '../errors.ts'
import { OutgoingBody, sliced } from './dispatch-body.ts'
import type { Connection } from './dispatch-connect.ts'
import type { Pool, Rider, Slot } from './dispatch-pool.ts'
import { framingCode, headerOverflowCode, isBadRequest, isOverload } from './fault-facts.ts'
import type { HttpBody } from './transport.ts'

/** What an exchange decides when the header of a response is there. `discard` reads a little of the body and forgets it. */
export type BodyMode = 'buffer' | 'stream' | 'discard'

/** The exchange that a hop belongs to. */
export interface HopOwner {
  /** After a wait for a socket, a client of undici has the request; it may have to connect first. */
  hopBoarded(): void
  /** More of the request left; also called when nothing changed. */
  hopSent(sent: Sent): void
  hopHead(hop: Hop): BodyMode
  hopData(hop: Hop, chunk: Uint8Array): void
  hopEnded(hop: Hop): void
  hopFailed(hop: Hop, error: unknown): void
}

type ResponseFields = Record<string, string | string[]>

/** A server that sends more interim responses than this (RFC 9110 section 15.2) is at odds with the protocol. */
const mostInterim = 32

/** So much of a body that nobody wants is read to keep the socket; above it a new socket is cheaper. */
const mostDiscarded = 64 * 1024

/** Framing that undici does not object to; the message is read nowhere. */
export class FramingError extends Error {
  readonly code = framingCode
}

/** undici caps the header of HTTP/1.1 only. */
class HeaderOverflow extends Error {
  readonly code = headerOverflowCode
}

/** Bytes of a header, with four for the separators of each field, as in HTTP/1.1. */
function sizeOf(headers: ResponseFields): number {
  let size = 0
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === 'string') size += name.length + value.length + 4
    else for (const one of value ?? []) size += name.length + one.length + 4
  }
  return size
}

/** One request on one socket: the handler that undici calls. No stream, no signal, no timer of its own. */
export class Hop implements Rider {
  dispatchOptions: Dispatcher.DispatchOptions
  readonly #owner: HopOwner
  readonly #outgoing: OutgoingBody | undefined
  #pool: Pool | undefined
  #slot: Slot | undefined
  #controller: Dispatcher.DispatchController | undefined
  #wasConnected = false
  #queued = false
  #triedAgain = false
  #interim = 0
  #discarded = 0
  #mode: BodyMode = 'buffer'
  #over = false

  connection: Connection | undefined
  /** The socket had carried a response before. */
  reused = false
  /** Went to a client of undici, which connects if it must. */
  isBoarded = false
  started = false
  answered = false
  status = 0
  statusText = ''
  headers: ResponseFields = {}

  constructor(
    owner: HopOwner,
    options: { method: string; path: string; headers: (string | string[])[]; body: HttpBody | undefined },
  ) {
    this.#owner = owner
    const { method, path, headers, body } = options
    const streamed = body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)
    this.#outgoing = streamed ? new OutgoingBody(body, () => owner.hopSent('maybe')) : undefined
    this.dispatchOptions = {
      method: method as Dispatcher.HttpMethod,
      path,
      headers: headers as string[],
      body: (this.#outgoing ?? body ?? null) as unknown as string | null,
    }
  }

  /** A stream cannot be sent a second time. */
  get hasStreamedBody(): boolean {
    return this.#outgoing !== undefined
  }

  go(pool: Pool, fresh: boolean): void {
    this.#pool = pool
    if (pool.mayMultiplex) this.dispatchOptions = sliced(this.dispatchOptions)
    pool.dispatch(this, fresh)
    this.#queued = !this.isBoarded
  }

  boarded(slot: Slot): void {
    this.#slot = slot
    this.#wasConnected = slot.connection !== undefined
    this.isBoarded = true
    if (this.#queued) this.#owner.hopBoarded()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#over) {
      controller.abort(abandoned)
      return
    }
    const connection = this.#slot?.connection
    this.connection = connection
    this.reused = connection !== undefined && connection.served > 0
    this.started = true
    // Bytes follow within this very call, except for streams, whose header waits for the first chunk.
    if (this.#outgoing === undefined) this.#owner.hopSent('maybe')
  }

  onResponseStarted(): void {
    this.answered = true
    if (this.#outgoing === undefined || this.#outgoing.complete) this.#owner.hopSent('all')
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseFields,
    statusText?: string,
  ): void {
    if (this.#over) return
    if (status < 200) {
      this.#interim++
      if (this.#interim > mostInterim) controller.abort(new FramingError('too many interim responses'))
      return
    }
    // RFC 9112 section 6.1: both at once is an attempt at smuggling, or a broken server.
    if (headers['transfer-encoding'] !== undefined && headers['content-length'] !== undefined) {
      controller.abort(new FramingError('Content-Length and Transfer-Encoding at once'))
      return
    }
    if (this.connection?.multiplexed === true && sizeOf(headers) > (this.#pool?.settings.maxHeaderBytes ?? 0)) {
      controller.abort(new HeaderOverflow('the header is too large'))
      return
    }
    this.status = status
    this.statusText = statusText ?? ''
    this.headers = headers
    this.#mode = this.#owner.hopHead(this)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return
    if (this.#mode !== 'discard') {
      this.#owner.hopData(this, chunk)
      return
    }
    this.#discarded += chunk.byteLength
    if (this.#discarded <= mostDiscarded) return
    this.abort()
    this.#owner.hopEnded(this)
  }

  onResponseEnd(): void {
    const { connection } = this
    if (connection !== undefined) connection.served++
    this.#release(true)
    // The answer may have come before the end of the body, which is then not wanted any more.
    this.#outgoing?.stop()
    if (this.#over) return
    this.#over = true
    if (connection?.error !== undefined && this.#endsWithSocket()) this.#owner.hopFailed(this, connection.error)
    else this.#owner.hopEnded(this)
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#slot !== undefined && isOverload(error)) this.#pool?.retire(this.#slot)
    this.#release(false)
    if (this.#over) return
    // The kept socket turned out to be unusable before a byte was written on it: on to another, once.
    if (!this.started && this.#wasConnected && !this.#triedAgain && !isBadRequest(error)) {
      this.#triedAgain = true
      this.#pool?.metExtraBytes(error)
      this.isBoarded = false
      this.#pool?.dispatch(this, true)
      return
    }
    this.#over = true
    this.#outgoing?.stop()
    this.#owner.hopFailed(this, this.#outgoing?.failure?.error ?? error)
  }

  /** The request body's own error, which is the caller's and not the wire's. */
  get bodyFailure(): { readonly error: unknown } | undefined {
    return this.#outgoing?.failure
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    this.#controller?.resume()
  }

  /** Ends the request wherever it is; the owner hears nothing more. The socket of HTTP/1.1 closes, HTTP/2 ends the stream. */
  abort(): void {
    if (this.#over) return
    this.#over = true
    this.#outgoing?.stop()
    if (this.#controller !== undefined) this.#controller.abort(abandoned)
    else this.#pool?.leave(this, this.#slot)
  }

  #release(reusable: boolean): void {
    const slot = this.#slot
    if (slot === undefined) return
    this.#slot = undefined
    this.#pool?.release(slot, reusable)
  }

  /** The body has no length of its own, so undici takes a reset for its end. */
  #endsWithSocket(): boolean {
    const { headers, status, dispatchOptions } = this
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) return false
    return status !== 204 && status !== 304 && dispatchOptions.method !== 'HEAD'
  }
}

const { stackTraceLimit } = Error
Reflect.set(Error, 'stackTraceLimit', 0)
const abandoned = new Error('the exchange was given up')
Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
