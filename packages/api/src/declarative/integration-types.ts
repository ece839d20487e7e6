import type {
  AnyConnector,
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
import type { WebhookSourceOptions } from '@patchbay/core/webhooks'
import type { IntegrationManifest } from '../manifest/manifest.ts'
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

/** What generated types say about one integration. */
export interface IntegrationTypes {
  readonly config: object
  readonly operations: Readonly<
    Record<string, Operation<never, unknown, never> | PagedOperation<never, unknown, never, unknown>>
  >
  /** Records by stream. */
  readonly streams: Readonly<Record<string, unknown>>
  /** Events by webhook and type. */
  readonly webhooks: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** What users supply, by credential id. */
  readonly credentials: Readonly<Record<string, object>>
}

/** An event of a webhook, told apart by its type. */
export type DeclaredEvent<Events extends Readonly<Record<string, unknown>>> = {
  readonly [Type in keyof Events]: { readonly type: Type; readonly data: Events[Type] }
}[keyof Events]

/** A webhook of an integration: `webhookInbox({ sources: { desk: acmeDesk.webhooks.events.source({ secrets }) } })`. */
export interface DeclaredWebhook<Events extends Readonly<Record<string, unknown>>> {
  /** Everything that the manifest knows, with the secrets that the vendor gave. */
  source(options: Pick<WebhookSourceOptions, 'secrets'> & Partial<WebhookSourceOptions>): WebhookSourceOptions
  /** Reads a verified message as a typed event; undefined for types that the manifest does not name. */
  event(message: {
    readonly headers: Readonly<Record<string, string>>
    readonly body: unknown
  }): DeclaredEvent<Events> | undefined
}

/** A connector that is nothing but a manifest. Everything that connectors have, and what only manifests know. */
export interface Integration<T extends IntegrationTypes = IntegrationTypes>
  extends Omit<Connector<T['config'], DeclaredClient, T['operations'] & AnyConnector['operations']>, 'streams'> {
  readonly declared: IntegrationManifest
  /** Ways to authenticate, by id: `connect(acmeDesk, { config, credential: acmeDesk.credential.token({ key }) })`. */
  readonly credential: {
    readonly [Id in keyof T['credentials']]: SchemeFunction<T['credentials'][Id]> &
      ((fields: T['credentials'][Id]) => CredentialSource)
  }
  readonly streams: {
    readonly [Name in keyof T['streams']]: StreamSpec<Connection<Integration<T>>, T['streams'][Name]>
  }
  readonly webhooks: { readonly [Name in keyof T['webhooks']]: DeclaredWebhook<T['webhooks'][Name]> }
}
