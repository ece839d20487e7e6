import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { librariesOf, unpackedRoot } from './debian.ts'
import { type Server, startOnFreePort } from './server.ts'

export interface Icinga2 extends Server {
  /** PEM of the authority that signed the server's certificate, whose name is `localhost`. */
  readonly ca: string
  /** Made up, and good on loopback only. */
  readonly user: { readonly name: string; readonly password: string }
  /** PEM: logs in by certificate, as the user `machine`. */
  readonly client: { readonly certificate: string; readonly key: string }
}

const configuration = (port: number): string => `const NodeName = "localhost"
const ZoneName = "localhost"
object Endpoint NodeName { }
object Zone ZoneName { endpoints = [ NodeName ] }
object ApiListener "api" {
  bind_host = "127.0.0.1"
  bind_port = ${port}
}
object ApiUser "root" {
  password = "made-up"
  permissions = [ "*" ]
}
object ApiUser "machine" {
  client_cn = "machine"
  permissions = [ "*" ]
}
object IcingaApplication "app" { }
object CheckerComponent "checker" { }
object CheckCommand "ok" { command = [ "/bin/echo", "all is well" ] }
object CheckCommand "broken" { command = [ "/bin/false" ] }
object Host "router" {
  address = "127.0.0.1"
  check_command = "ok"
  check_interval = 1
}
object Service "disk" {
  host_name = "router"
  check_command = "broken"
  check_interval = 1
  retry_interval = 1
  max_check_attempts = 1
}
object User "oncall" { email = "oncall@example.com" }
`

/** An Icinga 2 with its API over TLS, one host and one failing service. @throws ServerUnavailable */
export async function startIcinga2(): Promise<Icinga2> {
  const root = unpackedRoot('icinga2-bin')
  const libraries = librariesOf(root)
  const triplet = readdirSync(join(root, 'usr/lib')).find((name) => name.endsWith('-linux-gnu')) ?? ''
  const program = join(root, 'usr/lib', triplet, 'icinga2/sbin/icinga2')
  let made: Pick<Icinga2, 'ca' | 'client'> | undefined
  const server = await startOnFreePort(
    'icinga2',
    (folder, port) => {
      const { username } = userInfo()
      const folders = { DataDir: 'data', LogDir: 'log', CacheDir: 'cache', InitRunDir: 'run', SpoolDir: 'spool' }
      const settings = Object.entries(folders).flatMap(([name, own]) => ['-D', `${name}=${join(folder, own)}`])
      const options = [...settings, '-D', `RunAsUser=${username}`, '-D', `RunAsGroup=${username}`]
      const certificates = join(folder, 'data/certs')
      for (const own of ['data/certs', 'data/ca', 'log', 'cache', 'run', 'spool'])
        mkdirSync(join(folder, own), { recursive: true })
      const icinga = (...args: string[]): void => {
        const done = spawnSync(program, [...args, ...options], {
          encoding: 'utf8',
          env: { ...process.env, LD_LIBRARY_PATH: libraries },
        })
        if (done.status !== 0) throw new Error(`icinga2 ${args.join(' ')}: ${done.stdout}${done.stderr}`)
      }
      const file = (name: string): string => join(certificates, name)
      icinga('pki', 'new-ca')
      for (const name of ['localhost', 'machine']) {
        icinga('pki', 'new-cert', '--cn', name, '--key', file(`${name}.key`), '--csr', file(`${name}.csr`))
        icinga('pki', 'sign-csr', '--csr', file(`${name}.csr`), '--cert', file(`${name}.crt`))
      }
      copyFileSync(join(folder, 'data/ca/ca.crt'), file('ca.crt'))
      const read = (name: string): string => readFileSync(file(name), 'utf8')
      made = { ca: read('ca.crt'), client: { certificate: read('machine.crt'), key: read('machine.key') } }
      writeFileSync(join(folder, 'icinga2.conf'), configuration(port))
      return {
        command: program,
        args: ['daemon', '-c', join(folder, 'icinga2.conf'), ...options],
        env: { LD_LIBRARY_PATH: libraries },
        readyLine: /Activated all objects/,
      }
    },
    (port) => `https://localhost:${port}`,
  )
  if (made === undefined) throw new Error('icinga2 made no certificates')
  return { ...server, ...made, user: { name: 'root', password: 'made-up' } }
}
