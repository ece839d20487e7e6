// Before `npm test`: brings the servers that npm cannot bring, where that is possible without asking anybody.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findRedis } from './redis.ts'

function apt(...args: string[]): boolean {
  const { status, stdout, stderr } = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-qq', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0)
    console.error(`patchbay: apt-get ${args.join(' ')} failed: ${`${stdout}${stderr}`.trim().split('\n').at(-1)}`)
  return status === 0
}

const debian = existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get')
if (findRedis() === undefined && debian && process.getuid?.() === 0) {
  console.error('patchbay: bringing Redis by apt (redis-tools: the program, without a daemon)')
  const install = ['install', '--yes', '--no-install-recommends', 'redis-tools']
  if (!apt(...install) && apt('update')) apt(...install)
}
