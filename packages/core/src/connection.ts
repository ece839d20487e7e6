import { Call, type Scope } from './call.ts'
import type { CallOptions } from './call-options.ts'
import type { Clock, Random } from './clock.ts'
import type { AnyConnector } from './connector.ts'
import type { CredentialSource } from './credential.ts'
import { Fault, patchbayError } from './errors.ts'
import { Events } from './events.ts'
import type { Transport } from './http/transport.ts'
import { LatePath, usingCode } from './late-path.ts'
import type { Lazy } from './lazy.ts'
import { openClient } from './open-client.ts'
import type { NetworkOptions, Opened } from './open-options.ts'
import { type AnyOperation, type CalledAs, isPaged, type Operation, type PagedOperation } from './operation.ts'
import { type Pages, paginate } from './paginate.ts'
import type { BreakerHandle } from './policies/breaker.ts'
import {
  composePolicies,
  describePolicies,
  type Policies,
  type PolicyOptions,
  type PolicySetting,
} from './policies/defaults.ts'
import type { RateFeedback } from './rate-feedback.ts'
import { defaultRuntime, Runtime } from './runtime.ts'
import { validate } from './schema.ts'
import type { Store } from './store.ts'
import type { Vault } from './vault/vault.ts'

/** How to connect. `config` may be left out where the connector's schema does without; everything else is optional. */
export type ConnectOptions<Config> = ConnectSettings &
  (MayBeLeftOut<Config> extends true ? { readonly config?: Config | undefined } : { readonly config: Config })

/** All of {@link ConnectOptions} but the connector's own config. */
export interface ConnectSettings {
  /** How to authenticate, such as `bearer({ token })`. May be left out only for connectors that accept `none`. */
  readonly credential?: CredentialSource
  /** On whose behalf, for fairness, budgets and events. */
  readonly tenant?: string
  /** Names the connection in events. Default: a random id. What is stored is found by configuration or by keys of your own, not by this id. */
  readonly id?: string
  readonly policies?: PolicyOptions
  /**
   * The last hop. Default: undici behind the address guard, made for this connection and closed with it. One that you hand in stays yours to
   * close, is trusted with the address guard, and must itself present the certificate of an mTLS credential.
   */
  readonly transport?: Transport
  /** How the standard transport reaches the vendor: private addresses, a proxy, authorities to trust. Not together with `transport`. */
  readonly network?: NetworkOptions
  /** Own copies of optional drivers, by package name. */
  readonly drivers?: Readonly<Record<string, unknown>>
  /** Durable state. Default: the runtime's; without one, tokens and keys live in memory only. */
  readonly store?: Store
  /** Seals the tokens that the credential stores, such as `envelopeVault({ keys })` of `@patchbay/core/vault`. */
  readonly vault?: Vault
  readonly clock?: Clock
  readonly random?: Random
  readonly events?: Events
  /** Shares budgets, limits and deadlines with the other connections of the same runtime. Default: one per process. */
  readonly runtime?: Runtime
}

type OptionsFor<R> = R extends 'destructive' ? CallOptions & Required<Pick<CallOptions, 'approval'>> : CallOptions
/** True of undefined, and of objects whose every field may be left out. */
type MayBeLeftOut<T> = undefined extends T ? true : Record<never, never> extends T ? true : false
type Arguments<Input, R> = R extends 'destructive'
  ? [input: Input, options: OptionsFor<R>]
  : MayBeLeftOut<Input> extends true
    ? [input?: Input, options?: OptionsFor<R> | undefined]
    : [input: Input, options?: OptionsFor<R> | undefined]

/** What callers pass: the input side of the schema, or, when a schema says nothing about that, what comes out of it. */
type GivenOf<Input, Given> = unknown extends Given ? Input : Given

/** What an operation looks like to callers. */
export type Method<O> = O extends CalledAs<infer Signature> ? Signature : PlainMethod<O>

type PlainMethod<O> =
  O extends PagedOperation<infer Input, infer Output, infer _Client, infer Item, infer R, infer Given>
    ? (...args: Arguments<GivenOf<Input, Given>, R>) => Pages<Item, Output>
    : O extends Operation<infer Input, infer Output, infer _Client, infer R, infer Given>
      ? (...args: Arguments<GivenOf<Input, Given>, R>) => Promise<Output>
      : never

type Nouns<Operations> = {
  [Name in keyof Operations]: Name extends `${infer Noun}.${string}` ? Noun : never
}[keyof Operations]
/** `{ 'incidents.get': O }` as `{ incidents: { get: Method<O> } }`. */
export type Methods<Operations> = {
  readonly [Noun in Nouns<Operations>]: {
    readonly [Name in keyof Operations as Name extends `${Noun}.${infer Verb}` ? Verb : never]: Method<Operations[Name]>
  }
}

/** What every connection has beside its operations. */
export interface ConnectionBase<Client> {
  readonly $id: string
  readonly $connector: AnyConnector
  readonly $tenant: string | undefined
  readonly $events: Events
  /** The policies in force, outermost first, with their settings. */
  readonly $policies: readonly PolicySetting[]
  /** What the connection was composed with, for streams and portable types. */
  readonly $scope: Scope
  /** The connector's own client, opened when needed: the way out of the SDK. Calls on it pass no policy. */
  $raw(): Promise<Client>
  /** Opens the client and runs the connector's cheapest read: proves address and credential. */
  $check(options?: CallOptions): Promise<void>
  /**
   * Loads the code of opening, policies and retries that calls would otherwise load when they first need it. Opens and sends nothing. For
   * processes whose first calls are in a hurry, and for tests on a clock of their own, which must not wait for a disk.
   * @throws PatchbayError `unexpected`, code `code-not-loaded`; the calls then try again by themselves
   */
  $ready(): Promise<void>
  /** Manual control of the breaker; undefined where that policy is off. Acts on all connections that share the breaker. */
  readonly $breaker: BreakerHandle | undefined
  /** Refuses new calls, waits for those under way, then closes client, credential and transport. */
  $close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A connector's live form: its operations as methods, and what every connection has. */
export type Connection<C> = C extends {
  open(...args: never): Promise<infer Client>
  readonly operations: infer Operations
}
  ? Methods<Operations> & ConnectionBase<Client>
  : never

// biome-ignore lint/suspicious/noExplicitAny: the config's type is inferred from any connector
type ConfigOf<C> = C extends { readonly config: import('./schema.ts').Schema<any, infer Input> } ? Input : never

/**
 * Makes a live connection. Nothing touches the network until the first call (or `$check`).
 * @throws PatchbayError `config` that names the field.
 */
export function connect<C extends AnyConnector>(connector: C, options: ConnectOptions<ConfigOf<C>>): Connection<C> {
  return new LiveConnection(connector, options as ConnectOptions<unknown>).facade as Connection<C>
}

class LiveConnection {
  readonly facade: object
  readonly #connector: AnyConnector
  readonly #scope: Scope
  readonly #policies: Policies
  readonly #opened: Lazy<Opened>
  readonly #client: Lazy<unknown>
  readonly #paths = new Map<AnyOperation, LatePath>()
  #underWay = 0
  #closing: Promise<void> | undefined
  #idle: (() => void) | undefined

  constructor(connector: AnyConnector, options: ConnectOptions<unknown>) {
    this.#connector = connector
    const config = checkedConfig(connector, options.config ?? {})
    const runtime = runtimeFor(options)
    const random = options.random ?? runtime.random
    const feedback = (call: Call, told: RateFeedback): void => {
      for (const gate of this.#policies.inner) gate.feedback?.(call, told)
    }
    this.#scope = {
      connection: options.id ?? random.uuid(),
      connector: connector.manifest.id,
      tenant: options.tenant,
      target: connector.target?.(config) ?? connector.manifest.id,
      runtime,
      clock: runtime.clock,
      random,
      events: options.events ?? new Events(),
      store: options.store ?? runtime.store,
      feedback,
    }
    const { opened, client } = openClient(connector, config, this.#scope, options)
    this.#opened = opened
    this.#client = client
    try {
      this.#policies = composePolicies(options.policies ?? {}, connector.manifest, this.#scope)
    } catch (error) {
      throw told(connector, error)
    }
    this.facade = this.#makeFacade()
  }

  #makeFacade(): object {
    const facade: Record<string, unknown> = {
      $id: this.#scope.connection,
      $connector: this.#connector,
      $tenant: this.#scope.tenant,
      $events: this.#scope.events,
      $policies: describePolicies(this.#policies),
      $scope: this.#scope,
      $raw: () => this.#raw(),
      $check: (options?: CallOptions) => this.#check(options),
      $ready: () => this.#ready(),
      $breaker: this.#policies.breaker?.handle,
      $close: () => this.#close(),
      [Symbol.asyncDispose]: () => this.#close(),
    }
    for (const [name, operation] of Object.entries<AnyOperation>(this.#connector.operations)) {
      const [noun, verb] = name.split('.') as [string, string]
      facade[noun] ??= {}
      const verbs = facade[noun] as Record<string, unknown>
      verbs[verb] = this.#method(operation)
    }
    return facade
  }

  #method(operation: AnyOperation): (input: unknown, options?: CallOptions) => unknown {
    const path = this.#pathOf(operation)
    const one = (input: unknown, options?: CallOptions): Promise<unknown> => this.#run(path, operation, input, options)
    if (!isPaged(operation)) return one
    return (input = {}, options) =>
      paginate(
        input,
        (page) => one(page, options),
        (output) => operation.items(output),
        (output, page) => operation.next(output, page),
        operation.place,
        operation.maxEmptyPages,
      )
  }

  #pathOf(operation: AnyOperation): LatePath {
    let path = this.#paths.get(operation)
    if (path === undefined) {
      const { outer, inner, retry } = this.#policies
      const applies = (gate: (typeof outer)[number]): boolean => gate.appliesTo?.(operation.spec) ?? true
      path = new LatePath({
        connector: this.#connector,
        operation,
        client: this.#client,
        outer: outer.filter(applies),
        inner: inner.filter(applies),
        retry,
        ended: this.#ended,
      })
      this.#paths.set(operation, path)
    }
    return path
  }

  #run(path: LatePath, operation: AnyOperation, input: unknown, options?: CallOptions | null): Promise<unknown> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError(operation))
    this.#underWay++
    const call = new Call(this.#scope, operation.spec, input, options ?? noOptions, this.#scope.clock.monotonic())
    return path.run(call)
  }

  readonly #ended = (): void => {
    this.#underWay--
    if (this.#underWay === 0) this.#idle?.()
  }

  #raw(): Promise<unknown> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError())
    return this.#client().catch((error: unknown) => {
      throw told(this.#connector, error)
    })
  }

  #closedError(operation?: AnyOperation): Error {
    const facts = {
      kind: 'unavailable',
      code: 'closed',
      retry: 'never',
      sent: 'none',
      message: 'the connection was closed',
    } as const
    return patchbayError(facts, { connector: this.#connector.manifest.id, operation: operation?.spec.name })
  }

  async #check(options?: CallOptions): Promise<void> {
    const { check, operations, manifest } = this.#connector
    if (check === undefined) {
      await this.#raw()
      return
    }
    const operation = operations[check.operation] as AnyOperation | undefined
    if (operation === undefined) throw new TypeError(`${manifest.id}: check names no operation: ${check.operation}`)
    await this.#run(this.#pathOf(operation), operation, check.input, { cache: 'reload', ...options })
  }

  async #ready(): Promise<void> {
    const { outer, inner, retry } = this.#policies
    const specs = Object.values<AnyOperation>(this.#connector.operations).map(({ spec }) => spec)
    const used = [...outer, ...inner].filter((gate) => specs.some((spec) => gate.appliesTo?.(spec) ?? true))
    try {
      await Promise.all([usingCode(), ...[...used, retry].map((part) => part?.ready?.())])
    } catch (error) {
      throw told(this.#connector, error)
    }
  }

  #close(): Promise<void> {
    this.#closing ??= this.#shutDown()
    return this.#closing
  }

  async #shutDown(): Promise<void> {
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
    }
    // Calls may have given up while the client was still opening: it is closed as soon as it is there.
    const opened = await this.#opened.pending?.catch(() => undefined)
    await opened?.close()
    const { events, connection, connector } = this.#scope
    if (events.listening) events.emit('connection-close', { connection, connector })
  }
}

const noOptions: CallOptions = {}

function runtimeFor(options: ConnectOptions<unknown>): Runtime {
  if (options.runtime !== undefined) return options.runtime
  if (options.clock === undefined && options.random === undefined) return defaultRuntime()
  return new Runtime({ clock: options.clock, random: options.random, store: options.store })
}

function checkedConfig(connector: AnyConnector, config: unknown): unknown {
  try {
    const checked = validate(connector.config, config, 'config', 'the config')
    if (checked instanceof Promise) throw new Fault({ kind: 'config', message: 'a config schema must be synchronous' })
    return checked
  } catch (error) {
    throw told(connector, error)
  }
}

/** What went wrong outside a call, as callers see it. */
function told(connector: AnyConnector, error: unknown): unknown {
  return error instanceof Fault ? patchbayError(error.facts, { connector: connector.manifest.id }) : error
}
