import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache, Failure, packageManagerEnv, root, run, say, tail } from './shell.mjs'

/** Changes whenever an installation could come out differently. */
function fingerprint(node) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${node}`)
  const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'package.json'))
  for (const file of [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'package.json',
    'bench/package.json',
    'examples/package.json',
    'examples/demo/package.json',
    ...packages,
  ]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

/**
 * Installs what the lockfile says, unless that is what was installed last. `without`: packages of the workspace whose dependencies are
 * large and not needed now; one that has them already keeps them.
 */
export function install([command, ...before], node, env, without = []) {
  const marker = join(root, 'node_modules', '.patchbay-installed')
  const all = fingerprint(node)
  const wanted = without.length === 0 ? all : `${all} without ${without.join(' ')}`
  const last = existsSync(marker) ? readFileSync(marker, 'utf8') : ''
  if (last === all || last === wanted) return

  say('installing dependencies')
  const started = Date.now()
  const { ok, output } = run(
    command,
    [
      ...before,
      'install',
      '--frozen-lockfile',
      '--reporter=append-only',
      ...without.map((name) => `--filter=!${name}`),
    ],
    {
      env: packageManagerEnv(env),
    },
  )
  if (!ok) {
    throw new Failure(
      'pnpm could not install the dependencies (see the lines below). Without a network: check the proxy and the registry of npm. ' +
        `When the lockfile is said to be out of date: run \`pnpm install\` and commit pnpm-lock.yaml.\n${tail(output, 25)}`,
    )
  }
  writeFileSync(marker, wanted)
  say(`installed in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/** Builds the packages whose sources changed since they were built. */
export function build(node, env) {
  mkdirSync(cache, { recursive: true })
  const { ok, output } = run(node, [join(root, 'tools', 'build', 'all.ts'), '--javascript-only'], { env })
  if (!ok) throw new Failure(`The packages could not be built.\n${tail(output, 60)}`)
  if (output !== '') say(output)
}
