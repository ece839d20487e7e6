import { createPrivateKey, type X509Certificate } from 'node:crypto'
import {
  type Credential,
  type CredentialSource,
  type Issue,
  type MaybeSecret,
  patchbayError,
  Secret,
  secret,
} from '@patchbay/core'
import { defineScheme, none } from '@patchbay/core/credentials'
import { readCertificate } from './certificate-trust.ts'
import { type MessageSecurity, withMessageSecurity } from './message-security.ts'
import type { UsernameToken } from './security-header.ts'
import type { SigningIdentity } from './sign-envelope.ts'
import { fields } from './ws-security-fields.ts'

export interface WsSecurityConfig {
  /** UsernameToken. */
  readonly username?: string | undefined
  readonly password?: MaybeSecret | undefined
  /** Default `digest`, which sends a hash over nonce, time and password. `text` sends the password itself: only over TLS. */
  readonly passwordType?: 'digest' | 'text' | undefined
  /** Send Nonce and Created with PasswordText too. Default false. */
  readonly nonce?: boolean | undefined
  /** Seconds for which a message is fresh, as its Timestamp says. Default 300 where messages are signed, else no Timestamp. */
  readonly timestampSeconds?: number | undefined
  /** X.509 signature of the message. */
  readonly certificate?: string | undefined
  /** Its private RSA key, PEM. */
  readonly key?: MaybeSecret | undefined
  readonly passphrase?: MaybeSecret | undefined
  /** Default `rsa-sha256`. */
  readonly algorithm?: 'rsa-sha256' | 'rsa-sha512' | undefined
  /** What is signed. Default body and timestamp. */
  readonly sign?: readonly ('body' | 'timestamp' | 'token' | 'addressing')[] | undefined
  /** Answers must be signed by one of these certificates (PEM), or by one that one of these authorities issued. Left out, answers are not checked. */
  readonly answersBy?:
    | { readonly certificates?: readonly string[]; readonly authorities?: readonly string[] }
    | undefined
  /** Answers must hold a signed, fresh Timestamp. Default true. */
  readonly answerTimestamp?: boolean | undefined
  /** Seconds by which the clocks may differ. Default 60. */
  readonly skewSeconds?: number | undefined
  /** Default true. */
  readonly mustUnderstand?: boolean | undefined
  /** Actor (SOAP 1.1) or role (SOAP 1.2) of the header. */
  readonly actor?: string | undefined
  /** What HTTP asks for besides, such as `basic({...})` or `mtls({...})`. */
  readonly http?: CredentialSource | undefined
}

/**
 * WS-Security 1.1 inside the messages: UsernameToken, Timestamp, X.509 signature, and the check of signed answers. It works with the connector
 * `soap` only; elsewhere nothing would be written, so other connectors do not accept it.
 * @see https://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-SOAPMessageSecurity-v1.1.1-os.html
 */
export const wsSecurity = /* @__PURE__ */ defineScheme<WsSecurityConfig>(
  { id: 'ws-security', title: 'WS-Security', fields },
  (config) => {
    const security = new Checked(config)
    const source = config.http ?? none()
    return {
      scheme: 'ws-security',
      async open(env): Promise<Credential> {
        const inner = await source.open(env)
        return withMessageSecurity(inner, security.settings)
      },
    }
  },
)

class Checked {
  readonly settings: MessageSecurity
  readonly #issues: Issue[] = []

  constructor(config: WsSecurityConfig) {
    for (const name of Object.keys(config))
      if (name !== 'http' && !Object.hasOwn(fields.properties as object, name))
        this.#issue(name, 'is not a field of wsSecurity')
    const token = this.#token(config)
    const signing = this.#signing(config)
    const answers = this.#answers(config)
    const freshForSeconds = config.timestampSeconds ?? (signing === undefined ? undefined : 300)
    if (freshForSeconds !== undefined && !(freshForSeconds > 0 && freshForSeconds <= 86_400))
      this.#issue('timestampSeconds', 'must be a number above 0, and at most a day')
    if (token === undefined && signing === undefined && answers === undefined && freshForSeconds === undefined)
      this.#issue('username', 'is missing: give username and password, or certificate and key, or answersBy')
    if (this.#issues.length > 0)
      throw patchbayError({
        kind: 'config',
        code: 'credential-config',
        message: 'the credential ws-security cannot be used',
        issues: this.#issues,
      })
    this.settings = {
      outgoing:
        token === undefined && signing === undefined && freshForSeconds === undefined
          ? undefined
          : { token, signing, freshForSeconds, mustUnderstand: config.mustUnderstand ?? true, actor: config.actor },
      answers,
      secrets: token === undefined ? [] : [token.password],
    }
  }

  #issue(path: string, message: string): void {
    this.#issues.push({ path, message })
  }

  #token({ username, password, passwordType = 'digest', nonce = false }: WsSecurityConfig): UsernameToken | undefined {
    if (username === undefined && password === undefined) return undefined
    const hidden = secret(password ?? '')
    if (typeof username !== 'string' || username === '') this.#issue('username', 'is missing')
    if (typeof hidden.reveal() !== 'string' || hidden.reveal() === '')
      this.#issue('password', 'is missing: pass a string or a Secret')
    if (passwordType !== 'digest' && passwordType !== 'text') this.#issue('passwordType', 'must be digest or text')
    return { username: username ?? '', password: hidden, type: passwordType, nonce }
  }

  #signing(config: WsSecurityConfig): SigningIdentity | undefined {
    const { certificate, key, passphrase, algorithm = 'rsa-sha256', sign = ['body', 'timestamp'] } = config
    if (certificate === undefined && key === undefined) return undefined
    const parsed = certificate === undefined ? undefined : readCertificate(certificate)
    if (parsed === undefined) this.#issue('certificate', 'is not a PEM certificate')
    const plain = key instanceof Secret ? key.reveal() : key
    const phrase = passphrase instanceof Secret ? passphrase.reveal() : passphrase
    const made = attempt(() => createPrivateKey({ key: plain ?? '', passphrase: phrase }))
    if (made === undefined) this.#issue('key', 'is not a PEM private key, or the passphrase is missing or wrong')
    else if (made.asymmetricKeyType !== 'rsa') this.#issue('key', 'must be an RSA key')
    else if (parsed !== undefined && !parsed.checkPrivateKey(made))
      this.#issue('key', 'does not belong to the certificate')
    if (sign.length === 0) this.#issue('sign', 'must name at least one part')
    return parsed === undefined || made === undefined
      ? undefined
      : { certificate: parsed, key: made, algorithm, parts: sign }
  }

  #answers({ answersBy, answerTimestamp = true, skewSeconds = 60 }: WsSecurityConfig): MessageSecurity['answers'] {
    if (answersBy === undefined) return undefined
    const read = (name: 'certificates' | 'authorities'): X509Certificate[] =>
      (answersBy[name] ?? []).flatMap((pem, index) => {
        const found = readCertificate(pem)
        if (found === undefined) this.#issue(`answersBy.${name}.${index}`, 'is not a PEM certificate')
        return found ?? []
      })
    const trust = { certificates: read('certificates'), authorities: read('authorities') }
    if (trust.certificates.length + trust.authorities.length === 0)
      this.#issue('answersBy', 'must name certificates or authorities')
    return { trust, timestamp: answerTimestamp, skewSeconds }
  }
}

function attempt<T>(task: () => T): T | undefined {
  try {
    return task()
  } catch {
    return undefined
  }
}
