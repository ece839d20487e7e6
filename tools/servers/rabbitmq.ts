import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { librariesOf, unpackedRoot } from './debian.ts'
import { type Server, startOnFreePort } from './server.ts'

export interface RabbitMq extends Server {
  /** Of the account that may do everything; made up, and good on loopback only. */
  readonly user: { readonly name: string; readonly password: string }
}

/**
 * A RabbitMQ with its management API (the URL), everything on loopback: Erlang's port mapper too, which would else listen on every
 * address of the machine and outlive the server.
 * @throws ServerUnavailable
 */
export async function startRabbitMq(): Promise<RabbitMq> {
  const root = unpackedRoot('rabbitmq-server')
  const erlang = join(root, 'usr/lib/erlang')
  // Erlang's start scripts name the folder that they were made for.
  for (const script of erlangScripts(erlang)) {
    const text = readFileSync(script, 'utf8')
    if (text.includes('ROOTDIR=/usr/lib/erlang\n'))
      writeFileSync(script, text.replaceAll('ROOTDIR=/usr/lib/erlang\n', `ROOTDIR=${erlang}\n`))
  }
  const versions = join(root, 'usr/lib/rabbitmq/lib')
  const home = join(versions, readdirSync(versions)[0] ?? '')
  const server = await startOnFreePort(
    'rabbitmq',
    async (folder, port) => {
      const [amqp, distribution, mapper] = await freePorts(3)
      writeFileSync(
        join(folder, 'rabbitmq.conf'),
        `listeners.tcp.1 = 127.0.0.1:${amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${port}
management.rates_mode = basic
collect_statistics_interval = 1000
log.console = true
log.console.level = info
log.file = false
`,
      )
      writeFileSync(join(folder, 'enabled_plugins'), '[rabbitmq_management].\n')
      writeFileSync(join(folder, '.erlang.cookie'), 'only-on-loopback')
      chmodSync(join(folder, '.erlang.cookie'), 0o400)
      const run = join(folder, 'run.sh')
      // The mapper in the foreground first, so that nobody starts one in the background.
      writeFileSync(
        run,
        `epmd -address 127.0.0.1 -port ${mapper} &
'${home}/sbin/rabbitmq-server' &
trap 'exit 0' INT TERM
wait $!
`,
      )
      const at = (name: string): string => join(folder, name)
      return {
        command: '/bin/sh',
        args: [run],
        env: {
          PATH: `${erlang}/bin:${process.env.PATH ?? ''}`,
          HOME: folder,
          LD_LIBRARY_PATH: librariesOf(root),
          ERL_EPMD_ADDRESS: '127.0.0.1',
          ERL_EPMD_PORT: String(mapper),
          RABBITMQ_HOME: home,
          RABBITMQ_CONFIG_FILE: at('rabbitmq.conf'),
          RABBITMQ_ADVANCED_CONFIG_FILE: at('advanced.config'),
          RABBITMQ_CONF_ENV_FILE: at('none'),
          RABBITMQ_ENABLED_PLUGINS_FILE: at('enabled_plugins'),
          RABBITMQ_MNESIA_BASE: at('data'),
          RABBITMQ_LOG_BASE: at('log'),
          RABBITMQ_PID_FILE: at('pid'),
          RABBITMQ_GENERATED_CONFIG_DIR: at('generated'),
          RABBITMQ_FEATURE_FLAGS_FILE: at('feature-flags'),
          RABBITMQ_NODENAME: 'rabbit@localhost',
          RABBITMQ_DIST_PORT: String(distribution),
          RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
        },
        readyLine: /Server startup complete/,
      }
    },
    (port) => `http://127.0.0.1:${port}`,
  )
  return { ...server, user: { name: 'guest', password: 'guest' } }
}

function erlangScripts(erlang: string): string[] {
  const runtime = readdirSync(erlang).find((name) => name.startsWith('erts-')) ?? ''
  return [join(erlang, 'bin/erl'), join(erlang, runtime, 'bin/erl')].filter(existsSync)
}

async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(probes.map((probe) => once(probe, 'listening')))
  const ports = probes.map((probe) => (probe.address() as { port: number }).port)
  await Promise.all(probes.map((probe) => once(probe.close(), 'close')))
  return ports
}
