import { type Random, systemRandom } from '../clock.ts'
import { patchbayError } from '../errors.ts'
import { decrypt, encrypt, keyBytes, nonceBytes } from './aes-gcm.ts'
import { DataKeys } from './data-keys.ts'
import type { KeyProvider } from './key-provider.ts'
import { formatSealed, parseSealed, type Sealed } from './sealed-text.ts'
import type { Vault, VaultContext } from './vault.ts'

export interface EnvelopeVaultOptions {
  readonly keys: KeyProvider
  readonly random?: Random | undefined
  /**
   * Values sealed under one data key, per tenant and purpose. Default 1. More saves calls to a key management service; the data key
   * then stays in this process's memory until it is used up. At most 1 000 000, far below where random nonces could repeat.
   */
  readonly valuesPerDataKey?: number | undefined
  /** Unwrapped data keys kept in memory for opening, for providers whose `unwrap` costs a request. Default 0. */
  readonly keptDataKeys?: number | undefined
}

/**
 * Envelope encryption: each value under a data key of AES-256-GCM, each data key wrapped by a master key of the provider. The value's
 * purpose, tenant and record key are authenticated with it.
 */
export function envelopeVault(options: EnvelopeVaultOptions): Vault {
  const { keys, random = systemRandom } = options
  const valuesPerDataKey = wholeNumber('valuesPerDataKey', options.valuesPerDataKey ?? 1, 1, 1_000_000)
  const kept = wholeNumber('keptDataKeys', options.keptDataKeys ?? 0, 0, 100_000)
  const dataKeys = new DataKeys(keys, random, { valuesPerDataKey, kept, bytes: keyBytes })

  return {
    async seal(plain, context) {
      if (!plain.isWellFormed())
        throw patchbayError({
          kind: 'invalid-input',
          message: 'a value to seal holds a lone surrogate: UTF-8 has no bytes for it',
        })
      const { key, keyId, wrapped } = await dataKeys.forSealing(groupBytes(context))
      const nonce = random.bytes(nonceBytes)
      const data = encrypt(key, nonce, Buffer.from(plain, 'utf8'), recordBytes(context))
      return formatSealed({ keyId, wrapped, nonce, data })
    },
    async open(text, context) {
      const sealed = read(text)
      const key = await dataKeys.forOpening(sealed, groupBytes(context))
      const plain = key === undefined ? undefined : decrypt(key, sealed.nonce, sealed.data, recordBytes(context))
      if (plain === undefined) throw refused()
      return plain.toString('utf8')
    },
    async rewrap(text, context) {
      const sealed = read(text)
      if (sealed.keyId === (await keys.currentKeyId())) return text
      const key = await keys.unwrap(sealed, groupBytes(context))
      if (key === undefined) throw refused()
      return formatSealed({ ...sealed, ...(await keys.wrap(key, groupBytes(context))) })
    },
  }
}

/** What a data key is bound to: records of one tenant and purpose may share it. */
function groupBytes({ purpose, tenant }: VaultContext): Uint8Array {
  return Buffer.from(JSON.stringify(['patchbay vault 1', 'key', purpose, tenant ?? null]))
}

/** What a value is bound to. */
function recordBytes({ purpose, tenant, key }: VaultContext): Uint8Array {
  return Buffer.from(JSON.stringify(['patchbay vault 1', 'value', purpose, tenant ?? null, key]))
}

function read(text: string): Sealed {
  const sealed = parseSealed(text)
  if (sealed === undefined) throw refused()
  return sealed
}

/** One error for every way in which a value does not open: telling them apart would help whoever tries. */
function refused(): Error {
  return patchbayError({
    kind: 'credential',
    code: 'vault-refused',
    message:
      'a sealed value does not open: it was altered, or sealed for another record, tenant or purpose; restore it or enter the secret again',
  })
}

function wholeNumber(path: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  const message = `must be a whole number from ${least} to ${most}`
  throw patchbayError({
    kind: 'config',
    code: 'vault-config',
    message: 'the vault cannot be used',
    issues: [{ path, message }],
  })
}
