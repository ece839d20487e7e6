import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { type Random, systemRandom } from '../clock.ts'
import { type Issue, patchbayError } from '../errors.ts'
import { type MaybeSecret, Secret } from '../secret.ts'
import { decrypt, encrypt, keyBytes, nonceBytes } from './aes-gcm.ts'
import type { KeyProvider, WrappedKey } from './key-provider.ts'

export interface LocalKeyringConfig {
  /** Id of the key that wraps new data keys. The others only open what they wrapped. */
  readonly current: string
  /** Master keys of 32 bytes in base64, by id. Make one with {@link newMasterKey}. */
  readonly keys: Readonly<Record<string, MaybeSecret>>
}

const saltBytes = 32
const keyName = /^[A-Za-z0-9._-]{1,64}$/

/**
 * Master keys in this process, from the environment or a file of the host. Each wrapping has a key and nonce of its own, derived with
 * HKDF-SHA256 from the master key and 32 random bytes: so no count of wrappings wears a master key out, as random 96-bit nonces would.
 */
export function localKeyring(config: LocalKeyringConfig, random: Random = systemRandom): KeyProvider {
  const keys = readKeys(config)
  const { current } = config

  const parts = (key: KeyObject, keyId: string, salt: Uint8Array): { key: Uint8Array; nonce: Uint8Array } => {
    const bytes = Buffer.from(hkdfSync('sha256', key, salt, `patchbay vault 1 wrap ${keyId}`, keyBytes + nonceBytes))
    return { key: bytes.subarray(0, keyBytes), nonce: bytes.subarray(keyBytes) }
  }

  return {
    currentKeyId: () => current,
    async wrap(dataKey, context) {
      const salt = random.bytes(saltBytes)
      const { key, nonce } = parts(keys.get(current) as KeyObject, current, salt)
      return { keyId: current, wrapped: Buffer.concat([salt, encrypt(key, nonce, dataKey, context)]) }
    },
    async unwrap({ keyId, wrapped }: WrappedKey, context) {
      const master = keys.get(keyId)
      if (master === undefined) throw missing(keyId)
      if (wrapped.length < saltBytes) return undefined
      const { key, nonce } = parts(master, keyId, wrapped.subarray(0, saltBytes))
      return decrypt(key, nonce, wrapped.subarray(saltBytes), context)
    },
  }
}

/** A fresh master key, in the form that {@link localKeyring} takes. */
export function newMasterKey(random: Random = systemRandom): Secret {
  return new Secret(Buffer.from(random.bytes(keyBytes)).toString('base64'))
}

function readKeys(config: LocalKeyringConfig): Map<string, KeyObject> {
  const issues: Issue[] = []
  const keys = new Map<string, KeyObject>()
  for (const [id, given] of Object.entries(config.keys)) {
    const text = given instanceof Secret ? given.reveal() : given
    const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : Buffer.alloc(0)
    if (!keyName.test(id))
      issues.push({ path: 'keys', message: 'key ids are 1 to 64 letters, digits, ".", "_" or "-"' })
    else if (bytes.length !== keyBytes)
      issues.push({ path: `keys.${id}`, message: 'must be 32 bytes in base64; newMasterKey() makes one' })
    else keys.set(id, createSecretKey(bytes))
  }
  if (!keys.has(config.current)) issues.push({ path: 'current', message: 'must name one of the keys' })
  if (issues.length > 0)
    throw patchbayError({ kind: 'config', code: 'vault-config', message: 'the keyring cannot be used', issues })
  return keys
}

function missing(keyId: string): Error {
  const shown = keyName.test(keyId) ? `"${keyId}"` : 'of an unreadable name'
  return patchbayError({
    kind: 'config',
    code: 'vault-key-missing',
    message: `a value was sealed under the master key ${shown}, which is not in the keyring: add it to "keys", and rewrap before removing a key`,
  })
}
