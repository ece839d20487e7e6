import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Where the catalog's manifests are, and the modules that are made from them. */
export interface CatalogFolders {
  readonly root: string
  readonly integrations: string
  /** Ignored by git. */
  readonly generated: string
}

export function catalogFolders(root: string): CatalogFolders {
  const catalog = join(root, 'packages', 'catalog')
  return { root, integrations: join(catalog, 'integrations'), generated: join(catalog, 'src', 'generated') }
}

/** What a manifest became: the hash that it had with the programs that read it, and the issues that were told about it. */
export interface Mark {
  readonly hash: string
  readonly issues: readonly string[]
  readonly valid: boolean
  /** For the index; null for manifests that are not valid. */
  readonly entry: unknown
}

export type Marks = Readonly<Record<string, Mark>>

const marksOf = ({ generated }: CatalogFolders): string => join(generated, 'catalog', 'marks.json')

export function readMarks(folders: CatalogFolders): Marks {
  try {
    return JSON.parse(readFileSync(marksOf(folders), 'utf8')) as Marks
  } catch {
    // Not there yet, or not whole: everything is made anew.
    return {}
  }
}

export function writeMarks(folders: CatalogFolders, marks: Marks): void {
  write(marksOf(folders), JSON.stringify(marks))
}

/** Leaves a file alone that has the text already, so that watchers and builds see no change. */
export function write(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  mkdirSync(dirname(file), { recursive: true })
  // Tests, builds and editors may generate at the same time; none of them sees half a file.
  const whole = `${file}.${process.pid}`
  writeFileSync(whole, text)
  renameSync(whole, file)
}

/** The programs that read manifests and write modules: when one of them changes, every manifest is read again. */
const readers = [
  'manifest',
  'typescript',
  'json-schema',
  'expression',
  'mapping',
  'webhooks',
  'declarative/credentials',
]

function readersHash(root: string): string {
  const hash = createHash('sha256')
  const folders = readers.map((folder) => `packages/api/src/${folder}/**/*.ts`)
  for (const file of globSync([...folders, 'packages/catalog/src/{entry,facts}.ts', 'tools/catalog/*.ts'], {
    cwd: root,
  }).sort())
    if (!file.endsWith('.test.ts') && !file.includes('fixtures'))
      hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

export interface ManifestFile {
  /** Relative to the repository. */
  readonly file: string
  readonly id: string
  readonly text: string
  readonly hash: string
}

/** Every manifest of the catalog, sorted by id. */
export function manifestFiles({ root, integrations }: CatalogFolders): ManifestFile[] {
  const before = readersHash(root)
  return globSync('*/*.{yaml,json}', { cwd: integrations })
    .map((path) => {
      const text = readFileSync(join(integrations, path), 'utf8')
      const hash = createHash('sha256').update(before).update(path).update(text).digest('hex')
      const file = `packages/catalog/integrations/${path.replaceAll('\\', '/')}`
      return { file, id: basename(path).replace(/\.(?:yaml|json)$/, ''), text, hash }
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Removes modules of manifests that are gone, or not valid any more. */
export function removeOthers({ generated }: CatalogFolders, ids: ReadonlySet<string>): void {
  for (const path of globSync('*.{ts,js}', { cwd: generated }))
    if (!ids.has(path.replace(/\.ts$/, ''))) rmSync(join(generated, path))
}
