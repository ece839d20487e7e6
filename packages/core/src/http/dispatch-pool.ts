import type { buildConnector, Client, Dispatcher } from 'undici'
import {
  type Attempt,
  type BaseConnector,
  type Connection,
  type ConnectPlan,
  openConnection,
} from './dispatch-connect.ts'
import { guardedLookup } from './dispatch-lookup.ts'
import { codeOf, framingCode } from './fault-facts.ts'

/** What this transport calls of undici, which is loaded with the first request. */
export interface Undici {
  readonly Client: typeof Client
  readonly buildConnector: typeof buildConnector
}

/** A request that waits for a socket. */
export interface Rider extends Dispatcher.DispatchHandler {
  readonly dispatchOptions: Dispatcher.DispatchOptions
  /** Told before the request goes to a client of undici. */
  boarded(slot: Slot): void
  onResponseError(controller: Dispatcher.DispatchController | null, error: Error): void
}

/** One client of undici: one socket of HTTP/1.1, or one session of HTTP/2. */
export interface Slot {
  readonly client: Client
  connection: Connection | undefined
  attempt: Attempt | undefined
  riders: number
  /** Takes no further riders. */
  retired: boolean
  gone: boolean
}

export interface PoolSettings {
  readonly origin: string
  readonly plan: ConnectPlan
  readonly http2: boolean
  readonly maxSockets: number
  readonly maxHeaderBytes: number
  readonly keepAliveMs: number
  /** Bytes came after a complete response; the socket was dropped. */
  onExtraBytes(): void
}

/** undici's connector for the target of a plan. */
export function baseConnector(undici: Undici, plan: ConnectPlan, http2: boolean): BaseConnector {
  const connect = undici.buildConnector({
    timeout: 0,
    allowH2: http2,
    lookup: guardedLookup(plan),
    ...(plan.tls === undefined ? {} : { secureContext: plan.tls.secureContext }),
  })
  const target = {
    protocol: plan.secure ? 'https:' : 'http:',
    hostname: plan.host,
    // From this undici takes the name that the certificate must have; a final dot is no part of it.
    host: plan.host.replace(/\.$/, ''),
    port: String(plan.port),
  }
  return (options, callback) =>
    (connect as unknown as (options: object, callback: unknown) => ReturnType<BaseConnector>)(
      { ...target, ...options },
      callback,
    )
}

/**
 * The sockets to one origin that were all made by one {@link ConnectPlan}. The socket that was used last is used next, so that the others
 * may end; HTTP/2 shares one session. While it is unknown which of the two a server speaks, one connection finds out and the rest wait.
 */
export class Pool {
  readonly settings: PoolSettings
  readonly #undici: Undici
  readonly #base: BaseConnector
  readonly #slots = new Set<Slot>()
  readonly #idle: Slot[] = []
  #waiting: Rider[] = []
  #shared: Slot | undefined
  #probe: Slot | undefined
  #oneEach: boolean
  #closed = false

  constructor(undici: Undici, settings: PoolSettings) {
    this.settings = settings
    this.#undici = undici
    const { plan, http2 } = settings
    this.#oneEach = !(plan.secure && http2)
    this.#base = baseConnector(undici, plan, http2)
  }

  /** No socket, and nobody who waits for one. */
  get empty(): boolean {
    return this.#slots.size === 0 && this.#waiting.length === 0
  }

  /** The server speaks HTTP/2, or it is not known yet. */
  get mayMultiplex(): boolean {
    return !this.#oneEach
  }

  /** Sends `rider` on its way, now or when a socket is free. `fresh`: on a connection of its own. */
  dispatch(rider: Rider, fresh: boolean): void {
    if (this.#closed) {
      rider.onResponseError(null, closedError)
      return
    }
    const slot = fresh ? this.#open() : this.#pick()
    if (slot === undefined) this.#waiting.push(rider)
    else this.#board(slot, rider)
  }

  /** The rider of `slot` ended. `reusable`: its socket is in order. */
  release(slot: Slot, reusable: boolean): void {
    slot.riders--
    if (slot.gone || slot.riders > 0) return
    if (slot === this.#shared) {
      // undici replaces a session by itself; without riders there is nothing to replace it for.
      if (slot.connection === undefined || slot.connection.socket.destroyed) this.#drop(slot)
      return
    }
    if (!reusable || slot.retired) {
      this.#drop(slot)
      return
    }
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(slot)
    else this.#board(slot, next)
  }

  /** Further requests get another session; those under way on this one may end. */
  retire(slot: Slot): void {
    if (slot.connection?.multiplexed !== true) return
    slot.retired = true
    if (this.#shared === slot) this.#shared = undefined
  }

  /** `rider` gave up before it was sent: it leaves the queue, and a connection attempt that nobody else waits for ends. */
  leave(rider: Rider, slot: Slot | undefined): void {
    if (slot === undefined) {
      this.#waiting = this.#waiting.filter((other) => other !== rider)
      return
    }
    if (slot.riders > 1 || slot.attempt === undefined) return
    const { attempt } = slot
    attempt.abort(givenUp)
    this.#drop(slot)
  }

  /** A socket between two requests broke; bytes that nobody asked for are reported. */
  metExtraBytes(error: Error): void {
    if (codeOf(error) === framingCode || error.message === 'bad response') this.settings.onExtraBytes()
  }

  async close(): Promise<void> {
    this.#closed = true
    const waiting = this.#waiting
    this.#waiting = []
    for (const rider of waiting) rider.onResponseError(null, closedError)
    await Promise.all([...this.#slots].map((slot) => this.#end(slot)))
  }

  #pick(): Slot | undefined {
    if (this.#shared !== undefined) return this.#shared
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#probe !== undefined || this.#full) return undefined
    const slot = this.#open()
    if (!this.#oneEach) this.#probe = slot
    return slot
  }

  #board(slot: Slot, rider: Rider): void {
    slot.riders++
    rider.boarded(slot)
    slot.client.dispatch(rider.dispatchOptions, rider)
  }

  #open(): Slot {
    const { origin, plan, http2, maxHeaderBytes, keepAliveMs } = this.settings
    const client = new this.#undici.Client(origin, {
      connect: (options, callback) => this.#connect(slot, options.servername ?? null, callback),
      pipelining: 1,
      allowH2: http2 && plan.secure,
      // Time is kept by the exchanges, with the injected clock.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: maxHeaderBytes,
    })
    const slot: Slot = { client, connection: undefined, attempt: undefined, riders: 0, retired: false, gone: false }
    client.on('disconnect', (_origin, _targets, error) => this.#disconnected(slot, error))
    this.#slots.add(slot)
    return slot
  }

  #connect(slot: Slot, servername: string | null, callback: buildConnector.Callback): void {
    let settled = false
    const attempt = openConnection(this.settings.plan, this.#base, servername, (error, connection) => {
      settled = true
      slot.attempt = undefined
      slot.connection = connection
      const waiting = this.#answered(slot, connection)
      if (connection === undefined) callback(error ?? closedError, null)
      else callback(null, connection.socket)
      for (const rider of waiting) this.#boardNow(rider)
    })
    if (!settled) slot.attempt = attempt
  }

  /** Takes note of the protocol, and gives those who waited for it: also after a failure, so that they need not try one by one. */
  #answered(slot: Slot, connection: Connection | undefined): readonly Rider[] {
    if (connection?.multiplexed === true && !slot.gone && !slot.retired) this.#shared ??= slot
    if (connection?.multiplexed === false) this.#oneEach = true
    if (this.#probe !== slot) return []
    this.#probe = undefined
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }

  #boardNow(rider: Rider): void {
    const slot = this.#shared ?? this.#idle.pop() ?? (this.#full ? undefined : this.#open())
    if (slot === undefined) this.#waiting.push(rider)
    else this.#board(slot, rider)
  }

  get #full(): boolean {
    return this.#slots.size >= this.settings.maxSockets
  }

  #disconnected(slot: Slot, error: Error): void {
    slot.connection = undefined
    // A rider under way was told before, and its slot is gone.
    if (slot.gone) return
    this.metExtraBytes(error)
    if (slot.riders === 0) this.#drop(slot)
  }

  #drop(slot: Slot): void {
    if (slot.gone) return
    void this.#end(slot)
    const next = this.#closed ? undefined : this.#waiting.shift()
    if (next !== undefined) this.dispatch(next, false)
  }

  #end(slot: Slot): Promise<void> {
    slot.gone = true
    this.#slots.delete(slot)
    if (this.#shared === slot) this.#shared = undefined
    if (this.#probe === slot) this.#probe = undefined
    const at = this.#idle.indexOf(slot)
    if (at !== -1) this.#idle.splice(at, 1)
    slot.attempt?.abort(closedError)
    return slot.client.destroy(closedError)
  }
}

/** Reasons that nobody reads need no stack. */
function reason(message: string, code: string): Error {
  const { stackTraceLimit } = Error
  Reflect.set(Error, 'stackTraceLimit', 0)
  const error = Object.assign(new Error(message), { code })
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  return error
}

const closedError = reason('the transport was closed', 'UND_ERR_DESTROYED')
const givenUp = reason('given up', 'UND_ERR_ABORTED')
