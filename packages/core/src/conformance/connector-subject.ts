import type { CallOptions } from '../call-options.ts'
import { type Connection, type ConnectOptions, connect } from '../connection.ts'
import type { AnyConnector } from '../connector.ts'
import type { CredentialSource } from '../credential.ts'
import type { ErrorKind, RetryAdvice } from '../errors.ts'
import type { HttpRequest, Transport } from '../http/transport.ts'
import type { Pages } from '../paginate.ts'
import { Runtime } from '../runtime.ts'
import { type FakeClock, fakeClock } from '../testing/time/fake-clock.ts'
import { seededRandom } from '../testing/time/seeded-random.ts'
import { type FakeReply, type FakeTransport, fakeTransport } from '../testing/transports/fake-transport.ts'
import type { Check } from './check.ts'

/** One call that works, with what the vendor answers to it. */
export interface OperationSample {
  readonly input: unknown
  /** What the call needs besides, such as an approval. */
  readonly options?: CallOptions
  /** The vendor's recorded answer. */
  readonly reply: FakeReply
  /** What the caller gets; of a paged operation, the items of the page. Left out, any success will do. */
  readonly output?: unknown
  /** True when the operation takes no value out of the answer, so that any body is right. */
  readonly ignoresBody?: true
}

/** An answer of the vendor that is an error, and what callers must see of it. */
export interface FailureSample {
  readonly operation: string
  readonly reply: FakeReply
  readonly kind: ErrorKind
  /** For a call that may be repeated; `exhausted` counts as `later`. */
  readonly retry?: Exclude<RetryAdvice, 'exhausted'>
  readonly code?: string
}

/** An HTTP connector with what its checks need to know. Nothing here touches a network. */
export interface ConnectorSubject {
  readonly connector: AnyConnector
  /** A config that is right. */
  readonly config: unknown
  /** Configs that must be refused, each with the path of the field to blame. */
  readonly wrongConfigs: readonly { readonly config: unknown; readonly path: string }[]
  readonly credential?: CredentialSource
  /** Values of the credential that must never show. */
  readonly secrets?: readonly string[]
  /** A sample for each operation, by its name. */
  readonly operations: Readonly<Record<string, OperationSample>>
  readonly failures?: readonly FailureSample[]
}

export type ConnectorCheck = Check<ConnectorSubject>

/** A connection over a scripted vendor and a clock that stands still. */
export interface Bench {
  readonly connection: Connection<AnyConnector>
  readonly transport: FakeTransport
  readonly clock: FakeClock
  /** Calls the operation with its sample; of a paged operation, the first page's items. */
  call(name: string, options?: CallOptions): Promise<unknown>
}

export function bench(
  subject: ConnectorSubject,
  reply: FakeReply,
  policies: ConnectOptions<unknown>['policies'] = {},
): Bench {
  return benchOver(subject, fakeTransport({ '*': reply }), policies)
}

export function benchOver(
  subject: ConnectorSubject,
  transport: Transport,
  policies: ConnectOptions<unknown>['policies'] = {},
): Bench & { readonly transport: FakeTransport } {
  const clock = fakeClock()
  const connection = connect(subject.connector, {
    config: subject.config as never,
    transport,
    policies,
    runtime: new Runtime({ clock, random: seededRandom(1) }),
    ...(subject.credential === undefined ? {} : { credential: subject.credential }),
  }) as Connection<AnyConnector>
  return {
    connection,
    transport: transport as FakeTransport,
    clock,
    call: (name, options) => callSample(connection, name, sampleOf(subject, name), options),
  }
}

/** A vendor that never answers. Tells how often it was asked and given up. */
export function silentVendor(): Transport & { readonly asked: number; readonly given: number } {
  const counts = { asked: 0, given: 0 }
  return {
    get asked() {
      return counts.asked
    },
    get given() {
      return counts.given
    },
    send: (request: HttpRequest) => {
      counts.asked++
      return new Promise((_resolve, reject) => {
        request.cancellation?.onCancel((reason) => {
          counts.given++
          reject(reason)
        })
      })
    },
    close: async () => undefined,
  }
}

export function sampleOf({ operations }: ConnectorSubject, name: string): OperationSample {
  const sample = operations[name]
  if (sample === undefined) throw new Error(`there is no sample for ${name}`)
  return sample
}

type Method = (input: unknown, options?: CallOptions) => Promise<unknown> | Pages<unknown>

function callSample(
  connection: Connection<AnyConnector>,
  name: string,
  sample: OperationSample,
  options: CallOptions = {},
): Promise<unknown> {
  const [noun = '', verb = ''] = name.split('.')
  const method = (connection as unknown as Record<string, Record<string, Method>>)[noun]?.[verb] as Method
  const result = method(sample.input, { ...sample.options, ...options })
  return Symbol.asyncIterator in result ? firstPage(result) : result
}

async function firstPage(pages: Pages<unknown>): Promise<readonly unknown[]> {
  for await (const { items } of pages.pages()) return items
  return []
}
