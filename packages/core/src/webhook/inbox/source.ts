import { createHash } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import type { MaybeSecret } from '../../secret.ts'
import { compileHandshakes, type HandshakeEngine } from '../handshake-engine.ts'
import type { WebhookPreset } from '../preset.ts'
import type { Field, WebhookScheme } from '../scheme.ts'
import type { InboundMessage, Verifier } from '../verification/message.ts'
import { compileVerifier, defaultMaxBodyBytes, type VerifierOptions } from '../verification/verify.ts'

/** A sender of webhooks: a preset (or the same fields of one's own) with the secrets. */
export interface WebhookSourceOptions
  extends Omit<VerifierOptions, 'clock'>,
    Pick<WebhookPreset, 'scheme' | 'handshakes' | 'keep' | 'unnamed'> {
  /**
   * The message's id where the scheme names none, out of the kept headers and the parsed body (undefined when it is no JSON). Called only
   * after the signature held.
   */
  readonly messageId?: ((headers: Readonly<Record<string, string>>, body: unknown) => string | undefined) | undefined
  /** What the operator told the sender to prove itself with in a handshake (Meta's verify token). */
  readonly handshakeToken?: MaybeSecret<string> | undefined
  /** Origin under which the sender reaches this server, such as `https://hooks.example.com`; schemes that sign the URL need it behind a proxy. */
  readonly publicOrigin?: string | undefined
}

/** A source made ready: everything that can be decided once is. */
export interface CompiledSource {
  readonly name: string
  readonly verifier: Verifier
  readonly handshake: HandshakeEngine | undefined
  readonly keep: readonly string[]
  readonly messageId: WebhookSourceOptions['messageId']
  readonly unnamed: 'content' | 'arrival'
  readonly maxBodyBytes: number
  readonly publicOrigin: string | undefined
  /** Headers that decide; a receiver must not merge or drop repetitions of them. */
  readonly decisiveHeaders: readonly string[]
}

export function compileSource(name: string, options: WebhookSourceOptions, clock: Clock): CompiledSource {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name))
    throw patchbayError({
      kind: 'config',
      message: `webhook inbox: source "${name}" must be 1 to 63 characters of a-z, 0-9, dot, dash and underscore`,
    })
  const { scheme, handshakes, secrets, handshakeToken, transport, publicOrigin } = options
  return {
    name,
    verifier: compileVerifier(scheme, { ...options, clock }),
    handshake:
      handshakes === undefined || handshakes.length === 0
        ? undefined
        : compileHandshakes(handshakes, { clock, secrets, handshakeToken, transport }),
    keep: ['content-type', ...(options.keep ?? [])],
    messageId: options.messageId,
    unnamed: options.unnamed ?? 'content',
    maxBodyBytes: options.maxBodyBytes ?? defaultMaxBodyBytes,
    publicOrigin: publicOrigin === undefined ? undefined : checkedOrigin(publicOrigin),
    decisiveHeaders: decisiveHeaders(scheme),
  }
}

function checkedOrigin(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null'
  if (origin === 'null' || origin !== text.replace(/\/$/, ''))
    throw patchbayError({
      kind: 'config',
      message: 'webhook inbox: publicOrigin must be an origin without a path, such as https://hooks.example.com',
    })
  return origin
}

function decisiveHeaders(scheme: WebhookScheme): readonly string[] {
  const fields: Field[] = []
  if (scheme.kind === 'jwt' || scheme.kind === 'shared-token') fields.push(scheme.token)
  if (scheme.kind === 'hmac' || scheme.kind === 'asymmetric') {
    fields.push(scheme.signature)
    for (const part of scheme.signed) if ('from' in part) fields.push(part)
  }
  const names = fields.flatMap((field) => (field.from === 'header' || field.from === 'header-pair' ? [field.name] : []))
  return [...new Set(names)]
}

/**
 * The id of a message whose sender gives none: a digest of what the signature covers. The same bytes again are a repetition; nothing
 * distinguishes them from a replay by somebody else.
 */
export function contentId(message: InboundMessage, sentAt: number | undefined): string {
  const hash = createHash('sha256')
    .update(`${sentAt ?? ''}\n`)
    .update(message.body)
  return `sha256-${hash.digest('base64url')}`
}
