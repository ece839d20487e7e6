import { type Clock, systemClock } from '../../../clock.ts'
import { makeCertificates, type TestCertificates } from '../../certificates/make-certificates.ts'
import { type FakeDns, fakeDns } from '../../network/fake-dns.ts'
import { type SeededRandom, seededRandom } from '../../time/seeded-random.ts'
import type { FakeScript } from '../../transports/fake-transport.ts'
import { dnsScript } from '../cases/dns.ts'
import type { FaultCase, FaultTarget, Listening } from '../fault-case.ts'
import { faultById, knownFault } from '../list.ts'
import { Exchange } from './exchange.ts'
import { goodAnswer, json, type Reply } from './good-answer.ts'
import { Ledger } from './ledger.ts'
import { type Connection, Listener } from './listener.ts'
import type { WireRequest } from './request-reader.ts'
import { scriptedAnswer } from './scripted-answer.ts'
import { tlsOptionsOf } from './tls-options.ts'
import { type Unconnectable, unconnectable } from './unconnectable.ts'

export interface FaultServerOptions {
  /**
   * The sound answers: a script such as `{ 'GET /items/{id}': { json: { id: '7' } } }` (see {@link FakeScript}; its faults are for
   * {@link FaultServer.next}), or a function. Default: one record, in JSON, GraphQL or SOAP, whichever the request speaks.
   */
  readonly answer?: FakeScript | ((request: WireRequest) => Reply | Promise<Reply>)
  /** Decides random waits and {@link FaultServer.sometimes}. Default seed 1. */
  readonly random?: SeededRandom
  /** Real milliseconds between the parts of paced answers. Default 20. */
  readonly stepMs?: number
  readonly clock?: Clock
}

/** A loopback server that goes wrong as told, and remembers all that it was sent. */
export interface FaultServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`. Paths give sound answers, `/fault/<id>` plays that fault. */
  readonly origin: string
  /** A second origin, which always answers soundly: what arrives there left the first one. */
  readonly otherOrigin: string
  readonly ledger: Ledger
  readonly dns: FakeDns
  /** Made when first asked for. */
  readonly certificates: TestCertificates
  /** Sockets that are open now. */
  readonly open: Ledger['open']
  /** A fresh place to meet one fault, with the settings that make it show. Opens the listener that it needs. */
  target(fault: FaultCase | string, options?: { readonly tls?: boolean }): Promise<FaultTarget>
  /** The next requests to any other path get these faults, in this order. */
  next(...ids: readonly string[]): void
  /** Each request to any other path gets one of these faults with that probability. No ids: none any more. */
  sometimes(probability: number, ...ids: readonly string[]): void
  /** Closes every socket and listener. */
  close(): Promise<void>
}

interface Run {
  /** Undefined: a sound answer. */
  readonly fault: FaultCase | undefined
  readonly name: string | undefined
  readonly memory: Map<string, unknown>
  earlier: number
}

/** Starts a {@link FaultServer} on 127.0.0.1 at ports that are free. */
export async function faultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = new Server(options)
  await server.start()
  return server
}

class Server implements FaultServer {
  readonly ledger = new Ledger()
  readonly dns: FakeDns
  readonly #options: FaultServerOptions
  readonly #good: (request: WireRequest) => Reply | Promise<Reply>
  readonly #clock: Clock
  readonly #random: SeededRandom
  readonly #listeners = new Map<Listening | 'other', Promise<Listener>>()
  readonly #runs = new Map<string, Run>()
  readonly #queue: FaultCase[] = []
  #certificates: TestCertificates | undefined
  #sometimes: { readonly probability: number; readonly faults: readonly FaultCase[] } | undefined
  #unconnectable: Promise<Unconnectable> | undefined
  #connections = 0
  #started = 0
  origin = ''
  otherOrigin = ''
  #otherPort = 0

  constructor(options: FaultServerOptions) {
    const { answer = goodAnswer } = options
    this.#options = options
    this.#good = typeof answer === 'function' ? answer : scriptedAnswer(answer)
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? seededRandom(1)
    this.dns = fakeDns(dnsScript, this.#clock)
  }

  get certificates(): TestCertificates {
    this.#certificates ??= makeCertificates({ clock: this.#clock })
    return this.#certificates
  }

  get open(): Ledger['open'] {
    return this.ledger.open
  }

  async start(): Promise<void> {
    const [plain, other] = await Promise.all([this.#listener('plain'), this.#listener('other')])
    this.origin = plain.origin
    this.otherOrigin = other.origin
    this.#otherPort = other.port
  }

  async target(fault: FaultCase | string, options: { readonly tls?: boolean } = {}): Promise<FaultTarget> {
    const found = typeof fault === 'string' ? faultById(fault) : fault
    const { client = {}, host, id } = found
    const listening = found.listening ?? (options.tls === true ? 'tls' : 'plain')
    const { origin, port } =
      listening === 'unconnectable' ? await this.#unconnectableOrigin() : await this.#listener(listening)
    const run = String(++this.#started)
    this.#runs.set(run, newRun(found, run))
    const secure = origin.startsWith('https:')
    const base = host === undefined ? origin : `${secure ? 'https' : 'http'}://${host}:${port}`
    return {
      fault: found,
      run,
      mark: this.ledger.mark(),
      url: `${base}/fault/${id}/${run}`,
      ca: secure ? this.certificates.authority.certificate : undefined,
      timeoutMs: client.timeoutMs ?? 2000,
      connectMs: client.connectMs,
      maxBodyBytes: client.maxBodyBytes,
      warmUp: client.warmUp ?? false,
      redirectTo: client.allowsOtherOrigin === true ? [this.otherOrigin] : [],
      lookup: host === undefined ? undefined : this.dns.lookup,
    }
  }

  next(...ids: readonly string[]): void {
    this.#queue.push(...ids.map(faultById))
  }

  sometimes(probability: number, ...ids: readonly string[]): void {
    this.#sometimes = ids.length === 0 ? undefined : { probability, faults: ids.map(faultById) }
  }

  async close(): Promise<void> {
    this.dns.close()
    const listeners = await Promise.all(this.#listeners.values())
    const closing = listeners.map((listener) => listener.close())
    this.ledger.destroyAll()
    await Promise.all(closing)
    await (await this.#unconnectable)?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #listener(name: Listening | 'other'): Promise<Listener> {
    const known = this.#listeners.get(name)
    if (known !== undefined) return known
    const opening = Listener.open({
      tls:
        name === 'plain' || name === 'other' || name === 'tls-silent'
          ? undefined
          : tlsOptionsOf(name, this.certificates),
      deaf: name === 'tls-silent',
      nextId: () => ++this.#connections,
      opened: (connection) => this.ledger.opened(connection),
      received: (connection, bytes) => this.ledger.received(connection, bytes),
      answer: (connection, request) => this.#answer(connection, request),
    })
    this.#listeners.set(name, opening)
    return opening
  }

  async #unconnectableOrigin(): Promise<{ origin: string; port: number }> {
    this.#unconnectable ??= unconnectable()
    const { port } = await this.#unconnectable
    return { origin: `http://127.0.0.1:${port}`, port }
  }

  async #answer(connection: Connection, request: WireRequest): Promise<void> {
    const run = this.#choose(connection, request)
    const { fault, name } = run
    const { origin, id } = connection
    this.ledger.request({ ...request, origin, connection: id, fault: fault?.id, run: name })
    const exchange = new Exchange({
      request,
      good: await this.#good(request),
      socket: connection.socket,
      tcp: connection.tcp,
      clock: this.#clock,
      random: this.#random,
      stepMs: this.#options.stepMs ?? 20,
      earlier: run.earlier++,
      earlierOnConnection: connection.requests++,
      memory: run.memory,
      origin: connection.origin,
      otherOrigin: this.otherOrigin,
      otherPort: this.#otherPort,
      count: (bytes) => {
        connection.bytesOut += bytes
      },
    })
    await (fault === undefined ? exchange.respond(exchange.good) : fault.serve(exchange))
  }

  /** By path, then from the queue, then by chance; the second origin is always sound. */
  #choose(connection: Connection, request: WireRequest): Run {
    if (connection.origin === this.otherOrigin) return newRun(undefined, undefined)
    const [, id, name] = /^\/fault\/([^/?]+)(?:\/([^/?]+))?/.exec(request.target) ?? []
    if (id === undefined) return newRun(this.#queue.shift() ?? this.#byChance(), undefined)
    const key = name ?? id
    const run = this.#runs.get(key) ?? newRun(knownFault(id) ?? noSuchFault(id), name)
    this.#runs.set(key, run)
    return run
  }

  #byChance(): FaultCase | undefined {
    const chance = this.#sometimes
    if (chance === undefined || this.#random.next() >= chance.probability) return undefined
    return this.#random.pick(chance.faults)
  }
}

function newRun(fault: FaultCase | undefined, name: string | undefined): Run {
  return { fault, name, memory: new Map(), earlier: 0 }
}

/** A path with a typing mistake must not look like a sound vendor. */
function noSuchFault(id: string): FaultCase {
  return {
    id,
    group: 'message',
    title: 'there is no such fault',
    layer: 'http',
    expected: { kind: 'not-found', retry: 'never' },
    serve: (exchange) => exchange.respond(json(404, { title: `there is no fault "${id}"`, status: 404 })),
  }
}
