import type { Clock } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import type { SignatureRule, StandardWebhooksScheme } from '../scheme.ts'
import { compileAsymmetric } from './asymmetric.ts'
import { compileHmac } from './hmac.ts'
import type { Verdict, Verifier } from './message.ts'
import type { PublicKeyInput } from './public-keys.ts'
import type { WebhookSecret } from './secrets.ts'

/**
 * Standard Webhooks: `v1` (HMAC-SHA256) with secrets, `v1a` (Ed25519) with public keys; with both, one valid signature is enough.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function compileStandardWebhooks(
  scheme: StandardWebhooksScheme,
  options: {
    readonly secrets: readonly WebhookSecret[] | undefined
    readonly keys: readonly PublicKeyInput[] | undefined
    readonly clock: Clock
  },
): Verifier<Verdict> {
  const prefix = scheme.headers ?? 'webhook-'
  const id = { from: 'header', name: `${prefix}id` } as const
  const timestamp = { from: 'header', name: `${prefix}timestamp` } as const
  const dot = { literal: '.' } as const
  const rule: SignatureRule = {
    signed: [id, dot, timestamp, dot, { body: 'raw' }],
    signature: { from: 'header', name: `${prefix}signature` },
    separator: ' ',
    encoding: 'base64',
    timestamp: {
      field: timestamp,
      unit: 's',
      ...(scheme.toleranceMs === undefined ? {} : { toleranceMs: scheme.toleranceMs }),
    },
    messageId: id,
  }
  const hasSecrets = options.secrets !== undefined && options.secrets.length > 0
  const hasKeys = options.keys !== undefined && options.keys.length > 0
  if (!hasSecrets && !hasKeys)
    throw patchbayError({
      kind: 'config',
      message:
        'webhook verifier: secrets and keys are both empty; give a whsec_ secret or a whpk_ public key of this source',
    })
  const symmetric = hasSecrets
    ? compileHmac({ ...rule, kind: 'hmac', algorithm: 'sha256', prefix: 'v1,', key: 'standard-webhooks' }, options)
    : undefined
  const asymmetric = hasKeys
    ? compileAsymmetric({ ...rule, kind: 'asymmetric', algorithm: 'ed25519', prefix: 'v1a,' }, options)
    : undefined
  if (symmetric === undefined) return asymmetric as Verifier<Verdict>
  if (asymmetric === undefined) return symmetric
  return {
    verify(message) {
      const first = symmetric.verify(message)
      if (first.accepted) return first
      const other =
        first.reason === 'malformed-signature' ||
        first.reason === 'bad-signature' ||
        first.reason === 'no-active-secret'
      if (!other) return first
      const second = asymmetric.verify(message)
      return !second.accepted && second.reason === 'malformed-signature' ? first : second
    },
  }
}
