import type { Credential, Secret } from '@patchbay/core'
import type { SecuritySettings } from './security-header.ts'
import type { AnswerRules } from './verify-envelope.ts'

/** What a credential does inside messages, where HTTP does not reach. */
export interface MessageSecurity {
  readonly outgoing: SecuritySettings | undefined
  readonly answers: AnswerRules | undefined
  /** Values that answers may repeat and errors must not. */
  readonly secrets: readonly Secret[]
}

/** Not a property of the credential: what logs it must not see the settings. */
const securities = new WeakMap<Credential, MessageSecurity>()

/** A credential for HTTP that also secures messages. */
export function withMessageSecurity(inner: Credential, security: MessageSecurity): Credential {
  const credential = new SecuringCredential(inner)
  securities.set(credential, security)
  return credential
}

export function messageSecurityOf(credential: Credential): MessageSecurity | undefined {
  return securities.get(credential)
}

class SecuringCredential implements Credential {
  readonly scheme = 'ws-security'
  readonly #inner: Credential

  constructor(inner: Credential) {
    this.#inner = inner
  }

  get marks(): Credential['marks'] {
    return this.#inner.marks
  }
  get refusals(): Credential['refusals'] {
    return this.#inner.refusals
  }
  get tls(): Credential['tls'] {
    return this.#inner.tls
  }
  get expiresAt(): number | undefined {
    return this.#inner.expiresAt
  }

  apply(...given: Parameters<Credential['apply']>): ReturnType<Credential['apply']> {
    return this.#inner.apply(...given)
  }

  async refresh(
    ...given: Parameters<NonNullable<Credential['refresh']>>
  ): ReturnType<NonNullable<Credential['refresh']>> {
    return this.#inner.refresh?.(...given)
  }

  async close(): Promise<void> {
    await this.#inner.close?.()
  }
}
