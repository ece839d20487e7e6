import { execFileSync } from 'node:child_process'
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { ClientPackage } from '../../packages/api/src/evidence/index.ts'
import { cacheFolder } from './cache.ts'

export interface NpmRef {
  readonly name: string
  readonly version: string
  /** In the package; undefined for the whole. */
  readonly path: string | undefined
}

/** `npm:@scope/name@1.2.3#path/in/it.json`. */
export function npmRef(ref: string): NpmRef | undefined {
  const match = /^npm:((?:@[a-z0-9._-]+\/)?[a-z0-9._-]+)@([0-9A-Za-z.+-]+)(?:#(.+))?$/i.exec(ref)
  return match === null ? undefined : { name: match[1] as string, version: match[2] as string, path: match[3] }
}

/** The unpacked package, fetched when it is not in the cache yet; npm holds it against the registry's integrity. */
export function packageFolder({ name, version }: NpmRef): string {
  const folder = join(cacheFolder(), `${name.replaceAll('/', '+')}-${version}`)
  if (existsSync(join(folder, 'package'))) return folder
  console.log(`fetching ${name}@${version}`)
  mkdirSync(dirname(folder), { recursive: true })
  // Complete or not there: an interrupted fetch leaves nothing that looks like a package.
  const scratch = mkdtempSync(`${folder}-`)
  try {
    const windows = process.platform === 'win32'
    const told = execFileSync(
      windows ? 'npm.cmd' : 'npm',
      ['pack', `${name}@${version}`, '--pack-destination', scratch, '--json', '--ignore-scripts'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], shell: windows, maxBuffer: 256_000_000 },
    )
    const [packed] = Object.values(JSON.parse(told) as Record<string, { filename: string; integrity: string }>)
    const [archive = ''] = globSync('*.tgz', { cwd: scratch })
    execFileSync('tar', ['-xzf', archive], { cwd: scratch, stdio: 'inherit' })
    rmSync(join(scratch, archive))
    writeFileSync(join(scratch, 'integrity'), packed?.integrity ?? '')
    rmSync(folder, { recursive: true, force: true })
    renameSync(scratch, folder)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return folder
}

/** A file of a package that is installed in this repository in that very version. */
export function installedFile(root: string, { name, version, path }: NpmRef): string | undefined {
  const roots = [
    'node_modules',
    'node_modules/.pnpm/node_modules',
    ...globSync('{packages,examples}/*/node_modules', { cwd: root }),
  ]
  for (const one of roots) {
    const folder = join(root, one, name)
    const manifest = join(folder, 'package.json')
    if (!existsSync(manifest)) continue
    const found = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string }
    const file = join(folder, path ?? '')
    if (found.version === version && path !== undefined && existsSync(file)) return file
  }
  return undefined
}

const mostBytes = 8_000_000

/** The programs of a client package below a path; those that exist in two module systems are read once. */
export function clientPackage(ref: NpmRef): ClientPackage {
  const folder = packageFolder(ref)
  const inside = join(folder, 'package')
  const below = ref.path ?? ''
  const whole = existsSync(join(inside, below)) && statSync(join(inside, below)).isFile()
  const names = whole
    ? [below]
    : globSync(`${below === '' ? '' : `${below}/`}**/*.{js,mjs,cjs,ts}`, { cwd: inside }).map((name) =>
        name.replaceAll('\\', '/'),
      )
  const programs = names
    .filter((name) => !/(?:^|\/)(?:node_modules|tests?|examples?|samples?|docs)\/|\.d\.[cm]?ts$|\.min\./.test(name))
    .sort()
  const files = programs.filter((name) => statSync(join(inside, name)).size < mostBytes)
  return {
    name: ref.name,
    version: ref.version,
    integrity: readFileSync(join(folder, 'integrity'), 'utf8') || undefined,
    files: new Map(files.map((name) => [name, readFileSync(join(inside, name), 'utf8')])),
  }
}
