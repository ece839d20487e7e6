import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { readDescription } from '@patchbay/api/discovery'
import { type DescriptionFacts, type Evidence, factsOf, verify } from '@patchbay/api/evidence'
import type { IntegrationManifest } from '@patchbay/api/manifest'
import { type Command, textOf } from '../command.ts'
import { CommandError, exitStatus } from '../exit-status.ts'
import { onlyOne, validManifest } from '../manifests.ts'
import { coloured, plain, type Terminal } from '../terminal.ts'

/** Documents of vendors have up to some 50 MB. */
const mostBytes = 64_000_000

/** Holds a manifest against the vendor's documents in a folder. Nothing is fetched. */
export const command: Command = {
  options: { documents: { type: 'string' }, doubts: { type: 'boolean' }, json: { type: 'boolean' } },
  async run(terminal, files, values) {
    const manifest = await validManifest(terminal, onlyOne(files, 'manifest'))
    const folder = textOf(values, 'documents')
    const facts = folder === undefined ? [] : await factsIn(terminal, folder, manifest)
    const evidence = verify(manifest, facts)
    if (values.json === true) terminal.out(`${JSON.stringify(evidence, null, 2)}\n`)
    else tell(terminal, evidence, values.doubts === true)
    return evidence.problems.length === 0 ? exitStatus.good : exitStatus.found
  },
}

function tell(terminal: Terminal, { id, level, operations, corrected, problems }: Evidence, doubts: boolean): void {
  for (const one of operations) {
    const because = one.found ?? one.reason ?? ''
    terminal.out(`${one.level} ${plain(one.operation)}${because === '' ? '' : `: ${plain(because)}`}\n`)
    if (doubts) for (const doubt of one.doubts) terminal.out(`   ${coloured(terminal, 'dim', plain(doubt))}\n`)
  }
  for (const problem of problems) terminal.error(`${coloured(terminal, 'red', 'problem')} ${plain(problem)}\n`)
  const open = operations.reduce((sum, one) => sum + one.doubts.length, 0)
  terminal.out(
    `${plain(id)} is ${level}: ${operations.length} operations, ${problems.length} problems, ${corrected} corrected, ${open} doubts\n`,
  )
}

/** Files are found by the SHA-256 of a source; for a source without one by the name at the end of its reference. */
async function factsIn(terminal: Terminal, folder: string, manifest: IntegrationManifest): Promise<DescriptionFacts[]> {
  const documents = await documentsIn(terminal, folder)
  const found: DescriptionFacts[] = []
  for (const { ref, sha256, kind } of manifest.sources) {
    if (kind === 'client' || kind === 'protocol' || kind === 'documentation') continue
    const document = documents.find((one) => (sha256 === undefined ? ref.endsWith(one.name) : one.sha256 === sha256))
    if (document === undefined) continue
    const model = await readDescription({ file: document.file }, { limits: { maxBytes: mostBytes } }).catch(
      (error: Error) => {
        throw new CommandError(exitStatus.unreadable, `${document.name}: ${error.message}`)
      },
    )
    found.push(factsOf(model, { ref, manifests: [manifest] }))
  }
  return found
}

interface Document {
  readonly file: string
  readonly name: string
  readonly sha256: string
}

async function documentsIn(terminal: Terminal, path: string): Promise<Document[]> {
  const folder = resolve(terminal.folder, path)
  const names = await readdir(folder, { recursive: true }).catch(() => {
    throw new CommandError(exitStatus.unreadable, `${path}: it cannot be read as a folder`)
  })
  const documents: Document[] = []
  for (const name of names.sort()) {
    const file = join(folder, name)
    const facts = await stat(file)
    if (!facts.isFile() || facts.size > mostBytes || !/\.(?:json|ya?ml|xml)$/i.test(name)) continue
    const sha256 = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
    documents.push({ file, name: basename(name), sha256 })
  }
  return documents
}
