import type { Credential, CredentialMarks, TlsIdentity } from '@patchbay/core'

/** A credential that the vendor refuses with other statuses than usual. */
export class RefusedBy implements Credential {
  readonly refusals: readonly number[]
  readonly apply: Credential['apply']
  readonly refresh?: NonNullable<Credential['refresh']>
  readonly reveal?: NonNullable<Credential['reveal']>
  readonly #inner: Credential

  constructor(inner: Credential, refusals: readonly number[]) {
    this.#inner = inner
    this.refusals = refusals
    this.apply = (request, call) => inner.apply(request, call)
    if (inner.refresh !== undefined) this.refresh = inner.refresh.bind(inner)
    if (inner.reveal !== undefined) this.reveal = inner.reveal.bind(inner)
  }

  get scheme(): string {
    return this.#inner.scheme
  }
  get marks(): CredentialMarks {
    return this.#inner.marks
  }
  get tls(): TlsIdentity | undefined {
    return this.#inner.tls
  }
  get expiresAt(): number | undefined {
    return this.#inner.expiresAt
  }
  async close(): Promise<void> {
    await this.#inner.close?.()
  }
}
