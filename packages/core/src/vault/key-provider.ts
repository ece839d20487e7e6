/** A data key as a master key encrypted it. */
export interface WrappedKey {
  /** Names the master key; printable ASCII, at most 255 bytes (a key's name, version or ARN). */
  readonly keyId: string
  readonly wrapped: Uint8Array
}

/**
 * Master keys, which never leave their place: a local keyring, or a key management service behind this port. `context` must be equal at
 * wrapping and unwrapping (associated data, encryption context); a provider that has no such thing must bind it otherwise.
 */
export interface KeyProvider {
  /** The master key that {@link KeyProvider.wrap} uses now. */
  currentKeyId(): string | Promise<string>
  wrap(dataKey: Uint8Array, context: Uint8Array): Promise<WrappedKey>
  /** Undefined when the wrapped key was altered or the context is another; throws a PatchbayError for everything that may get better. */
  unwrap(wrapped: WrappedKey, context: Uint8Array): Promise<Uint8Array | undefined>
}
