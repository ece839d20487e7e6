export type { Handshake, HandshakeAnswer, HandshakeCondition } from './handshake.ts'
export { type FailedMessage, type Inbox, type InboxOptions, webhookInbox } from './inbox/inbox.ts'
export type { MessageContext, MessageHandler, ProcessOptions, Processor } from './inbox/process.ts'
export type { Receipt, ReceiveRefusal } from './inbox/receive.ts'
export type { ListedDelivery, Reconciliation, RecoveredMessage } from './inbox/reconcile.ts'
export type { WebhookSourceOptions } from './inbox/source.ts'
export type { InboxMessage } from './inbox/stored-message.ts'
export type { Endpoint, EndpointSettings, EndpointStatus } from './outbox/endpoint.ts'
export {
  type Published,
  type PublishOptions,
  type SenderOptions,
  type WebhookSender,
  webhookSender,
} from './outbox/sender.ts'
export {
  body,
  bodyHmac,
  header,
  headerPair,
  pairedTimestampHmac,
  preset,
  query,
  rawBody,
  standardWebhooks,
  versionedTimestampHmac,
  type WebhookPreset,
} from './preset.ts'
export type { RetrySchedule } from './queue/schedule.ts'
export type { FailedItem } from './queue/work-queue.ts'
export type * from './scheme.ts'
export {
  compileSigner,
  newWebhookKeyPair,
  newWebhookSecret,
  type SignableMessage,
  type SignedHeaders,
  webhookPublicKey,
} from './sign.ts'
export type { JwksOptions } from './verification/jwks.ts'
export type {
  Accepted,
  HeaderFields,
  InboundMessage,
  RefusalReason,
  Refused,
  Verdict,
  Verifier,
} from './verification/message.ts'
export type { PublicKeyInput } from './verification/public-keys.ts'
export type { RotatedSecret, WebhookSecret } from './verification/secrets.ts'
export { compileVerifier, type VerifierOptions } from './verification/verify.ts'
