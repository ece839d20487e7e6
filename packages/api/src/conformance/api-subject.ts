import {
  type AnyConnector,
  type CallOptions,
  type Check,
  type Connection,
  type ConnectSettings,
  type CredentialSource,
  connect,
  type ErrorKind,
  type Pages,
} from '@patchbay/core'
import type { FakeReply } from '@patchbay/core/testing'
import { ScriptedServer, type VendorRequest } from './scripted-server.ts'

/** A live connection of any connector. */
export type AnyConnection = Connection<AnyConnector>

/** One operation with what the vendor answers to it. */
export interface APICall {
  /** `noun.verb` of the connector. */
  readonly name: string
  /** Calls it once with an input that is right. */
  run(connection: AnyConnection, options: CallOptions): Promise<unknown>
  /** A sound answer, as recorded from the vendor. */
  answer(request: VendorRequest): FakeReply
  /** The same with fields that nobody knows. Default: JSON objects get one more field each; needed for other formats. */
  extended?(request: VendorRequest): FakeReply
  /** True when the operation takes no value out of the answer, so that any body is right. */
  readonly ignoresBody?: true
  /** True when the answer is handed out as a stream, whose caps and end are its reader's. */
  readonly streams?: true
}

/** One operation that gives pages, with a vendor of some of them. */
export interface APIList {
  readonly name: string
  run(connection: AnyConnection, options: CallOptions): Pages<unknown>
  /** The page that is asked for. */
  answer(request: VendorRequest): FakeReply
  /** How many pages the answers have, at least 2, and all their records. */
  readonly pages: number
  readonly records: number
}

/** An API connector with what the family's checks need to know of it. */
export interface APISubject {
  readonly connector: AnyConnector
  /** A config that leads to the suite's own vendor on loopback. */
  config(url: string): unknown
  readonly credential: CredentialSource
  /** Values of the credential that must never show. */
  readonly secrets: readonly string[]
  readonly calls: readonly APICall[]
  readonly lists?: readonly APIList[]
  /** Answers what the connector asks for besides its calls, such as a WSDL; those requests do not count. */
  aside?(request: VendorRequest): FakeReply | undefined
  /** How the vendor refuses with a status. Default: JSON with a message. */
  refusal?(status: number, message: string): FakeReply
  /** What statuses mean where the vendor departs from the usual. */
  readonly kinds?: Readonly<Record<number, ErrorKind>>
}

/** Abilities: `lists`. */
export type APICheck = Check<APISubject>

export interface Bench extends AsyncDisposable {
  readonly server: ScriptedServer
  readonly connection: AnyConnection
}

/** Only what the connector itself does shows. */
export const bare = { retry: false, breaker: false, throttle: false } as const

/** A fresh vendor and a connection to it. */
export async function openBench(subject: APISubject, settings: ConnectSettings = { policies: bare }): Promise<Bench> {
  const server = await ScriptedServer.start()
  if (subject.aside !== undefined) server.aside = (request) => subject.aside?.(request)
  const connection = connect(subject.connector, {
    ...settings,
    config: subject.config(server.url),
    credential: subject.credential,
    network: { allow: [{ host: '127.0.0.1' }], ...settings.network },
  }) as AnyConnection
  return {
    server,
    connection,
    async [Symbol.asyncDispose]() {
      // A connector that cannot close is the business of another check.
      await connection.$close().catch(() => undefined)
      await server[Symbol.asyncDispose]()
    },
  }
}

/** All operations as calls; of a list, the first page. */
export function callsOf({ calls, lists = [] }: APISubject): readonly APICall[] {
  return [
    ...calls,
    ...lists.map(({ name, run, answer }) => ({
      name,
      answer,
      run: async (connection: AnyConnection, options: CallOptions) => {
        for await (const page of run(connection, options).pages()) return page.items
        return []
      },
    })),
  ]
}

/** Opens the client, so that what belongs to opening is over. */
export async function ready({ connection, server }: Bench): Promise<void> {
  await connection.$raw()
  server.requests.length = 0
}

export function specOf({ connector }: APISubject, name: string) {
  const operation = connector.operations[name]
  if (operation === undefined) throw new Error(`the connector has no operation ${name}`)
  return operation.spec
}
