import { generateKeyPairSync, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import { readNote, signersOf, signNote } from './note.ts'
import { readVerifyingKey, verifierKeyOf } from './signing-key.ts'

// Key and note of the documentation of golang.org/x/mod/sumdb/note, which the C2SP specification describes.
const vendorKey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const vendorNote = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`
const bytes = (text: string): Uint8Array => Buffer.from(text)
const pemOf = (type: 'ed25519' | 'ed448' = 'ed25519'): string =>
  (type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448')).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string

test('a note that others signed is verified', () => {
  const key = readVerifyingKey(vendorKey)
  expect(signersOf(readNote(bytes(vendorNote)), [key]).map(({ name }) => name)).toEqual(['PeterNeumann'])
  expect(() => signersOf(readNote(bytes(vendorNote.replace('answer', 'answar'))), [key])).toThrow(/altered/)
  expect(signersOf(readNote(bytes(vendorNote)), [readVerifyingKey(verifierKeyOf('PeterNeumann', pemOf()))])).toEqual([])
})

test('signatures are added, replaced and found by key', () => {
  const [one, two] = [pemOf(), pemOf()]
  const text = 'first\nsecond\n'
  const single = signNote(text, { name: 'one.example', pem: one })
  const both = signNote(text, { name: 'two.example', pem: two }, readNote(bytes(single)))
  const again = signNote(text, { name: 'one.example', pem: one }, readNote(bytes(both)))
  const keys = [verifierKeyOf('one.example', one), verifierKeyOf('two.example', two)].map(readVerifyingKey)
  expect(signersOf(readNote(bytes(single)), keys)).toEqual([keys[0]])
  expect(signersOf(readNote(bytes(again)), keys)).toHaveLength(2)
  expect(readNote(bytes(again)).signatures).toHaveLength(2)
  const { text: signed, signatures } = readNote(bytes(single))
  expect(signed).toBe(text)
  const key = keys[0]?.key
  expect(key && verify(null, Buffer.from(text), key, signatures[0]?.signature as Buffer)).toBe(true)
})

test.each([
  ['nothing', ''],
  ['no signature', 'text\n'],
  ['an empty line only', 'text\n\n'],
  ['no line feed at the end', vendorNote.slice(0, -1)],
  ['another dash', vendorNote.replace('\u2014', '-')],
  ['a signature of no bytes', 'text\n\n\u2014 name AAAA\n'],
  ['base64 with bits left over', vendorNote.replace('JnAM=', 'JnAN=')],
  ['control characters', vendorNote.replace('problem,', 'problem,\r')],
  ['too many signatures', `text\n\n${'\u2014 name AAAAAAA=\n'.repeat(101)}`],
  ['too many bytes', `${'x'.repeat(70_000)}\n\n\u2014 name AAAAAAA=\n`],
])('what is no note is refused: %s', (_, text) => {
  expect(() => readNote(bytes(text))).toThrow(/no signed note/)
})

test('bytes that are no UTF-8 are no note', () => {
  expect(() => readNote(Buffer.concat([Buffer.of(0xff), bytes(vendorNote)]))).toThrow(/UTF-8/)
})

test.each([
  ['nothing', ''],
  ['another id', vendorKey.replace('c74f20a3', 'c74f20a4')],
  ['another key', vendorKey.replace('ARpc', 'ARpd')],
  ['another algorithm', vendorKey.replace('ARpc', 'Axpc')],
  ['a short key', 'PeterNeumann+c74f20a3+ARpc'],
  ['a name with a blank', vendorKey.replace('PeterN', 'Peter N')],
])('what is no verifier key is refused: %s', (_, text) => {
  expect(() => readVerifyingKey(text)).toThrow(expect.objectContaining({ code: 'index-key' }))
})

test.each([
  ['of another kind', pemOf('ed448')],
  ['that is none', 'secret words'],
  ['that is empty', ''],
])('a private key %s is refused, and its text is nowhere', (_, pem) => {
  let told: unknown
  try {
    signNote('text\n', { name: 'one.example', pem })
  } catch (error) {
    told = error
  }
  expect(told).toMatchObject({ code: 'index-key' })
  const texts = [String((told as Error).stack), JSON.stringify(told), String((told as Error).cause)]
  const part = pem.length > 60 ? pem.slice(35, 60) : 'secret words'
  for (const text of texts) expect(text).not.toContain(part)
})

test('canonical JSON is that of RFC 8785', () => {
  const example = JSON.parse(
    String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
  )
  expect(canonicalJson(example)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  )
  const order = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 }
  expect(Object.values(JSON.parse(canonicalJson(Object.entries(order).map(([, at]) => at))))).toHaveLength(7)
  expect([...canonicalJson(order).matchAll(/:(\d)/g)].map(([, at]) => Number(at))).toEqual([2, 4, 6, 7, 1, 5, 3])
  expect(canonicalJson({ b: undefined, a: -0 })).toBe('{"a":0}')
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { '\udfff': 1 }, 1n, [undefined], () => 1])
    expect(() => canonicalJson(value)).toThrow(TypeError)
  let deep: unknown = 1
  for (let level = 0; level < 100; level++) deep = [deep]
  expect(() => canonicalJson(deep)).toThrow(/deeper/)
})
