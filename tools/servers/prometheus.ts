import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { librariesOf, unpackedRoot } from './debian.ts'
import { type Server, startOnFreePort } from './server.ts'

const scrapeItself = (port: number): string => `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: itself
    static_configs: [{ targets: ['127.0.0.1:${port}'], labels: { team: platform } }]
`
const rules = `groups:
  - name: always
    rules:
      - { alert: AlwaysFiring, expr: vector(1), labels: { severity: page }, annotations: { summary: for tests } }
      - { record: job:up:sum, expr: sum by (job) (up) }
`

/** A Prometheus that scrapes itself each second and has one firing alert. @throws ServerUnavailable */
export async function startPrometheus(): Promise<Server> {
  const root = unpackedRoot('prometheus')
  return startOnFreePort(
    'prometheus',
    (folder, port) => {
      writeFileSync(join(folder, 'prometheus.yml'), scrapeItself(port))
      writeFileSync(join(folder, 'rules.yml'), rules)
      return {
        command: join(root, 'usr/bin/prometheus'),
        args: [
          `--config.file=${join(folder, 'prometheus.yml')}`,
          `--storage.tsdb.path=${join(folder, 'data')}`,
          `--web.listen-address=127.0.0.1:${port}`,
          '--web.enable-admin-api',
          '--web.enable-lifecycle',
        ],
        env: { LD_LIBRARY_PATH: librariesOf(root) },
        readyLine: /Server is ready to receive web requests/,
      }
    },
    (port) => `http://127.0.0.1:${port}`,
  )
}
