import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installByApt } from '../apt.ts'
import type { Peer } from './peers.ts'
import { lastLines, run } from './run.ts'

const requirements = join(import.meta.dirname, 'requirements.txt')
const least = [3, 10] as const

/** Version of the first Python on the PATH, such as `3.11.7`. */
async function version(): Promise<string | undefined> {
  const { ok, stdout } = await run('python3', ['-c', 'import platform; print(platform.python_version())'])
  return ok ? stdout.trim() : undefined
}

function tooOld(text: string): boolean {
  const [major = 0, minor = 0] = text.split('.').map(Number)
  return major < least[0] || (major === least[0] && minor < least[1])
}

/**
 * A virtual environment with all of requirements.txt, made once per content of that file and version of Python. It is made aside and
 * then moved into its place, so that a run that is killed leaves no half of one behind.
 */
export async function preparePython(cache: string): Promise<Peer> {
  let found = await version()
  if (found === undefined && installByApt('Python', 'python3', 'python3-venv')) found = await version()
  if (found === undefined) return { missing: 'there is no python3' }
  if (tooOld(found)) return { missing: `python3 is ${found}, and the peers need ${least.join('.')}` }

  const stamp = createHash('sha256').update(readFileSync(requirements)).update(found).digest('hex').slice(0, 12)
  const place = join(cache, `python-${stamp}`)
  const path = join(place, 'bin', 'python')
  if (existsSync(path)) return { path }

  mkdirSync(cache, { recursive: true })
  const aside = `${place}.${process.pid}`
  const make = () => run('python3', ['-m', 'venv', '--clear', aside])
  let made = await make()
  if (!made.ok && installByApt('python3-venv', 'python3-venv')) made = await make()
  if (!made.ok) return { missing: `python3 -m venv failed: ${lastLines(made.output, 3)}` }
  console.error('patchbay: bringing the peers that are written in Python')
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements]
  const installed = await run(join(aside, 'bin', 'python'), pip)
  if (!installed.ok) {
    rmSync(aside, { recursive: true, force: true })
    return { missing: `pip install failed: ${lastLines(installed.output, 3)}` }
  }
  try {
    renameSync(aside, place)
  } catch (error) {
    // Another run was faster; its environment is as good.
    rmSync(aside, { recursive: true, force: true })
    if (!existsSync(path)) throw error
  }
  return { path }
}
