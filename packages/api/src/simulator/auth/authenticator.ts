import type { IntegrationManifest } from '../../manifest/manifest.ts'
import type { VendorAnswer } from '../vendor/answer.ts'
import type { VendorRequest } from '../vendor/request.ts'
import type { CredentialValues, ManifestCredential } from './credential-values.ts'
import { sessionScheme } from './session-scheme.ts'
import { awsScheme, messageScheme, oauth1Scheme, signerScheme } from './signing-schemes.ts'
import { apiKeyScheme, basicScheme, bearerScheme } from './static-schemes.ts'
import { type SchemeEnv, tokenScheme } from './token-scheme.ts'
import { type AuthVerdict, bad, good, type VendorScheme } from './verdict.ts'

/** The credentials that a simulated vendor takes: a request needs one of them. */
export class Authenticator {
  readonly #schemes: ReadonlyMap<string, VendorScheme>

  constructor(
    manifest: IntegrationManifest,
    credentials: readonly ManifestCredential[],
    values: (id: string) => CredentialValues,
    env: SchemeEnv,
  ) {
    this.#schemes = new Map(credentials.map((one) => [one.id, schemeOf(manifest, one, values, env)]))
  }

  /** Answers a request that belongs to authenticating itself. */
  handle(request: VendorRequest): VendorAnswer | undefined {
    for (const scheme of this.#schemes.values()) {
      const answer = scheme.handle?.(request)
      if (answer !== undefined) return answer
    }
    return undefined
  }

  async check(request: VendorRequest): Promise<AuthVerdict & { readonly credential?: string }> {
    const refused: Extract<AuthVerdict, { ok: false }>[] = []
    for (const [id, scheme] of this.#schemes) {
      const verdict = await scheme.check(request)
      if (verdict.ok) return { ...verdict, credential: id }
      refused.push(verdict)
    }
    // The one that came nearest tells most.
    return (
      refused.find(({ expired }) => expired) ??
      refused.find(({ reason }) => !reason.includes('missing')) ??
      refused[0] ??
      good
    )
  }

  expire(): void {
    for (const scheme of this.#schemes.values()) scheme.expire?.()
  }

  get issued(): number {
    return [...this.#schemes.values()].reduce((sum, { issued = 0 }) => sum + issued, 0)
  }

  get secrets(): readonly string[] {
    return [...this.#schemes.values()].flatMap(({ secrets = [] }) => secrets)
  }
}

function schemeOf(
  manifest: IntegrationManifest,
  credential: ManifestCredential,
  valuesOf: (id: string) => CredentialValues,
  env: SchemeEnv,
): VendorScheme {
  // Keys take long to make: only when a request comes.
  let made: VendorScheme | undefined
  const scheme = (): VendorScheme => {
    made ??= make()
    return made
  }
  const make = (): VendorScheme => {
    const values = valuesOf(credential.id)
    switch (credential.scheme) {
      case 'none':
        return { check: () => good }
      case 'mtls':
        return { check: () => ({ ok: true, note: 'certificates are not checked in the simulator' }) }
      case 'ws-security':
        return { check: () => ({ ok: true, note: 'envelopes are not read in the simulator' }) }
      case 'api-key':
        return apiKeyScheme(credential, values)
      case 'bearer':
        return bearerScheme(values)
      case 'basic':
        return basicScheme(credential, values)
      case 'session':
        return sessionScheme(credential, values, env)
      case 'signer':
        return signerScheme(manifest.signers?.[credential.settle.signer]?.writes ?? [], values, env)
      case 'aws-sigv4':
        return awsScheme(credential, values, env)
      case 'http-message-signature':
        return messageScheme(credential, values, env)
      case 'oauth1':
        return oauth1Scheme(credential, values, env)
      default:
        return tokenScheme(credential, values, env)
    }
  }
  return {
    check: (request) => scheme().check(request) ?? bad('nothing is known of the credential'),
    handle: (request) => scheme().handle?.(request),
    expire: () => scheme().expire?.(),
    get issued() {
      return made?.issued ?? 0
    },
    get secrets() {
      return made?.secrets ?? []
    },
  }
}
