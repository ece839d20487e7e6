import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { indexError } from './index-error.ts'

/** The public half of a key that signs indexes. */
export interface VerifyingKey {
  readonly name: string
  /** Four bytes that signature lines carry, so that the right key is found. */
  readonly id: Buffer
  readonly key: KeyObject
}

const ed25519 = 0x01
const keyName = /^[^\s+\p{Cc}]{1,200}$/u

export function checkKeyName(name: string): void {
  if (!keyName.test(name))
    throw indexError('index-key', 'the name of a key has no blanks and no plus sign; take a domain and a path')
}

/** C2SP signed-note: the first four bytes of SHA-256 over the name, a line feed, the algorithm, and the public key. */
export function keyIdOf(name: string, key: Uint8Array): Buffer {
  return createHash('sha256').update(name).update(Buffer.of(0x0a, ed25519)).update(key).digest().subarray(0, 4)
}

/** Reads a verifier key: `<name>+<key id in hexadecimal>+<base64 of algorithm and public key>`, as C2SP signed-note writes it. */
export function readVerifyingKey(text: string): VerifyingKey {
  const [, name = '', id = '', encoded = ''] = /^([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? []
  checkKeyName(name)
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded || bytes.length !== 33 || bytes[0] !== ed25519)
    throw indexError('index-key', `the key ${name} is not an Ed25519 key of the form name+id+base64`)
  const raw = bytes.subarray(1)
  if (keyIdOf(name, raw).toString('hex') !== id)
    throw indexError('index-key', `the key ${name} does not have the id ${id}: its text was altered`)
  return { name, id: Buffer.from(id, 'hex'), key: publicKeyOf(raw) }
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

/** Reads a private key in PEM (PKCS #8), as `openssl genpkey -algorithm ed25519` writes it. Its text is in no error. */
export function readSigningKey(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw indexError('index-key', 'the private key is no PEM without a passphrase; make one with openssl genpkey')
  }
  if (key.asymmetricKeyType !== 'ed25519') throw indexError('index-key', 'the private key is not an Ed25519 key')
  return key
}

/** The 32 bytes of the public half. */
export function rawPublicKey(key: KeyObject): Buffer {
  const { x = '' } = createPublicKey(key.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' })
  return Buffer.from(x, 'base64url')
}

/** The text that verifies what a private key signs under a name: for configuration files, and for everybody's eyes. */
export function verifierKeyOf(name: string, pem: string): string {
  checkKeyName(name)
  const raw = rawPublicKey(readSigningKey(pem))
  return `${name}+${keyIdOf(name, raw).toString('hex')}+${Buffer.concat([Buffer.of(ed25519), raw]).toString('base64')}`
}
