import type { IntegrationManifest } from '@patchbay/api/manifest'
import { noteTextOf, revocationIn } from './build-index.ts'
import { indexEntryOf, sha256Of } from './index-entry.ts'
import { indexError } from './index-error.ts'
import { type IndexContent, indexFile, noteFile, parseIndex, type Revocation } from './index-format.ts'
import { readNote, signersOf, signNote } from './note.ts'
import { readVerifyingKey } from './signing-key.ts'

/** A key that may sign, and for which indexes: so a key that was given up can sign nothing new, without a clock. */
export interface TrustedKey {
  /** `name+id+base64`, as `patchbay index key` prints it. */
  readonly key: string
  /** The first and the last number of an index that it may sign. */
  readonly from?: number | undefined
  readonly until?: number | undefined
}

/** What a host keeps of the last index that it accepted. */
export interface SeenIndex {
  readonly name: string
  readonly number: number
  readonly sha256: string
}

export interface ReadIndexOptions {
  readonly keys: readonly (string | TrustedKey)[]
  /** The signed note beside the index: `index.json.note`. */
  readonly note: Uint8Array
  /** The catalog that is wanted. Default: that of `seen`, else any that the keys sign. */
  readonly name?: string | undefined
  /** The index that was accepted last: an older one, or another one of the same number, is refused. */
  readonly seen?: SeenIndex | undefined
  /** How many of the keys must have signed. Default 1. */
  readonly signatures?: number | undefined
}

export interface SignedIndex extends IndexContent, SeenIndex {
  readonly number: number
  readonly name: string
  /** Names of the keys whose signatures are good. */
  readonly signedBy: readonly string[]
}

/** Bytes of an index that are read at most. */
export const maxIndexBytes = 16 * 2 ** 20

/**
 * Reads an index whose signature is good. Nothing in it is looked at before.
 * @param bytes of `index.json`
 * @throws PatchbayError `config` with one of the codes `index-key`, `index-signature`, `index-format`, `index-rollback`
 */
export function readIndex(bytes: Uint8Array, options: ReadIndexOptions): SignedIndex {
  const { seen, signatures = 1 } = options
  if (bytes.length > maxIndexBytes)
    throw indexError('index-format', `${indexFile} has more than ${maxIndexBytes} bytes`)
  if (!Number.isSafeInteger(signatures) || signatures < 1)
    throw indexError('index-signature', 'signatures must be a whole number from 1')
  const trusted = options.keys.map((one) => (typeof one === 'string' ? { key: one } : one))
  const keys = trusted.map((one) => ({
    ...readVerifyingKey(one.key),
    from: one.from ?? 0,
    until: one.until ?? Infinity,
  }))
  const note = readNote(options.note)
  const signers = signersOf(note, keys) as typeof keys
  if (signers.length === 0)
    throw indexError('index-signature', `none of the ${keys.length} trusted keys signed ${indexFile}`)
  const sha256 = sha256Of(bytes)
  const [, , , hash] = note.text.split('\n')
  if (hash !== `sha256:${sha256}`)
    throw indexError('index-signature', `${indexFile} was altered: ${noteFile} signs another content`)
  const content = parseIndex(bytes)
  if (note.text !== noteTextOf(content, sha256))
    throw indexError('index-signature', `${noteFile} signs another name or number than ${indexFile} has`)
  const { name, number } = content
  const able = new Set(signers.filter(({ from, until }) => from <= number && number <= until).map((one) => one.key))
  // Counted by the key itself, so that one key under two names is one.
  const distinct = [...able].filter((one, index, all) => all.findIndex((other) => other.equals(one)) === index)
  if (distinct.length < signatures)
    throw indexError(
      'index-signature',
      `index ${number} is signed by ${distinct.length} keys that may sign it, ${signatures} must`,
    )
  const wanted = options.name ?? seen?.name
  if (wanted !== undefined && wanted !== name)
    throw indexError('index-signature', `the index is of ${name}, not of ${wanted}`)
  if (seen !== undefined && (number < seen.number || (number === seen.number && sha256 !== seen.sha256)))
    throw indexError(
      'index-rollback',
      number < seen.number
        ? `index ${number} of ${name} is older than ${seen.number}, which was accepted before`
        : `there are two indexes of ${name} with the number ${number}`,
    )
  return { ...content, sha256, signedBy: signers.filter((one) => able.has(one.key)).map((one) => one.name) }
}

/**
 * Signs an index: gives the text of `index.json.note`. Signatures of other keys in `before` stay, so that several can sign.
 * @throws PatchbayError `index-key`, `index-format`, `index-signature`
 */
export function signIndex(
  index: Uint8Array,
  { name, pem, before }: { readonly name: string; readonly pem: string; readonly before?: Uint8Array | undefined },
): string {
  const text = noteTextOf(parseIndex(index), sha256Of(index))
  const note = before === undefined ? undefined : readNote(before)
  return signNote(text, { name, pem }, note?.text === text ? note : undefined)
}

/** Whether an index withdraws a manifest, one that came with `@patchbay/catalog` included. */
export function revocationOf(index: IndexContent, manifest: IntegrationManifest): Revocation | undefined {
  return revocationIn(index.revoked, indexEntryOf(manifest).entry)
}
