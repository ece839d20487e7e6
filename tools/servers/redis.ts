import { existsSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Server, ServerUnavailable, startOnFreePort } from './server.ts'

/**
 * The program to run. Debian's `redis-tools` holds the whole server under the name of its checking tool: the program looks at the
 * name that it was started by. That package, unlike `redis-server`, starts no daemon when it is installed.
 */
export function findRedis(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const names = ['redis-server', 'valkey-server', 'redis-check-rdb', 'valkey-check-rdb']
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync)
}

/**
 * A fresh, empty Redis on loopback that writes nothing to disk.
 * @throws ServerUnavailable when this machine has none.
 */
export async function startRedis(): Promise<Server> {
  const program = findRedis()
  if (program === undefined) {
    throw new ServerUnavailable(
      'there is no redis-server: install Redis, or run `npm test` as root on Debian, which brings it by apt',
    )
  }
  return startOnFreePort(
    'redis',
    (folder, port) => {
      const command = join(folder, 'redis-server')
      symlinkSync(program, command)
      const args = [
        '--bind',
        '127.0.0.1',
        '--port',
        String(port),
        '--save',
        '',
        '--appendonly',
        'no',
        '--daemonize',
        'no',
        '--dir',
        folder,
      ]
      return { command, args, readyLine: /Ready to accept connections/i }
    },
    (port) => `redis://127.0.0.1:${port}`,
  )
}
