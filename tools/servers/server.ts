import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A real server on loopback, with its data in a temporary folder. */
export interface Server {
  readonly host: string
  readonly port: number
  /** Connection string without TLS. */
  readonly url: string
  /** Process id of the server's supervisor. */
  readonly pid: number
  /** Ends the server and removes its data. Also happens when this process dies, however it dies. */
  stop(): Promise<void>
}

/** Why a server cannot be had on this machine, and what to do about it. */
export class ServerUnavailable extends Error {
  override readonly name = 'ServerUnavailable'
}

interface Account {
  readonly uid: number
  readonly gid: number
}

interface ServerStart {
  readonly folder: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly account?: Account | undefined
  /** Appears in the server's output once it accepts connections. */
  readonly readyLine: RegExp
}

/** A temporary folder that other accounts may enter, since a server may run as another one than we do. */
function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `patchbay-${name}-`))
  chmodSync(folder, 0o755)
  return folder
}

/** A port that was free a moment ago; {@link startOnFreePort} tries again when somebody else was faster. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  return address.port
}

async function start({
  folder,
  command,
  args,
  env,
  account,
  readyLine,
}: ServerStart): Promise<Omit<Server, 'host' | 'port' | 'url'>> {
  const user = account === undefined ? {} : { SUPERVISE_UID: String(account.uid), SUPERVISE_GID: String(account.gid) }
  const supervisor = spawn(process.execPath, [join(import.meta.dirname, 'supervise.ts'), folder, command, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env, ...user, NODE_OPTIONS: '' },
  })
  const ended = once(supervisor, 'exit')
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const giveUp = setTimeout(() => fail('did not answer within 30 s'), 30_000)
    const fail = (reason: string): void => {
      clearTimeout(giveUp)
      supervisor.stdin.end()
      reject(new Error(`${command} ${reason}\n${output}`))
    }
    const read = (text: Buffer): void => {
      output += text.toString()
      if (!readyLine.test(output)) return
      clearTimeout(giveUp)
      resolve()
    }
    supervisor.stdout.on('data', read)
    supervisor.stderr.on('data', read)
    // After the first answer this rejects a promise that has resolved, which is nothing.
    supervisor.on('exit', (status) => fail(`ended with status ${status}`))
  })
  supervisor.stdout.removeAllListeners('data').resume()
  supervisor.stderr.removeAllListeners('data').resume()
  // A test that forgets `stop` still ends: the supervisor sees its stdin close.
  supervisor.unref()
  for (const stream of [supervisor.stdin, supervisor.stdout, supervisor.stderr])
    (stream as unknown as { unref(): void }).unref()

  return {
    pid: supervisor.pid ?? 0,
    async stop() {
      supervisor.ref()
      supervisor.stdin.end()
      if (supervisor.exitCode === null && supervisor.signalCode === null) await ended
    },
  }
}

/** Starts a server on a free loopback port, in a folder of its own that `prepare` fills. */
export async function startOnFreePort(
  name: string,
  prepare: (folder: string, port: number) => Promise<Omit<ServerStart, 'folder'>> | Omit<ServerStart, 'folder'>,
  urlOf: (port: number) => string,
): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const folder = temporaryFolder(name)
    try {
      const port = await freePort()
      const running = await start({ folder, ...(await prepare(folder, port)) })
      return { ...running, host: '127.0.0.1', port, url: urlOf(port) }
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      if (attempt === 3 || !/address already in use/i.test(String(error))) throw error
    }
  }
}
