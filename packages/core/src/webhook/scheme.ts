/** Where a value of a message is found. Names of headers, pairs and paths are matched exactly and as own properties only. */
export type Field =
  /** Lower-case name. */
  | { readonly from: 'header'; readonly name: string }
  | { readonly from: 'query'; readonly name: string }
  /** A pair inside a structured header, such as `t` of `t=1,v1=ab`. */
  | { readonly from: 'header-pair'; readonly name: string; readonly pair: string; readonly separator?: ',' | ';' }
  /**
   * Dotted path of own properties in the JSON body; `*` stands for every item of an array. Read only after the signature held, except
   * by schemes that sign fields of the body or carry their token there.
   */
  | { readonly from: 'body'; readonly path: string }

/** A piece of what is signed, in order. */
export type SignedPart =
  | { readonly literal: string }
  | { readonly body: 'raw' }
  /** The absolute URL as the sender addressed it, query included. */
  | { readonly url: 'full' }
  | { readonly method: 'upper' }
  /** Name and value of every form parameter, sorted by name, without separators. Nothing when the body is not a form. */
  | { readonly form: 'sorted-pairs' }
  | Field

/** How old, and how far ahead, a message may be. Always checked against the wall clock. */
export interface TimestampRule {
  readonly field: Field
  readonly unit: 's' | 'ms' | 'iso'
  /** Most milliseconds of age and of lead. Default 300 000. */
  readonly toleranceMs?: number
}

/** Which id a message keeps when it is sent again. Several fields are joined with `:`. */
export type MessageIdRule = Field | readonly Field[]

export type SignatureEncoding = 'hex' | 'base64' | 'base64url'

/** Where signatures stand and how they are written. */
export interface SignatureRule {
  readonly signed: readonly SignedPart[]
  readonly signature: Field
  /** Text before each signature, such as `sha256=`. Signatures with another prefix are other versions and do not count. */
  readonly prefix?: string
  /** Several signatures in one field are separated by this. */
  readonly separator?: string
  readonly encoding: SignatureEncoding
  /** A field that holds the hex SHA-256 of the body; when the message has it, the body must match (Twilio's `bodySHA256`). */
  readonly bodyHash?: Field
  readonly timestamp?: TimestampRule
  readonly messageId?: MessageIdRule
}

export interface HmacScheme extends SignatureRule {
  readonly kind: 'hmac'
  readonly algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  /** How the configured secret text becomes key bytes. Default `utf8`. `standard-webhooks` is base64 after `whsec_`. */
  readonly key?: 'utf8' | 'base64' | 'hex' | 'standard-webhooks'
}

export interface AsymmetricScheme extends SignatureRule {
  readonly kind: 'asymmetric'
  readonly algorithm: 'rsa-sha256' | 'rsa-pss-sha256' | 'ecdsa-p256-sha256' | 'ed25519'
  /** ECDSA signature form. Default `der`. */
  readonly form?: 'der' | 'ieee-p1363'
}

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export interface StandardWebhooksScheme {
  readonly kind: 'standard-webhooks'
  /** What the names of the three headers begin with, in lower case. Default `webhook-`; some senders put their own name there. */
  readonly headers?: `${string}-`
  /** Most milliseconds of age and of lead. Default 300 000. */
  readonly toleranceMs?: number
}

export type JwtAlgorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'

/** A signed JSON Web Token (RFC 7519) in a header or query parameter. */
export interface JwtScheme {
  readonly kind: 'jwt'
  readonly token: Field
  /** Text before the token, such as `Bearer `. */
  readonly prefix?: string
  /** The only algorithms accepted, whatever the token says. HS and the others cannot be mixed. */
  readonly algorithms: readonly JwtAlgorithm[]
  readonly issuer?: string
  readonly audience?: string
  /** Claims that must have exactly this value. */
  readonly claims?: Readonly<Record<string, string | number | boolean>>
  /** Claim with the SHA-256 of the raw body. Without it the token says nothing about the body. */
  readonly bodyHashClaim?: string
  /** Default `hex`. */
  readonly bodyHashEncoding?: SignatureEncoding
  /** Oldest `iat` accepted, in milliseconds. Default 300 000 when the token has no `exp`. */
  readonly maxAgeMs?: number
  /** Tolerated difference of clocks, in milliseconds. Default 60 000. */
  readonly toleranceMs?: number
  /** Claim that identifies the message. Default `jti`, when there. */
  readonly messageIdClaim?: string
  readonly messageId?: MessageIdRule
}

/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
export interface SnsScheme {
  readonly kind: 'sns'
  /** ARNs of the topics accepted. Needed, here or in the verifier's options: every customer's topic is signed with the same certificate. */
  readonly topics?: readonly string[]
  /** Signature versions accepted. Default both; `['2']` leaves SHA-1 out. */
  readonly versions?: readonly ('1' | '2')[]
  /** Most milliseconds of age and of lead. Default one hour: a message keeps its timestamp over all tries. */
  readonly toleranceMs?: number
}

export interface SharedTokenScheme {
  readonly kind: 'shared-token'
  /** With `*` in a body path every item must carry the token. */
  readonly token: Field
  readonly prefix?: string
  readonly messageId?: MessageIdRule
}

/** How messages of a source are verified: data, read by the one engine in this folder. */
export type WebhookScheme =
  | HmacScheme
  | AsymmetricScheme
  | StandardWebhooksScheme
  | JwtScheme
  | SnsScheme
  | SharedTokenScheme

/** Schemes whose verification needs nothing from the network. */
export type LocalScheme = HmacScheme | AsymmetricScheme | StandardWebhooksScheme | SharedTokenScheme
