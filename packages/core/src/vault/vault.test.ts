import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { storeChecks } from '../conformance/store-checks.ts'
import { isPatchbayError } from '../errors.ts'
import { memoryStore } from '../stores/memory.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import { seededRandom } from '../testing/time/seeded-random.ts'
import { decrypt, encrypt } from './aes-gcm.ts'
import { envelopeVault, type KeyProvider, localKeyring, newMasterKey, sealedStore, type VaultContext } from './index.ts'
import { parseSealed } from './sealed-text.ts'

const random = seededRandom('vault')
const keys = { old: newMasterKey(random), new: newMasterKey(random) }
const ring = (current: 'old' | 'new' = 'old', known: Partial<typeof keys> = keys) =>
  localKeyring({ current, keys: known as typeof keys }, random)
const vault = envelopeVault({ keys: ring(), random })
const context: VaultContext = { purpose: 'credential', key: 'connection-1/token', tenant: 'acme' }

async function errorOf(work: Promise<unknown>): Promise<{ kind: string; code: string | undefined; message: string }> {
  try {
    await work
  } catch (error) {
    if (!isPatchbayError(error)) throw error
    const { kind, code, message } = error
    return { kind, code, message }
  }
  throw new Error('nothing failed')
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

describe('AES-256-GCM known answers', () => {
  // NIST CAVP gcmEncryptExtIV256.rsp (first of each size) and test cases 13, 14 and 16 of the GCM specification.
  test.each([
    [
      'b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4',
      '516c33929df5a3284ff463d7',
      '',
      '',
      'bdc1ac884d332457a1d2664f168c76f0',
    ],
    [
      '31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22',
      '0d18e06c7c725ac9e362e1ce',
      '2db5168e932556f8089a0622981d017d',
      '',
      'fa4362189661d163fcd6a56d8bf0405ad636ac1bbedd5cc3ee727dc2ab4a9489',
    ],
    ['0'.repeat(64), '0'.repeat(24), '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
    [
      '0'.repeat(64),
      '0'.repeat(24),
      '0'.repeat(32),
      '',
      'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
    ],
    [
      'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
      'cafebabefacedbaddecaf888',
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
      'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
    ],
  ])('key %s nonce %s', (key, nonce, plain, associated, sealed) => {
    expect(encrypt(hex(key), hex(nonce), hex(plain), hex(associated)).toString('hex')).toBe(sealed)
    expect(decrypt(hex(key), hex(nonce), hex(sealed), hex(associated))?.toString('hex')).toBe(plain)
  })
})

describe('envelope vault', () => {
  test('opens what it sealed, and the text shows nothing of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (plain) => {
        const text = await vault.seal(plain, context)
        expect(text).toMatch(/^pbv1(\.[A-Za-z0-9_-]+){4}$/)
        expect(await vault.open(text, context)).toBe(Buffer.from(plain).toString())
      }),
    )
  })

  test('the same value never looks the same, and no data key, salt or nonce comes twice', async () => {
    const texts = await Promise.all(Array.from({ length: 500 }, () => vault.seal('same', context)))
    const parts = texts.map((text) => parseSealed(text))
    expect(new Set(texts).size).toBe(500)
    expect(new Set(parts.map((part) => Buffer.from(part?.nonce ?? []).toString('hex'))).size).toBe(500)
    expect(
      new Set(
        parts.map((part) =>
          Buffer.from(part?.wrapped ?? [])
            .subarray(0, 32)
            .toString('hex'),
        ),
      ).size,
    ).toBe(500)
  })

  test('any change of any character is refused, always with the same words', async () => {
    const text = await vault.seal('the secret', context)
    const expected = await errorOf(vault.open('garbage', context))
    expect(expected).toMatchObject({ kind: 'credential', code: 'vault-refused' })
    const keyIdEnd = text.indexOf('.', 5)
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom(...'AQgw09_-.'), async (at, character) => {
        fc.pre(text[at] !== character)
        const altered = `${text.slice(0, at)}${character}${text.slice(at + 1)}`
        const error = await errorOf(vault.open(altered, context))
        // The key id is no secret, and whoever lost a master key must be able to see which.
        if (at > 4 && at < keyIdEnd) expect(['vault-refused', 'vault-key-missing']).toContain(error.code)
        else expect(error).toEqual(expected)
      }),
      { numRuns: 400 },
    )
    for (const end of [text.length - 1, text.length - 20, 5, 0])
      expect(await errorOf(vault.open(text.slice(0, end), context))).toEqual(expected)
    for (const other of [`${text}=`, `${text}\n`, ` ${text}`, `${text}.`])
      expect(await errorOf(vault.open(other, context))).toEqual(expected)
  })

  test('another key, tenant or purpose is refused, also where the fields run into each other', async () => {
    const text = await vault.seal('the secret', context)
    const expected = await errorOf(vault.open('garbage', context))
    const field = fc.string({ maxLength: 12 })
    const contexts = fc.record({ purpose: field, key: field, tenant: fc.option(field, { nil: undefined }) })
    await fc.assert(
      fc.asyncProperty(contexts, async (other) => {
        expect(await errorOf(vault.open(text, other))).toEqual(expected)
      }),
    )
    const close = await vault.seal('x', { purpose: 'ab', key: 'c', tenant: 'd' })
    for (const other of [
      { purpose: 'a', key: 'bc', tenant: 'd' },
      { purpose: 'ab', key: 'cd' },
      { purpose: 'ab', key: 'c', tenant: 'd"' },
    ])
      expect(await errorOf(vault.open(close, other))).toEqual(expected)
    const untold = await vault.seal('x', { purpose: 'a', key: 'b' })
    expect(await errorOf(vault.open(untold, { purpose: 'a', key: 'b', tenant: '' }))).toEqual(expected)
  })

  test('parts of two sealed values do not combine', async () => {
    const [one, two] = await Promise.all([vault.seal('one', context), vault.seal('two', context)])
    const [a, b] = [one.split('.'), two.split('.')]
    for (const mixed of [
      [...a.slice(0, 3), ...b.slice(3)],
      [...a.slice(0, 4), b[4]],
      [...a.slice(0, 2), b[2], ...a.slice(3)],
    ])
      expect(await errorOf(vault.open(mixed.join('.'), context))).toMatchObject({ code: 'vault-refused' })
  })
})

describe('rotation', () => {
  test('both keys open during it; rewrapping changes the wrapping only; then the old key can go', async () => {
    const before = await vault.seal('the secret', context)
    const rotating = envelopeVault({ keys: ring('new'), random })
    expect(await rotating.open(before, context)).toBe('the secret')
    expect(parseSealed(await rotating.seal('x', context))?.keyId).toBe('new')
    const after = await rotating.rewrap(before, context)
    expect(await rotating.rewrap(after, context)).toBe(after)
    const [was, is] = [parseSealed(before), parseSealed(after)]
    expect([is?.keyId, is?.nonce, is?.data]).toEqual(['new', was?.nonce, was?.data])
    const retired = envelopeVault({ keys: ring('new', { new: keys.new }), random })
    expect(await retired.open(after, context)).toBe('the secret')
    const error = await errorOf(retired.open(before, context))
    expect(error).toMatchObject({ kind: 'config', code: 'vault-key-missing' })
    expect(error.message).toContain('"old"')
    expect(await errorOf(rotating.rewrap(before, { ...context, tenant: 'other' }))).toMatchObject({
      code: 'vault-refused',
    })
  })

  test('a key under the same name that is another key is refused', async () => {
    const text = await vault.seal('the secret', context)
    const other = envelopeVault({ keys: ring('old', { old: keys.new }) })
    expect(await errorOf(other.open(text, context))).toMatchObject({ code: 'vault-refused' })
  })
})

describe('data keys of a provider that costs requests', () => {
  const counting = (): {
    provider: KeyProvider
    calls: { wrap: number; unwrap: number }
    rotate(): void
    fail(): void
  } => {
    let inner = ring('old')
    let failing = false
    const calls = { wrap: 0, unwrap: 0 }
    const provider: KeyProvider = {
      currentKeyId: () => inner.currentKeyId(),
      async wrap(key, about) {
        calls.wrap++
        if (failing) {
          failing = false
          throw new Error('the service is away')
        }
        return inner.wrap(key, about)
      },
      async unwrap(wrapped, about) {
        calls.unwrap++
        return inner.unwrap(wrapped, about)
      },
    }
    return {
      provider,
      calls,
      rotate() {
        inner = ring('new')
      },
      fail() {
        failing = true
      },
    }
  }

  test('a group shares one key, other groups do not, and each key is used as often as allowed', async () => {
    const { provider, calls } = counting()
    const grouped = envelopeVault({ keys: provider, valuesPerDataKey: 10, keptDataKeys: 2 })
    const texts = await Promise.all(
      Array.from({ length: 35 }, (_, index) => grouped.seal(`v${index}`, { ...context, key: `k${index}` })),
    )
    expect(calls.wrap).toBe(4)
    await grouped.seal('x', { ...context, tenant: 'other' })
    expect(calls.wrap).toBe(5)
    for (const [index, text] of texts.entries())
      expect(await grouped.open(text, { ...context, key: `k${index}` })).toBe(`v${index}`)
    expect(calls.unwrap).toBe(4)
    expect(await errorOf(grouped.open(texts[3] as string, { ...context, key: 'k4' }))).toMatchObject({
      code: 'vault-refused',
    })
    expect(await errorOf(grouped.open(texts[3] as string, { ...context, key: 'k3', tenant: 'other' }))).toMatchObject({
      code: 'vault-refused',
    })
  })

  test('data keys of tenants that seal no more are forgotten', async () => {
    const { provider, calls } = counting()
    const grouped = envelopeVault({ keys: provider, valuesPerDataKey: 1000 })
    const seal = (tenant: string) => grouped.seal('x', { ...context, tenant })
    await seal('first')
    await seal('first')
    expect(calls.wrap).toBe(1)
    for (let count = 0; count < 1_000; count++) await seal(`tenant ${count}`)
    expect(calls.wrap).toBe(1_001)
    await seal('tenant 999')
    expect(calls.wrap).toBe(1_001)
    await seal('first')
    expect(calls.wrap).toBe(1_002)
  })

  test('a rotation ends the present data key; a failed wrapping is forgotten', async () => {
    const { provider, rotate, fail } = counting()
    const grouped = envelopeVault({ keys: provider, valuesPerDataKey: 1000 })
    expect(parseSealed(await grouped.seal('x', context))?.keyId).toBe('old')
    rotate()
    expect(parseSealed(await grouped.seal('x', context))?.keyId).toBe('new')
    const fresh = { ...context, purpose: 'other' }
    fail()
    await expect(grouped.seal('x', fresh)).rejects.toThrow('away')
    expect(await grouped.open(await grouped.seal('x', fresh), fresh)).toBe('x')
  })
})

describe('configuration', () => {
  test('wrong keys are named without being shown', () => {
    const wrong = { a: Buffer.alloc(16, 65).toString('base64'), 'b c': newMasterKey() }
    try {
      localKeyring({ current: 'missing', keys: wrong })
      expect.unreachable()
    } catch (error) {
      if (!isPatchbayError(error)) throw error
      expect(error.issues.map(({ path }) => path)).toEqual(['keys.a', 'keys', 'current'])
      expect(JSON.stringify(error)).not.toContain(wrong.a)
    }
    expect(() => envelopeVault({ keys: ring(), valuesPerDataKey: 0 })).toThrow(/whole number/)
  })

  test('nothing prints a key', () => {
    const shown = inspect([ring(), vault, keys], { depth: 9, showHidden: true })
    for (const key of Object.values(keys)) expect(shown).not.toContain(key.reveal())
  })
})

describe('sealedStore', () => {
  for (const check of storeChecks.filter(({ needs }) => needs.length === 0)) {
    test(check.name, async () => {
      const clock = fakeClock()
      const store = sealedStore(memoryStore({ clock }), vault)
      await check.run({ store, pass: (ms) => clock.advance(ms) })
    })
  }

  test('what lies in the inner store is sealed; moving a value does not open', async () => {
    const inner = memoryStore()
    const store = sealedStore(inner, vault, { tenant: 'acme' })
    const [result] = await store.write([
      [
        { kind: 'put', key: 'a', value: 'secret a', ifVersion: 'absent' },
        { kind: 'put', key: 'b', value: 'secret b' },
        { kind: 'append', log: 'l', value: 'secret l' },
      ],
    ])
    expect(result?.applied).toBe(true)
    const raw = JSON.stringify([await inner.list(''), await inner.read('l', 0)])
    expect(raw).not.toContain('secret')
    expect(await store.get('a')).toMatchObject({ value: 'secret a' })
    expect((await store.list('')).map(({ value }) => value)).toEqual(['secret a', 'secret b'])
    expect((await store.read('l', 0)).map(({ value }) => value)).toEqual(['secret l'])
    const stolen = (await inner.get('b'))?.value as string
    await inner.write([[{ kind: 'put', key: 'a', value: stolen }]])
    expect(await errorOf(store.get('a'))).toMatchObject({ code: 'vault-refused' })
    await inner.write([[{ kind: 'put', key: 'l', value: (await inner.read('l', 0))[0]?.value as string }]])
    expect(await errorOf(store.get('l'))).toMatchObject({ code: 'vault-refused' })
    expect(await errorOf(sealedStore(inner, vault, { tenant: 'other' }).get('b'))).toMatchObject({
      code: 'vault-refused',
    })
  })
})
