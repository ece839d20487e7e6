import { type Call, type Cancel, type Clock, Fault, type OpenEnv } from '@patchbay/core'
import type { CleanText } from '@patchbay/core/http'
import { type GraphqlBody, wellFormed } from '../answer.ts'
import type { GraphqlConfig, SubscriptionConfig } from '../config.ts'
import { type FactsOptions, graphqlFacts } from '../graphql-facts.ts'
import { isObject } from '../input.ts'
import { plainBody, trustedBody } from '../persisted.ts'
import { closeFacts, refusesCredential } from './close-codes.ts'
import { EventBuffer } from './event-buffer.ts'
import { initParameters } from './init-parameters.ts'
import type { Session, SessionEvent, SubscriptionInput } from './session.ts'
import { type Handshake, shakeHands, wireFault } from './web-socket-handshake.ts'

export interface WebSocketOptions {
  readonly url: string
  readonly env: OpenEnv
  readonly config: GraphqlConfig
  readonly subscriptions: SubscriptionConfig
}

/** The only subscription of its connection: a slow reader then holds up nobody else. */
const id = '1'
const usualBuffer = 256
/** How long the server may take to close its side after ours. */
const farewellMs = 1000

/** Opens a subscription in the graphql-transport-ws protocol on a WebSocket of its own. */
export async function openWebSocket(
  input: SubscriptionInput,
  call: Call,
  { url, env, config, subscriptions }: WebSocketOptions,
): Promise<Session> {
  const headers = { ...config.headers, ...input.headers }
  const handshake = await shakeHands(url, headers, call, env, { subscriptions, errors: config.errors })
  const session = new WebSocketSession(handshake, {
    clock: env.clock,
    subscriptions,
    facts: { codes: config.errors?.codes, variables: input.variables },
    bufferSize: input.bufferSize ?? usualBuffer,
  })
  try {
    await session.initialise(initParameters(handshake.signed, subscriptions), call)
  } catch (error) {
    session.close()
    throw await withRenewal(error, handshake, call, env)
  }
  const trusted = config.persisted?.mode === 'trusted'
  session.subscribe(trusted ? trustedBody(input, config.persisted?.field ?? 'documentId') : plainBody(input))
  return session
}

/** A server that refuses `connection_init` closes the socket with a code: then a fresh credential is worth one more attempt. */
async function withRenewal(error: unknown, { signed }: Handshake, call: Call, env: OpenEnv): Promise<unknown> {
  const { facts } = error instanceof Fault ? error : { facts: undefined }
  const code = Number(/^websocket-(\d+)$/.exec(facts?.code ?? '')?.[1])
  if (facts === undefined || !refusesCredential.has(code)) return error
  if (call.freeRetries?.includes('credential-refreshed') === true) return error
  const freeRetry = await env.credential.refresh?.(signed, { status: 401, headers: {} }, call)
  return freeRetry === undefined ? error : new Fault({ ...facts, freeRetry })
}

interface SessionOptions {
  readonly clock: Clock
  readonly subscriptions: SubscriptionConfig
  readonly facts: FactsOptions
  readonly bufferSize: number
}

const closed = Symbol('closed')

class WebSocketSession implements Session {
  readonly clean: CleanText
  readonly retryMs = undefined
  readonly #socket: Handshake['socket']
  readonly #options: SessionOptions
  readonly #events: EventBuffer<SessionEvent>
  #acknowledged: { resolve(): void; reject(error: unknown): void } | undefined
  #heardAt: number
  #stopWatch: Cancel | undefined
  #over = false

  constructor({ socket, clean }: Handshake, options: SessionOptions) {
    this.clean = clean
    this.#socket = socket
    this.#options = options
    this.#heardAt = options.clock.monotonic()
    this.#events = new EventBuffer<SessionEvent>(options.bufferSize, (full) => this.#hold(full))
    socket.on('message', (data, binary) => this.#message(String(data), binary))
    socket.on('ping', () => this.#heard())
    socket.on('error', (error) => this.#end(wireFault(error)))
    socket.on('close', (code, reason) => this.#end(new Fault(closeFacts(code, String(reason), clean))))
  }

  async initialise(payload: Readonly<Record<string, unknown>> | undefined, call: Call): Promise<void> {
    const { clock, subscriptions } = this.#options
    const acknowledged = new Promise<void>((resolve, reject) => {
      this.#acknowledged = { resolve, reject }
    })
    const late = (): void => {
      const message = `the server did not acknowledge the connection within ${subscriptions.acknowledgeMs} ms`
      this.#end(new Fault({ kind: 'timeout', code: 'acknowledge-timeout', sent: 'all', message }))
    }
    const stop = clock.timer(subscriptions.acknowledgeMs, late, { keepAlive: false })
    const unlisten = call.onCancel((reason) => this.#end(reason))
    this.#send({ type: 'connection_init', payload })
    try {
      await acknowledged
    } finally {
      stop()
      unlisten()
      this.#acknowledged = undefined
    }
    this.#watch()
  }

  subscribe(payload: object): void {
    this.#send({ id, type: 'subscribe', payload })
  }

  async next(): Promise<SessionEvent | undefined> {
    try {
      return await this.#events.take()
    } catch (error) {
      if (error === closed) return undefined
      throw error
    }
  }

  close(reason: unknown = closed): void {
    if (!this.#over) this.#send({ id, type: 'complete' })
    this.#events.clear()
    this.#end(reason)
  }

  #message(text: string, binary: boolean): void {
    if (this.#over) return
    this.#heard()
    const message = binary ? undefined : parsed(text)
    if (message === undefined) {
      this.#end(broken('sent a message that is no JSON object'))
      return
    }
    switch (message.type) {
      case 'connection_ack':
        this.#acknowledged?.resolve()
        return
      case 'ping':
        this.#send({ type: 'pong', payload: message.payload })
        return
      case 'pong':
        return
      case 'next':
        this.#event(message)
        return
      case 'error':
        this.#end(new Fault(graphqlFacts(message.payload, undefined, this.clean, this.#options.facts)))
        return
      case 'complete':
        if (message.id === id) this.#end(undefined)
        return
      default:
        this.#end(broken('sent a message of a type that graphql-transport-ws does not have'))
    }
  }

  #event({ id: target, payload }: Readonly<Record<string, unknown>>): void {
    if (target !== id) return
    const body: GraphqlBody | undefined = wellFormed(payload)
    if (body === undefined) this.#end(broken('sent an event that is not a GraphQL response'))
    else this.#events.push({ body, id: undefined })
  }

  /** Asks at half of the longest silence, and gives the connection up at its end. A connection that is held here is not expected to speak. */
  #watch(): void {
    const { clock, subscriptions } = this.#options
    const every = Math.max(1, Math.floor(subscriptions.idleMs / 2))
    const look = (): void => {
      if (this.#over) return
      const silent = clock.monotonic() - this.#heardAt
      if (this.#events.held) this.#heard()
      else if (silent >= subscriptions.idleMs) {
        const message = `the server was silent for ${subscriptions.idleMs} ms and did not answer a ping`
        this.#end(new Fault({ kind: 'timeout', code: 'idle', sent: 'all', message }))
        return
      } else if (silent >= every) this.#send({ type: 'ping' })
      this.#stopWatch = clock.timer(every, look, { keepAlive: false })
    }
    this.#stopWatch = clock.timer(every, look, { keepAlive: false })
  }

  #heard(): void {
    this.#heardAt = this.#options.clock.monotonic()
  }

  #hold(full: boolean): void {
    if (this.#over) return
    this.#heard()
    if (full) this.#socket.pause()
    else this.#socket.resume()
  }

  #send(message: object): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message), ignore)
  }

  /** Once, whatever happens first. Leaves no timer, and the socket closes. */
  #end(error: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#stopWatch?.()
    this.#acknowledged?.reject(error ?? broken('completed before it acknowledged the connection'))
    this.#events.end(error)
    const socket = this.#socket
    if (socket.readyState === socket.CLOSED) return
    const { clock } = this.#options
    // A socket that is held would not read the other side's farewell.
    socket.resume()
    const stop = clock.timer(farewellMs, () => socket.terminate(), { keepAlive: false })
    socket.on('close', stop)
    socket.close(1000)
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function broken(what: string): Fault {
  return new Fault({ kind: 'protocol', code: 'transport-ws', sent: 'all', message: `the server ${what}` })
}

function ignore(): void {}
