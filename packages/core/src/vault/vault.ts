/** What a sealed value belongs to. It opens only under an equal context, so a value copied to another place stays shut. */
export interface VaultContext {
  /** What the value is for, such as `credential` or `store`. */
  readonly purpose: string
  /** The key of the record that holds the value. */
  readonly key: string
  readonly tenant?: string | undefined
}

/** Seals small values (tokens, secrets, records) so that whoever can read or change the place they lie in learns and forges nothing. */
export interface Vault {
  /** Gives printable text without line breaks, in a versioned format. */
  seal(plain: string, context: VaultContext): Promise<string>
  /** @throws PatchbayError `credential`, code `vault-refused`, for an altered value or another context; nothing tells which of them. */
  open(sealed: string, context: VaultContext): Promise<string>
  /**
   * The same value under the present master key, without touching its encrypted data; the very text when nothing is to be done.
   * Walk all records with it, then the old master key can go.
   */
  rewrap(sealed: string, context: VaultContext): Promise<string>
}
