import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const cache = join(root, '.cache')
export const windows = process.platform === 'win32'

/** Something that the person at the terminal can mend: one paragraph, no stack. */
export class Failure extends Error {}

/** Progress goes to stderr, so that the last line of stdout stays the task's own. */
export function say(text) {
  process.stderr.write(`patchbay: ${text}\n`)
}

/** Output is collected and returned; it is shown only when something goes wrong. */
export function run(command, args, options = {}) {
  // npm and pnpm are .cmd files on Windows, which only a shell starts.
  const shell = windows && /(?:^|[\\/])(?:npm|pnpm)(?:\.cmd)?$/.test(command)
  const { status, error, stdout, stderr } = spawnSync(shell ? `"${command}"` : command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    shell,
  })
  return {
    ok: status === 0,
    output: `${stdout ?? ''}${stderr ?? ''}${error ? error.message : ''}`.trim(),
    stdout: (stdout ?? '').trim(),
  }
}

/** The start of a long output: where npm says what went wrong, before its usage. */
export function head(output, lines = 10) {
  return output.split('\n').slice(0, lines).join('\n')
}

/** The end of a long output: where pnpm and compilers say what went wrong. */
export function tail(output, lines = 15) {
  return output.split('\n').slice(-lines).join('\n')
}

function writable(folder) {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Package managers keep their caches in the home folder; where there is none, they keep them inside the project. */
const homeIsWritable = writable(homedir())

/** npm hands its own settings down to scripts. Those that name a folder would send a nested npm to the wrong place. */
export function packageManagerEnv(env = process.env) {
  const clean = { ...env, CI: 'true', COREPACK_ENABLE_NETWORK: '0' }
  for (const name of Object.keys(clean)) {
    if (
      /^npm_config_(?:local_|global_)?prefix$|^npm_config_(?:global|workspace|workspaces|dry_run|json)$|^npm_(?:package|lifecycle|command)/i.test(
        name,
      )
    ) {
      delete clean[name]
    }
  }
  if (clean.npm_config_registry && !clean.pnpm_config_registry) clean.pnpm_config_registry = clean.npm_config_registry
  if (!homeIsWritable) {
    clean.HOME = join(cache, 'home')
    clean.npm_config_cache = join(cache, 'npm')
    clean.pnpm_config_store_dir = join(cache, 'pnpm-store')
  }
  return clean
}
