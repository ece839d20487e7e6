import type { Clock } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import type { Transport } from '../../http/transport.ts'
import type { LocalScheme, WebhookScheme } from '../scheme.ts'
import { compileAsymmetric } from './asymmetric.ts'
import { compileHmac } from './hmac.ts'
import type { JwksOptions } from './jwks.ts'
import { compileJwt } from './jwt.ts'
import { refused, type Verdict, type Verifier } from './message.ts'
import type { PublicKeyInput } from './public-keys.ts'
import type { WebhookSecret } from './secrets.ts'
import { compileSharedToken } from './shared-token.ts'
import { compileSns } from './sns.ts'
import { compileStandardWebhooks } from './standard-webhooks.ts'

export interface VerifierOptions {
  readonly clock: Clock
  /** For hmac, standard-webhooks (`whsec_`), shared-token and jwt with HS. All active ones are tried. */
  readonly secrets?: readonly WebhookSecret[] | undefined
  /** For asymmetric, standard-webhooks (`whpk_`) and jwt. All are tried. */
  readonly keys?: readonly PublicKeyInput[] | undefined
  /** For jwt: where the sender publishes its keys. */
  readonly jwks?: JwksOptions | undefined
  /** For sns: ARNs of the topics accepted. */
  readonly topics?: readonly string[] | undefined
  /** For sns: loads certificates. */
  readonly transport?: Transport | undefined
  /** Larger bodies are refused before anything is hashed. Default 1 MiB. */
  readonly maxBodyBytes?: number | undefined
}

export const defaultMaxBodyBytes = 1_048_576

/**
 * Compiles the data of a scheme once into a verifier. Local schemes (all but jwt and sns) answer synchronously.
 * @throws PatchbayError `config` when there is no secret or key, or one does not fit: what cannot verify must not start.
 */
export function compileVerifier(scheme: LocalScheme, options: VerifierOptions): Verifier<Verdict>
export function compileVerifier(scheme: WebhookScheme, options: VerifierOptions): Verifier
export function compileVerifier(scheme: WebhookScheme, options: VerifierOptions): Verifier {
  const maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes
  if (!(maxBodyBytes >= 0))
    throw patchbayError({ kind: 'config', message: 'webhook verifier: maxBodyBytes must be a number of bytes' })
  const inner = compileScheme(scheme, options)
  return {
    verify: (message) => (message.body.byteLength > maxBodyBytes ? refused('body-too-large') : inner.verify(message)),
  }
}

function compileScheme(scheme: WebhookScheme, options: VerifierOptions): Verifier {
  const { clock, secrets, keys, jwks, topics, transport } = options
  switch (scheme.kind) {
    case 'hmac':
      return compileHmac(scheme, { secrets, clock })
    case 'asymmetric':
      return compileAsymmetric(scheme, { keys, clock })
    case 'standard-webhooks':
      return compileStandardWebhooks(scheme, { secrets, keys, clock })
    case 'jwt':
      return compileJwt(scheme, { secrets, keys, jwks, clock })
    case 'sns':
      return compileSns(scheme, { topics, transport, clock })
    case 'shared-token':
      return compileSharedToken(scheme, { secrets, clock })
    default:
      throw patchbayError({
        kind: 'config',
        message: 'webhook scheme: unknown kind; see WebhookScheme for those there are',
      })
  }
}
