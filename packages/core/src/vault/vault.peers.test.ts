import { expect, test } from 'vitest'
import { describeWithPython } from '../../../../tools/peers/suite.ts'
import { systemClock } from '../clock.ts'
import { memoryStore } from '../stores/memory.ts'
import { envelopeVault } from './envelope-vault.ts'
import { localKeyring, newMasterKey } from './keyring.ts'
import { sealedStore } from './sealed-store.ts'
import type { VaultContext } from './vault.ts'

const masters = { 'master-1': newMasterKey().reveal(), 'master.2_x': newMasterKey().reveal() }
const vaultUnder = (current: keyof typeof masters) =>
  envelopeVault({ keys: localKeyring({ current, keys: masters }), valuesPerDataKey: 3 })

const plains = ['', 'secret', 'Zoë 漢 😀 \u0000 "quoted" \\', 'x'.repeat(100_000)]
const contexts: readonly VaultContext[] = [
  { purpose: 'credential', key: 'connection-1' },
  { purpose: 'credential', key: 'connection-1', tenant: 'tenant' },
  { purpose: 'p"\\\u2028/', key: 'k\u0000\u001f\b\f\n\r\t\u007fé😀', tenant: '' },
]
const cases = plains.flatMap((plain) => contexts.map((context) => ({ plain, context })))

/** One bit in each part of a sealed value but its version. */
function altered(sealed: string): string[] {
  const parts = sealed.split('.')
  return parts.slice(2).map((_, index) =>
    parts
      .map((part, at) => {
        if (at !== index + 2) return part
        const bytes = Buffer.from(part, 'base64url')
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1
        return bytes.toString('base64url')
      })
      .join('.'),
  )
}

describeWithPython('cryptography', new URL('./fixtures/vault-peer.py', import.meta.url), (ask) => {
  type Opened = { readonly plain?: string; readonly refused?: boolean }

  test('opens what we sealed, also under another master key, and nothing that was altered or moved', async () => {
    const values = await Promise.all(
      cases.map(async ({ plain, context }) => {
        const sealed = await vaultUnder('master-1').seal(plain, context)
        return { plain, context, sealed, rewrapped: await vaultUnder('master.2_x').rewrap(sealed, context) }
      }),
    )
    const good = values.flatMap(({ context, sealed, rewrapped }) => [
      { context, sealed, masters },
      { context, sealed: rewrapped, masters },
    ])
    const bad = values.flatMap(({ context, sealed }) => [
      ...altered(sealed).map((text) => ({ context, sealed: text, masters })),
      { context: { ...context, key: 'elsewhere' }, sealed, masters },
      { context: { ...context, tenant: 'other' }, sealed, masters },
    ])
    const answers = await ask<Opened[]>({ open: [...good, ...bad] })
    expect(answers.slice(0, good.length)).toEqual(values.flatMap(({ plain }) => [{ plain }, { plain }]))
    expect(answers.slice(good.length)).toEqual(bad.map(() => ({ refused: true })))
    expect(bad).toHaveLength(5 * cases.length)
  })

  test('opens the values and records of a sealed store', async () => {
    const inner = memoryStore({ clock: systemClock })
    const store = sealedStore(inner, vaultUnder('master-1'), { tenant: 't' })
    await store.write([[{ kind: 'put', key: 'a/b', value: 'in the entry' }]])
    await store.write([[{ kind: 'append', log: 'events', value: 'in the log' }]])
    const entry = (await inner.get('a/b'))?.value
    const record = (await inner.read('events', 0, 1))[0]?.value
    const opened = await ask<Opened[]>({
      open: [
        { sealed: entry, context: { purpose: 'store-value', key: 'a/b', tenant: 't' }, masters },
        { sealed: record, context: { purpose: 'store-log', key: 'events', tenant: 't' }, masters },
      ],
    })
    expect(opened).toEqual([{ plain: 'in the entry' }, { plain: 'in the log' }])
    await store.close()
  })

  test('seals what we open, and nothing that was altered', async () => {
    const sealed = await ask<string[]>({ seal: cases.map((one) => ({ ...one, current: 'master.2_x', masters })) })
    const vault = vaultUnder('master-1')
    for (const [index, { plain, context }] of cases.entries()) {
      const text = sealed[index] as string
      expect(await vault.open(text, context)).toBe(plain)
      expect(await vault.open(await vault.rewrap(text, context), context)).toBe(plain)
      for (const bad of altered(text)) await expect(vault.open(bad, context)).rejects.toThrow(/does not open/)
    }
  })
})
