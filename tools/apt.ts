import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

function apt(...args: string[]): boolean {
  const { status, stdout, stderr } = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-qq', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0)
    console.error(`patchbay: apt-get ${args.join(' ')} failed: ${`${stdout}${stderr}`.trim().split('\n').at(-1)}`)
  return status === 0
}

/** Installs packages of the system where that is possible without asking anybody: as root, on Debian. Tells whether it did. */
export function installByApt(what: string, ...packages: string[]): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || !existsSync('/usr/bin/apt-get')) return false
  console.error(`patchbay: bringing ${what} by apt`)
  const install = ['install', '--yes', '--no-install-recommends', ...packages]
  return apt(...install) || (apt('update') && apt(...install))
}

/** Fetches the lists of packages: a fresh container has none. */
export function updateLists(): boolean {
  return process.getuid?.() === 0 && apt('update')
}
