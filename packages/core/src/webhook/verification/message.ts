/** Header fields as received: lower-case names; a repeated field is an array, or joined by `, ` as node:http and fetch do. */
export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>

/** An inbound message before anything in it is believed. */
export interface InboundMessage {
  /** Upper-case. */
  readonly method: string
  /** Absolute, as the sender addressed it (behind a proxy that is not what the server sees). */
  readonly url: string
  readonly headers: HeaderFields
  /** The bytes as received: not parsed, not decoded. */
  readonly body: Uint8Array
}

/** Why a message was refused. Stable words, fit for events and metrics. */
export type RefusalReason =
  | 'body-too-large'
  | 'missing-signature'
  | 'malformed-signature'
  | 'bad-signature'
  | 'duplicate-field'
  | 'missing-field'
  | 'missing-timestamp'
  | 'malformed-timestamp'
  | 'stale-timestamp'
  | 'early-timestamp'
  | 'malformed-message-id'
  | 'malformed-body'
  | 'body-mismatch'
  | 'no-active-secret'
  | 'unknown-key'
  | 'keys-unavailable'
  | 'refused-algorithm'
  | 'refused-claims'
  | 'refused-topic'
  | 'refused-certificate'

export interface Accepted {
  readonly accepted: true
  /** The scheme's id of the message; undefined when it has none. */
  readonly messageId: string | undefined
  /** Signed time of sending, milliseconds since 1970; undefined when the scheme signs none. */
  readonly sentAt: number | undefined
  /** Which of the configured secrets or keys matched: tells when the old one can go. -1 for keys fetched from elsewhere. */
  readonly key: number
}

export interface Refused {
  readonly accepted: false
  readonly reason: RefusalReason
}

export type Verdict = Accepted | Refused

const made = new Map<RefusalReason, Refused>()

/** One frozen verdict per reason: refusing allocates nothing. */
export function refused(reason: RefusalReason): Refused {
  let verdict = made.get(reason)
  if (verdict === undefined) {
    verdict = Object.freeze({ accepted: false, reason })
    made.set(reason, verdict)
  }
  return verdict
}

/** Verifies messages of one source. Never throws for what a message contains. */
export interface Verifier<V = Verdict | Promise<Verdict>> {
  verify(message: InboundMessage): V
}
