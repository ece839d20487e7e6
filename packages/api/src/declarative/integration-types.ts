import type {
  Connection,
  Connector,
  CredentialSource,
  HttpBody,
  Operation,
  PagedOperation,
  Risk,
  StreamSpec,
} from '@patchbay/core'
import type { SchemeFunction } from '@patchbay/core/credentials'
import type { HttpPage, PagedInput } from '@patchbay/core/http'
import type { InboxMessage, WebhookSourceOptions } from '@patchbay/core/webhooks'
import type { APIFacts } from '../contract.ts'
import type { IntegrationManifest } from '../manifest/manifest.ts'
import type { requestOperations } from '../request/request-operations.ts'
import type { DeclaredClient } from './declared-client.ts'

/** One operation of an integration, as generated types name it: what callers pass, what they get, how much harm it can do. */
export type Declared<Input, Output, R extends Risk = 'normal'> = Operation<Input, Output, DeclaredClient, R, Input>
/** A list of an integration. */
export type DeclaredList<Input, Item, R extends Risk = 'normal'> = PagedOperation<
  PagedInput<Input>,
  HttpPage<Item>,
  DeclaredClient,
  Item,
  R,
  PagedInput<Input>
>
/** The bytes of an upload. */
export type Bytes = HttpBody

/** What generated types say about one integration. Interfaces, so that compilers read them as they stand. */
export interface IntegrationTypes {
  readonly config: object
  /** {@link Declared} and {@link DeclaredList} by `noun.verb`. */
  readonly operations: object
  /** What may be chosen and what comes, by stream: {@link StreamTypes}. */
  readonly streams: object
  /** Events by webhook and type. */
  readonly webhooks: object
  /** What users supply, by credential id. */
  readonly credentials: object
}

/** One stream of an integration, as generated types name it. */
export interface StreamTypes {
  /** The inputs of its list that are neither fixed by the manifest nor the stream's own business. */
  readonly input: object
  readonly record: unknown
}

/** What readStream asks for, in place of a connection, while a stream lacks inputs: no connection is that. */
export interface InputsMissing {
  readonly $inputs: 'settle the inputs of this stream first, by .with({ ... })'
}

/** A stream, and the same with inputs of one's own. Where its list has inputs that it cannot do without, only the latter can be read. */
export type DeclaredStream<Target, S> = S extends StreamTypes
  ? StreamSpec<Record<never, never> extends S['input'] ? Target : InputsMissing, S['record']> & {
      /** `readStream(connection, github.streams.issues.with({ owner, repo }), { store, key: 'acme/issues' })`: a key for each choice. */
      with(input: S['input']): StreamSpec<Target, S['record']>
    }
  : never

/** An event of a webhook, told apart by its type. */
export type DeclaredEvent<Events> = {
  readonly [Type in keyof Events]: { readonly type: Type; readonly data: Events[Type] }
}[keyof Events]

/** A webhook of an integration: `webhookInbox({ sources: { desk: acmeDesk.webhooks.events.source({ secrets }) } })`. */
export interface DeclaredWebhook<Events> {
  /** Everything that the manifest knows, with the secrets that the vendor gave. */
  source(options: Pick<WebhookSourceOptions, 'secrets'> & Partial<WebhookSourceOptions>): WebhookSourceOptions
  /**
   * Reads a verified message as a typed event; undefined for types that the manifest does not name.
   * @throws PatchbayError `protocol` for a message that is not what the manifest says of its type
   */
  event(message: Pick<InboxMessage, 'headers' | 'json'>): DeclaredEvent<Events> | undefined
}

/** The operations of an integration, and `request.*` for what it does not declare. */
export type OperationsOf<T extends IntegrationTypes> = T['operations'] &
  Omit<typeof requestOperations, keyof T['operations']>

/** A connector that is nothing but a manifest. Everything that connectors have, and what only manifests know. */
export interface Integration<T extends IntegrationTypes = IntegrationTypes>
  extends Omit<Connector<T['config'], DeclaredClient, Record<never, never>, T['config']>, 'streams' | 'operations'> {
  readonly declared: IntegrationManifest
  readonly api: APIFacts<DeclaredClient>
  readonly operations: OperationsOf<T>
  /** Ways to authenticate, by id: `connect(acmeDesk, { config, credential: acmeDesk.credential.token({ key }) })`. */
  readonly credential: {
    readonly [Id in keyof T['credentials']]: SchemeFunction<T['credentials'][Id]> &
      (Record<never, never> extends T['credentials'][Id]
        ? (fields?: T['credentials'][Id]) => CredentialSource
        : unknown)
  }
  readonly streams: {
    readonly [Name in keyof T['streams']]: DeclaredStream<Connection<Integration<T>>, T['streams'][Name]>
  }
  readonly webhooks: { readonly [Name in keyof T['webhooks']]: DeclaredWebhook<T['webhooks'][Name]> }
}
