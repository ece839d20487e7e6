import type { Field } from './scheme.ts'

/** Something that must hold for a handshake to be one: the field is there, and equals the text when one is given. */
export interface HandshakeCondition {
  readonly field: Field
  readonly equals?: string
}

/**
 * A message by which a sender checks the endpoint or asks it to confirm, as data. Handshakes with `verified: true` are looked for only
 * after the message's signature held; the others answer before, because the sender signs nothing, and give away nothing but an echo.
 */
export interface Handshake {
  /** HEAD: Trello and others only look whether the address answers. */
  readonly method: 'GET' | 'POST' | 'HEAD'
  readonly verified: boolean
  readonly when: readonly HandshakeCondition[]
  /** The field must equal the source's `handshakeToken` (constant time). */
  readonly token?: Field
  readonly answer: HandshakeAnswer
}

export type HandshakeAnswer =
  /** Status 200 and nothing else. */
  | { readonly kind: 'empty' }
  /** JSON that never changes. */
  | { readonly kind: 'json'; readonly value: Readonly<Record<string, string | number | boolean>> }
  /** Gives a field back as text or as a JSON member. */
  | { readonly kind: 'echo'; readonly field: Field; readonly as: 'text' | { readonly json: string } }
  /** JSON with the field and its HMAC-SHA256 in hex under the source's first active secret. Only for verified handshakes. */
  | { readonly kind: 'hmac-echo'; readonly field: Field; readonly plain: string; readonly hmac: string }
  /** Requests a URL of Amazon SNS in the topic's region, and nothing else. */
  | { readonly kind: 'sns-confirm'; readonly url: Field; readonly topic: Field }
