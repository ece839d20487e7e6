// The vault: secrets at rest under envelope encryption, bound to their record and tenant, and a master key that can be changed.
import { isPatchbayError } from '@patchbay/core'
import { memoryStore } from '@patchbay/core/stores/memory'
import { envelopeVault, localKeyring, newMasterKey, sealedStore } from '@patchbay/core/vault'

// The host's own: from its environment, a file, or a key management service behind the port `KeyProvider`.
const old = newMasterKey()
const vault = envelopeVault({ keys: localKeyring({ current: '2025', keys: { '2025': old } }) })

const context = { purpose: 'vendor-password', key: 'connection/17', tenant: 'acme' }
const sealed = await vault.seal('correct horse', context)
console.log('sealed:', sealed.slice(0, 40), '...')
console.log('opened:', await vault.open(sealed, context))

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'opened',
    (error: unknown) => (isPatchbayError(error) ? `refused (${error.code})` : 'a bug'),
  )
// Whoever can write to the store can neither move a secret to another record or tenant, nor change a bit of it.
console.log('as another record:', await refusal(vault.open(sealed, { ...context, key: 'connection/18' })))
console.log('as another tenant:', await refusal(vault.open(sealed, { ...context, tenant: 'other' })))
console.log('with a bit changed:', await refusal(vault.open(`${sealed.slice(0, -2)}AA`, context)))

// Rotation: the new key wraps from now on, the old one opens what it wrapped, and rewrapping moves records over without
// decrypting them. Remove the old key when nothing names it any more.
const keys = { '2025': old, '2026': newMasterKey() }
const rotated = envelopeVault({ keys: localKeyring({ current: '2026', keys }) })
const moved = await rotated.rewrap(sealed, context)
console.log('opened after the rotation:', await rotated.open(moved, context), '- another text:', moved !== sealed)
const later = envelopeVault({ keys: localKeyring({ current: '2026', keys: { '2026': keys['2026'] } }) })
console.log('with the new key alone:', await later.open(moved, context))
await later.open(sealed, context).catch((error: unknown) => console.log(error instanceof Error ? error.message : error))

// Any store as a whole: cursors, inbox, tokens. Keys, conditions, order and expiry work as before; values cannot be read.
const inner = memoryStore()
const store = sealedStore(inner, rotated, { tenant: 'acme' })
await store.write([[{ kind: 'put', key: 'ticket/1', value: '{"title":"Salaries 2026"}' }]])
console.log('through the vault:', (await store.get('ticket/1'))?.value)
console.log('in the store:', (await inner.get('ticket/1'))?.value.slice(0, 24), '...')
await store.close()
