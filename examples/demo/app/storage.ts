import type { Store } from '@patchbay/core'
import { sqliteStore } from '@patchbay/core/stores/sqlite'
import { envelopeVault, localKeyring, sealedStore, type Vault } from '@patchbay/core/vault'

export interface Storage {
  /** Tickets, cursors, inbox, and the tokens that credentials keep, which the vault seals. */
  readonly store: Store
  readonly vault: Vault
  /** The same file; every value is sealed. */
  readonly secrets: Store
}

/** One SQLite file for everything. Each process opens it for itself. */
export function openStorage(file: string, masterKey: string): Storage {
  const store = sqliteStore({ file })
  const vault = envelopeVault({ keys: localKeyring({ current: 'demo', keys: { demo: masterKey } }) })
  return { store, vault, secrets: sealedStore(store, vault) }
}
