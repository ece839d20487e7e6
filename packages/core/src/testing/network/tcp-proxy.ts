import { type AddressInfo, createServer, type Server } from 'node:net'
import { type Clock, systemClock } from '../../clock.ts'
import { type SeededRandom, seededRandom } from '../time/seeded-random.ts'
import { ProxyConnection } from './proxy-connection.ts'
import type { Toxic } from './toxic.ts'

export interface TcpProxyOptions {
  /** Where connections lead to. */
  readonly target: { readonly host?: string; readonly port: number }
  /** Decides jitter, cuts, corruption and probabilities. Default seed 1. */
  readonly random?: SeededRandom
  readonly clock?: Clock
}

/** A line to a real server that goes wrong as told, while it is used. */
export interface TcpProxy extends AsyncDisposable {
  /** 127.0.0.1 */
  readonly host: string
  readonly port: number
  /** Connections open now. */
  readonly open: number
  /** Connections accepted so far. */
  readonly accepted: number
  /** Bytes passed on so far. */
  readonly bytes: { readonly up: number; readonly down: number }
  readonly toxics: ReadonlyMap<string, Toxic>
  /**
   * Adds a toxic at the end of the chain, for open connections too; what is already on its way stays as it is.
   * @throws RangeError when the name is taken.
   */
  add(name: string, toxic: Toxic): void
  /** Takes a toxic out again; what toxics held back goes out at once. Unknown names are ignored. */
  remove(name: string): void
  clear(): void
  /** Resets every open connection. */
  resetAll(): void
  /** Resets every connection and refuses new ones, as a host whose service is down. */
  disable(): Promise<void>
  /** Listens again, at the same port. */
  enable(): Promise<void>
  close(): Promise<void>
}

export async function tcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const proxy = new ToxicProxy(options)
  await proxy.enable()
  return proxy
}

class ToxicProxy implements TcpProxy {
  readonly host = '127.0.0.1'
  readonly toxics = new Map<string, Toxic>()
  readonly bytes = { up: 0, down: 0 }
  readonly #options: TcpProxyOptions
  readonly #random: SeededRandom
  readonly #connections = new Set<ProxyConnection>()
  #server: Server | undefined
  port = 0
  accepted = 0

  constructor(options: TcpProxyOptions) {
    this.#options = options
    this.#random = options.random ?? seededRandom(1)
  }

  get open(): number {
    return this.#connections.size
  }

  add(name: string, toxic: Toxic): void {
    if (this.toxics.has(name)) throw new RangeError(`there is a toxic "${name}" already: remove it first`)
    // A copy, so that the same description under two names is two toxics.
    this.toxics.set(name, { ...toxic })
    this.#changed()
  }

  remove(name: string): void {
    if (this.toxics.delete(name)) this.#changed()
  }

  clear(): void {
    this.toxics.clear()
    this.#changed()
  }

  resetAll(): void {
    for (const connection of this.#connections) connection.reset()
  }

  async disable(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    this.resetAll()
    await closed
  }

  async enable(): Promise<void> {
    if (this.#server !== undefined) return
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const connection: ProxyConnection = new ProxyConnection({
        client,
        target: { host: this.#options.target.host ?? '127.0.0.1', port: this.#options.target.port },
        clock: this.#options.clock ?? systemClock,
        // One source for each connection: what happens on one does not shift what happens on the next.
        random: this.#random.fork(`connection ${++this.accepted}`),
        toxics: () => this.toxics.values(),
        passed: (direction, bytes) => {
          this.bytes[direction] += bytes
        },
        closed: () => this.#connections.delete(connection),
      })
      this.#connections.add(connection)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.port, this.host, resolve)
    })
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    const closed = new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())))
    for (const connection of this.#connections) connection.destroy()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #changed(): void {
    for (const connection of this.#connections) connection.toxicsChanged()
  }
}
