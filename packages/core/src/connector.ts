import type { Clock, Random } from './clock.ts'
import type { Credential, CredentialScheme } from './credential.ts'
import type { ErrorFacts } from './errors.ts'
import type { Events } from './events.ts'
import type { Transport } from './http/transport.ts'
import type { AnyOperation } from './operation.ts'
import type { Schema } from './schema.ts'
import type { Store } from './store.ts'
import type { StreamSpec } from './stream.ts'
import type { Trigger } from './trigger.ts'

/** One published limit of a vendor. */
export interface LimitSpec {
  /** Units (cost) allowed per window. */
  readonly units: number
  /** The window in milliseconds. */
  readonly perMs: number
  /** Units that may be spent at once. Default: `units`. */
  readonly burst?: number
  /**
   * `sliding-window`: never more than `units` in any `perMs`. `bucket`: `burst` at once, refilled at `units` per `perMs`; lets up to
   * `burst + units` through in one window, so only for vendors that publish a burst. `fixed-window`: the window begins with its first
   * request. Default: `bucket` when `burst` is given, else `sliding-window`.
   */
  readonly kind?: 'sliding-window' | 'bucket' | 'fixed-window'
  /** The vendor's name of this limit, when its answers name several (`RateFeedback.policy`). */
  readonly name?: string
  /** Names of the operations that count against it. Default: all. */
  readonly operations?: readonly string[]
}

/** Pure data about a connector: all that the catalog and the UI read. */
export interface Manifest {
  /** `family/product`, such as `storage/s3`. */
  readonly id: string
  readonly title: string
  /** One sentence. */
  readonly summary: string
  /** Version of this connector, semantic. */
  readonly version: string
  readonly vendor?: { readonly name: string; readonly homepage?: string }
  /** Where the facts below come from. */
  readonly sources?: readonly string[]
  readonly limits?: readonly LimitSpec[]
  /** Most calls in flight at once. */
  readonly concurrency?: number
  /** Most milliseconds for one attempt, for vendors that need longer than the policies' own default. */
  readonly attemptMs?: number
  /** Optional drivers by package name with their accepted range. */
  readonly drivers?: Readonly<Record<string, string>>
}

/** What `open` may use. Connector folders reach the outside world through nothing else. */
export interface OpenEnv {
  readonly clock: Clock
  readonly random: Random
  readonly events: Events
  readonly store: Store | undefined
  readonly tenant: string | undefined
  readonly credential: Credential
  /** Loaded at first use: undici unless the user handed in another. */
  transport(): Promise<Transport>
  /** Drivers that the user handed in, by package name. */
  readonly drivers: Readonly<Record<string, unknown>>
}

// biome-ignore lint/suspicious/noExplicitAny: streams of one connector have different records
type AnyStreams = Readonly<Record<string, StreamSpec<any, any>>>

/** The static definition of one vendor or protocol. `Given` is what users pass as config: less than `Config` where its schema has defaults. */
export interface Connector<
  Config = unknown,
  Client = unknown,
  Operations extends Readonly<Record<string, AnyOperation>> = Readonly<Record<string, AnyOperation>>,
  Given = unknown,
> {
  /** Version of this contract. */
  readonly contract: 1
  readonly manifest: Manifest
  readonly config: Schema<Config, Given>
  readonly credentials: readonly CredentialScheme[]
  /** By `noun.verb`. A capability is the presence of its key; absent is a compile error at the caller. */
  readonly operations: Operations
  readonly triggers?: Readonly<Record<string, Trigger>>
  readonly streams?: AnyStreams
  /** The cheapest read that proves address and credential, for `$check` and the UI's Test connection. */
  readonly check?: { readonly operation: string; readonly input: unknown }
  /** Makes the client that operations get. It need not touch the network. */
  open(config: Config, env: OpenEnv): Promise<Client>
  close?(client: Client): Promise<void>
  /** What limits and budgets belong to: usually the host. Default: the connector's id. */
  target?(config: Config): string
  /** The only place where vendor error codes are known. Undefined: core's own classification. */
  classify?(error: unknown): ErrorFacts | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: the top type of connectors
export type AnyConnector = Connector<any, any, any, any>

/** Types a connector from its parts and checks at load that every operation stands under its own name. */
export function defineConnector<
  Config,
  Client,
  const Operations extends Readonly<Record<string, AnyOperation>>,
  const Streams extends AnyStreams = Record<never, never>,
  Given = unknown,
>(
  connector: Connector<Config, Client, Operations, Given> & { readonly streams?: Streams },
): Omit<Connector<Config, Client, Operations, Given>, 'streams'> & { readonly streams: Streams } {
  for (const [name, { spec }] of Object.entries(connector.operations)) {
    if (spec.name !== name)
      throw new TypeError(`${connector.manifest.id}: the operation under "${name}" calls itself "${spec.name}"`)
    if (!operationName.test(name)) throw new TypeError(`${connector.manifest.id}: "${name}" is not noun.verb`)
  }
  return connector as typeof connector & { readonly streams: Streams }
}

const operationName = /^[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*$/
