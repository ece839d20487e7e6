// Reads every manifest of the catalog that changed, and writes its module and the index. Run by generate.ts, with the source condition.
import { join } from 'node:path'
import { checkManifest, type IntegrationManifest, issueText } from '../../packages/api/src/manifest/index.ts'
import { typescriptModule, valueNameOf } from '../../packages/api/src/typescript/index.ts'
import type { CatalogEntry } from '../../packages/catalog/src/entry.ts'
import { catalogEntryOf } from '../../packages/catalog/src/facts.ts'
import {
  type CatalogFolders,
  catalogFolders,
  type ManifestFile,
  type Mark,
  manifestFiles,
  readMarks,
  removeOthers,
  write,
  writeMarks,
} from './catalog-files.ts'

/** Subpaths of the package that are no integrations. */
const reserved: ReadonlySet<string> = new Set(['catalog', 'index', 'signed'])

/** A manifest is filed under its own category and id. */
function placeIssues({ file, id }: ManifestFile, manifest: IntegrationManifest): string[] {
  const wanted = `packages/catalog/integrations/${manifest.category}/${manifest.id}`
  if (reserved.has(id)) return [`${file}:1:1 reserved-id "${id}" is a name of the catalog itself. Choose another id.`]
  return file.startsWith(`${wanted}.`)
    ? []
    : [`${file}:1:1 wrong-place The manifest belongs into ${wanted}.yaml. Move it there.`]
}

async function makeModule(folders: CatalogFolders, one: ManifestFile): Promise<Mark> {
  const { manifest, issues, valid } = await checkManifest(one.text, { file: one.file })
  const misplaced = manifest === undefined ? [] : placeIssues(one, manifest)
  const told = [...issues.map(issueText), ...misplaced]
  if (manifest === undefined || !valid || misplaced.length > 0)
    return { hash: one.hash, issues: told, valid: false, entry: null }
  write(join(folders.generated, `${one.id}.ts`), typescriptModule(manifest))
  return { hash: one.hash, issues: told, valid: true, entry: catalogEntryOf(manifest) }
}

function writeIndex({ generated }: CatalogFolders, entries: readonly CatalogEntry[]): void {
  const folder = join(generated, 'catalog')
  const imports = entries.map(
    ({ id }) =>
      `  ${JSON.stringify(id)}: () => import('../${id}.ts').then((module) => module.${valueNameOf(id)} as unknown as Integration),\n`,
  )
  write(
    join(folder, 'entries.ts'),
    `import type { CatalogEntry } from '../../entry.ts'\n\nexport const entries: readonly CatalogEntry[] = JSON.parse(${JSON.stringify(JSON.stringify(entries))})\n`,
  )
  write(
    join(folder, 'loaders.ts'),
    `import type { Integration } from '@patchbay/api/declarative'\n\nexport const loaders: Readonly<Record<string, () => Promise<Integration>>> = {\n${imports.join('')}}\n`,
  )
}

const folders = catalogFolders(process.argv[2] ?? join(import.meta.dirname, '../..'))
const before = readMarks(folders)
const marks: Record<string, Mark> = {}
const files = manifestFiles(folders)
for (const one of files) {
  const { id, hash, file } = one
  const twin = files.find((other) => other.id === id && other.file !== file)
  const last = Object.hasOwn(before, id) ? before[id] : undefined
  if (twin !== undefined)
    marks[id] = {
      hash,
      valid: false,
      entry: null,
      issues: [`${file}:1:1 repeated-id ${twin.file} has the same id. Rename one of them.`],
    }
  else marks[id] = last?.hash === hash ? last : await makeModule(folders, one)
}
const valid = Object.values(marks).filter((mark) => mark.valid)
removeOthers(folders, new Set(Object.keys(marks).filter((id) => marks[id]?.valid === true)))
writeIndex(
  folders,
  valid.map(({ entry }) => entry as CatalogEntry),
)
writeMarks(folders, marks)
