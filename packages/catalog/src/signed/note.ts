// Signed notes, https://c2sp.org/signed-note: a text, an empty line, and one line per signature.
import { sign, verify } from 'node:crypto'
import { indexError } from './index-error.ts'
import { checkKeyName, keyIdOf, rawPublicKey, readSigningKey, type VerifyingKey } from './signing-key.ts'

/** Bytes and signatures that are read at most. */
const maxNoteBytes = 65_536
const maxSignatures = 100

interface NoteSignature {
  readonly name: string
  readonly id: Buffer
  readonly signature: Buffer
}

export interface Note {
  /** With the line feed at its end. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

const signatureLine = /^\u2014 ([^\s+\p{Cc}]+) ([A-Za-z0-9+/]+={0,2})$/u

/** Reads a note without checking its signatures. @throws PatchbayError `index-signature` */
export function readNote(bytes: Uint8Array): Note {
  const bad = (what: string) => indexError('index-signature', `the signature file is no signed note: ${what}`)
  if (bytes.length > maxNoteBytes) throw bad(`it has more than ${maxNoteBytes} bytes`)
  const whole = Buffer.from(bytes).toString('utf8')
  if (!Buffer.from(whole).equals(bytes)) throw bad('it is not UTF-8')
  const end = whole.lastIndexOf('\n\n')
  if (end < 0 || !whole.endsWith('\n')) throw bad('there is no empty line before the signatures')
  const text = whole.slice(0, end + 1)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) throw bad('it holds control characters')
  const lines = whole.slice(end + 2, -1).split('\n')
  if (lines.length > maxSignatures) throw bad(`it has more than ${maxSignatures} signatures`)
  return {
    text,
    signatures: lines.map((line) => {
      const [, name, encoded = ''] = signatureLine.exec(line) ?? []
      const data = Buffer.from(encoded, 'base64')
      if (name === undefined || data.length < 5 || data.toString('base64') !== encoded)
        throw bad('a line below the empty one is no signature')
      return { name, id: data.subarray(0, 4), signature: data.subarray(4) }
    }),
  }
}

/**
 * The keys among `keys` that signed the note. Signatures of other keys do not count; one that bears the name and id of a known key and is
 * wrong spoils the note.
 * @throws PatchbayError `index-signature`
 */
export function signersOf({ text, signatures }: Note, keys: readonly VerifyingKey[]): VerifyingKey[] {
  const signers = new Set<VerifyingKey>()
  for (const { name, id, signature } of signatures) {
    const known = keys.find((key) => key.name === name && key.id.equals(id))
    if (known === undefined) continue
    if (!verify(null, Buffer.from(text), known.key, signature))
      throw indexError('index-signature', `the signature of ${name} does not fit: the note was altered`)
    signers.add(known)
  }
  return [...signers]
}

/** Adds a signature to a text, or to those that a note of the same text has. Ed25519 is deterministic, so it is the same each time. */
export function signNote(text: string, { name, pem }: { readonly name: string; readonly pem: string }, before?: Note) {
  checkKeyName(name)
  const key = readSigningKey(pem)
  const id = keyIdOf(name, rawPublicKey(key))
  const others = (before?.signatures ?? []).filter((one) => one.name !== name || !one.id.equals(id))
  const all = [...others, { name, id, signature: sign(null, Buffer.from(text), key) }]
  const lines = all.map((one) => `\u2014 ${one.name} ${Buffer.concat([one.id, one.signature]).toString('base64')}\n`)
  return `${text}\n${lines.join('')}`
}
