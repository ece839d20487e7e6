import { generateKeyPairSync } from 'node:crypto'
import { verifierKeyOf } from '@patchbay/catalog/signed'
import type { Values } from '../command.ts'
import { exitStatus } from '../exit-status.ts'
import { writeSecret } from '../files.ts'
import { onlyOne } from '../manifests.ts'
import type { Terminal } from '../terminal.ts'
import { needed } from './options.ts'

/** Makes a pair of keys: the private one into a file that only its owner reads, the public one onto the output. */
export async function key(terminal: Terminal, names: readonly string[], values: Values) {
  const name = onlyOne(names, 'name for the key, such as acme.example/2026')
  const file = needed(values, 'output', 'the file for the private key')
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const verifier = verifierKeyOf(name, pem)
  await writeSecret(terminal, file, pem)
  terminal.out(`${verifier}\n`)
  return exitStatus.good
}
