import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { librariesOf, unpackedRoot } from './debian.ts'
import { type Server, startOnFreePort } from './server.ts'

// Debian compiled this folder into the program. The copy that runs here looks into its working folder instead, by a name of the same length.
const templates = '/usr/share/prometheus/alertmanager'
const here = `.${'/'.repeat(templates.length - 1)}`

/** An Alertmanager that notifies `webhook`, or nobody. @throws ServerUnavailable */
export async function startAlertmanager(webhook?: string): Promise<Server> {
  const root = unpackedRoot('prometheus-alertmanager')
  const receiver = webhook === undefined ? '' : `\n    webhook_configs: [{ url: '${webhook}', send_resolved: true }]`
  return startOnFreePort(
    'alertmanager',
    (folder, port) => {
      const config = `route: { receiver: all, group_wait: 1s, group_interval: 1s, repeat_interval: 1h, group_by: [alertname] }
receivers:
  - name: all${receiver}
`
      writeFileSync(join(folder, 'alertmanager.yml'), config)
      const program = readFileSync(join(root, 'usr/bin/prometheus-alertmanager'), 'latin1')
      const command = join(folder, 'alertmanager')
      writeFileSync(command, program.replaceAll(templates, here), { encoding: 'latin1', mode: 0o755 })
      for (const name of readdirSync(join(root, templates)).filter((file) => file.endsWith('.tmpl')))
        copyFileSync(join(root, templates, name), join(folder, name))
      return {
        command,
        args: [
          `--config.file=${join(folder, 'alertmanager.yml')}`,
          `--storage.path=${join(folder, 'data')}`,
          `--web.listen-address=127.0.0.1:${port}`,
          '--cluster.listen-address=',
        ],
        env: { LD_LIBRARY_PATH: librariesOf(root) },
        readyLine: /"Listening on"/,
      }
    },
    (port) => `http://127.0.0.1:${port}`,
  )
}
