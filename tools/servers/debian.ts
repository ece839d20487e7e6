import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { updateLists } from '../apt.ts'
import { ServerUnavailable } from './server.ts'

/**
 * Servers out of Debian's archive, unpacked into a cache folder and not installed: installing them would start daemons, some of them
 * on every address of the machine. Needs no root where the package lists are there.
 */
const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'patchbay', 'debian')

/** Where the package and what it needs stand, if they do. */
function rootOf(name: string): string {
  return join(folder, name)
}

/** The folder that stands for `/`. @throws ServerUnavailable before {@link bringPackage} brought it. */
export function unpackedRoot(name: string): string {
  const root = rootOf(name)
  if (existsSync(root)) return root
  throw new ServerUnavailable(`there is no ${name}: run \`npm test\` on Debian, which unpacks it out of the archive`)
}

/** Libraries of the unpacked packages, for `LD_LIBRARY_PATH`. */
export function librariesOf(root: string): string {
  const under = ['usr/lib', 'lib'].map((part) => join(root, part)).filter(existsSync)
  const triplets = under.flatMap((part) =>
    readdirSync(part)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => join(part, name)),
  )
  return [...triplets, ...under].join(':')
}

/** Downloads a package and those of its dependencies that the machine has not got, once. Tells whether it is there. */
export function bringPackage(name: string): boolean {
  if (existsSync(rootOf(name))) return true
  if (!existsSync('/etc/debian_version') || !existsSync('/usr/bin/apt-get')) return false
  const wanted = missing(name) ?? (updateLists() ? missing(name) : undefined)
  if (wanted === undefined) return false
  console.error(`patchbay: bringing ${name} out of Debian's archive`)
  mkdirSync(folder, { recursive: true })
  const work = mkdtempSync(join(folder, '.work-'))
  try {
    const root = join(work, 'root')
    mkdirSync(root)
    if (!run('apt-get', ['download', '-qq', ...wanted], work)) return false
    for (const archive of readdirSync(work).filter((file) => file.endsWith('.deb')))
      if (!run('dpkg', ['-x', join(work, archive), root], work)) return false
    // Two test runs may bring it at the same time: the second finds the first one's folder.
    if (!existsSync(rootOf(name))) renameSync(root, rootOf(name))
    return true
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** What `apt-get install` would bring, without pages and fonts. Undefined: the package is not known. */
function missing(name: string): string[] | undefined {
  const { status, stdout } = spawnSync('apt-get', ['install', '--simulate', '--no-install-recommends', name], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  if (status !== 0) return undefined
  const all = [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, found]) => found as string)
  const needed = all.filter((found) => !/^(libjs|fonts|node)-/.test(found))
  // On machines where it is installed already, apt would bring nothing.
  return needed.includes(name) ? needed : [...needed, name]
}

function run(command: string, args: readonly string[], cwd: string): boolean {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) console.error(`patchbay: ${command} ${args[0]} failed: ${stderr?.trim().split('\n').at(-1)}`)
  return status === 0
}
