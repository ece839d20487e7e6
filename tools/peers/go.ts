import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Peer } from './peers.ts'
import { lastLines, run } from './run.ts'

/** Builds the program in `folder` once per content of its files and version of Go. */
export async function prepareGo(folder: string, cache: string): Promise<Peer> {
  const { ok, stdout } = await run('go', ['env', 'GOVERSION'], { env: { GOTOOLCHAIN: 'local' } })
  if (!ok) return { missing: 'there is no Go' }
  const hash = createHash('sha256').update(stdout)
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)))
  const path = join(cache, `go-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(path)) return { path }

  mkdirSync(cache, { recursive: true })
  console.error('patchbay: building the peer that is written in Go')
  const aside = `${path}.${process.pid}`
  const homeless = existsSync(homedir()) ? {} : { GOCACHE: join(cache, 'go-build'), GOPATH: join(cache, 'go-path') }
  const env = { GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly', CGO_ENABLED: '0', ...homeless }
  const built = await run('go', ['build', '-o', aside, '.'], { cwd: folder, env })
  if (!built.ok) return { missing: `go build failed: ${lastLines(built.output, 5)}` }
  renameSync(aside, path)
  return { path }
}
