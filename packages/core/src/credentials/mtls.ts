import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Credential } from '../credential.ts'
import { Fault } from '../errors.ts'
import type { TlsIdentity } from '../http/transport.ts'
import type { MaybeSecret, Secret } from '../secret.ts'
import { ConfigCheck } from './config-check.ts'
import { defineScheme, fieldsOf, secretField, textField } from './scheme.ts'

export interface MtlsConfig {
  /** PEM; the certificate of this side first, then its intermediates. */
  readonly certificate: string
  /** PEM. */
  readonly key: MaybeSecret
  readonly passphrase?: MaybeSecret | undefined
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string | readonly string[] | undefined
}

/** A TLS identity whose key shows neither in inspection nor in JSON: getters of a prototype do not print. */
class HiddenIdentity implements TlsIdentity {
  readonly #certificate: string
  readonly #key: Secret
  readonly #passphrase: Secret | undefined
  readonly #ca: string | readonly string[] | undefined

  constructor(certificate: string, key: Secret, passphrase: Secret | undefined, ca: MtlsConfig['ca']) {
    this.#certificate = certificate
    this.#key = key
    this.#passphrase = passphrase
    this.#ca = ca
  }

  get certificate(): string {
    return this.#certificate
  }
  get key(): string {
    return this.#key.reveal()
  }
  get passphrase(): string | undefined {
    return this.#passphrase?.reveal()
  }
  get ca(): string | readonly string[] | undefined {
    return this.#ca
  }
}

export interface CheckedIdentity {
  readonly tls: TlsIdentity
  /** Wall-clock milliseconds. */
  readonly expiresAt: number
}

/** Reads the pair and finds out before the first handshake whether it fits: servers answer a wrong one with a bare closed socket. */
export function checkIdentity(check: ConfigCheck, config: MtlsConfig, path = ''): CheckedIdentity {
  const certificate = check.text(`${path}certificate`, config.certificate)
  const key = check.secret(`${path}key`, config.key)
  const passphrase = config.passphrase === undefined ? undefined : check.secret(`${path}passphrase`, config.passphrase)
  const parsed = attempt(() => new X509Certificate(certificate))
  if (certificate !== '' && parsed === undefined) check.issue(`${path}certificate`, 'is not a PEM certificate')
  const privateKey = attempt(() => createPrivateKey({ key: key.reveal(), passphrase: passphrase?.reveal() }))
  if (key.reveal() !== '' && privateKey === undefined)
    check.issue(`${path}key`, 'is not a PEM private key, or the passphrase is missing or wrong')
  if (parsed !== undefined && privateKey !== undefined && !parsed.checkPrivateKey(privateKey))
    check.issue(`${path}key`, 'does not belong to the certificate: the first certificate must be that of this key')
  for (const [index, ca] of [config.ca ?? []].flat().entries())
    if (attempt(() => new X509Certificate(ca)) === undefined)
      check.issue(`${path}ca${Array.isArray(config.ca) ? `.${index}` : ''}`, 'is not a PEM certificate')
  const expiresAt = parsed === undefined ? Number.NaN : Date.parse(parsed.validTo)
  return { tls: new HiddenIdentity(certificate, key, passphrase, config.ca), expiresAt }
}

function attempt<T>(task: () => T): T | undefined {
  try {
    return task()
  } catch {
    return undefined
  }
}

/** A client certificate. It stands in the TLS handshake, so nothing is written into requests. */
export const mtls = /* @__PURE__ */ defineScheme<MtlsConfig>(
  {
    id: 'mtls',
    title: 'Client certificate',
    fields: fieldsOf(
      {
        certificate: textField('Certificate chain (PEM)', { contentMediaType: 'application/x-pem-file' }),
        key: secretField('Private key (PEM)'),
        passphrase: secretField('Passphrase of the key'),
        ca: textField('Certificate authorities to trust (PEM)'),
      },
      ['certificate', 'key'],
    ),
  },
  (config) => {
    const check = new ConfigCheck('mtls')
    check.only(config, ['certificate', 'key', 'passphrase', 'ca'])
    const { tls, expiresAt } = checkIdentity(check, config)
    check.done()
    return {
      scheme: 'mtls',
      open: ({ clock }): Credential => ({
        scheme: 'mtls',
        marks: { headers: [], query: [] },
        get tls() {
          return tls
        },
        expiresAt,
        apply() {
          if (clock.now() < expiresAt) return
          const date = new Date(expiresAt).toISOString()
          const message = `the client certificate ended at ${date}: put a renewed one into the credential's "certificate" and "key"`
          throw new Fault({ kind: 'credential', code: 'certificate-expired', message, sent: 'none' })
        },
      }),
    }
  },
)
