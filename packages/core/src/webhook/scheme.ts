/** Where a value of a request is found. */
export type Field =
  | { readonly from: 'header'; readonly name: string }
  | { readonly from: 'query'; readonly name: string }
  /** A pair inside a structured header, such as `t` of `t=1,v1=ab`. */
  | { readonly from: 'header-pair'; readonly name: string; readonly pair: string }
  /** Dotted path of own properties in the JSON body; read only after the signature held, except by schemes that sign fields of it. */
  | { readonly from: 'body'; readonly path: string }

/** A piece of what is signed: literal text, the raw body, or a field. */
export type SignedPart =
  | { readonly literal: string }
  | { readonly body: 'raw' }
  | { readonly url: 'full' }
  | { readonly form: 'sorted-pairs' }
  | Field

/** How messages of a source are verified: data, read by the one engine in this folder. */
export type WebhookScheme =
  | {
      readonly kind: 'hmac'
      readonly algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512'
      readonly signed: readonly SignedPart[]
      readonly signature: Field
      /** Text before each signature, such as `sha256=`. */
      readonly prefix?: string
      /** Several signatures in one field are separated by this. */
      readonly separator?: string
      readonly encoding: 'hex' | 'base64' | 'base64url'
      /** How the configured secret text becomes key bytes. Default `utf8`. */
      readonly key?: 'utf8' | 'base64' | 'hex' | 'standard-webhooks'
      readonly timestamp?: TimestampRule
      readonly messageId?: Field
    }
  | {
      readonly kind: 'asymmetric'
      readonly algorithm: 'rsa-sha256' | 'rsa-pss-sha256' | 'ecdsa-p256-sha256' | 'ed25519'
      readonly signed: readonly SignedPart[]
      readonly signature: Field
      readonly prefix?: string
      readonly separator?: string
      readonly encoding: 'hex' | 'base64' | 'base64url'
      /** ECDSA signature form. Default `der`. */
      readonly form?: 'der' | 'ieee-p1363'
      readonly timestamp?: TimestampRule
      readonly messageId?: Field
    }
  | { readonly kind: 'standard-webhooks' }
  | {
      readonly kind: 'jwt'
      readonly token: Field
      readonly prefix?: string
      readonly algorithms: readonly string[]
      readonly issuer?: string
      readonly audience?: string
      readonly bodyHashClaim?: string
      readonly messageId?: Field
    }
  | { readonly kind: 'sns'; readonly topicArn?: string }
  | { readonly kind: 'shared-token'; readonly token: Field; readonly prefix?: string; readonly messageId?: Field }

export interface TimestampRule {
  readonly field: Field
  readonly unit: 's' | 'ms' | 'iso'
  /** Most milliseconds of age and of lead. Default 300 000. */
  readonly toleranceMs?: number
}
