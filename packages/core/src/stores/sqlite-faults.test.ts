import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Worker } from 'node:worker_threads'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { Store } from '../store.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import { type SqliteStoreOptions, sqliteStore } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-sqlite-faults-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
const newFile = (): string => join(folder, `${files++}.db`)

function opened(options: SqliteStoreOptions): Store {
  const store = sqliteStore(options)
  onTestFinished(() => store.close())
  return store
}

const append = (store: Store, value: string) => store.write([[{ kind: 'append', log: 'log', value }]])

for (const thread of ['worker', 'main'] as const) {
  test(`a file of a newer version is refused and left alone (${thread})`, async () => {
    const file = newFile()
    await append(opened({ file }), 'x')
    const raw = new DatabaseSync(file)
    raw.exec('pragma user_version = 2')
    const store = opened({ file, thread })
    await expect(store.get('key')).rejects.toMatchObject({ kind: 'config', code: 'store-schema', retry: 'never' })
    await expect(append(store, 'x')).rejects.toThrow(/schema 2 .* update @patchbay\/core/)
    raw.exec('pragma user_version = 1')
    raw.close()
    expect(await store.read('log', 0)).toHaveLength(1)
  })

  test(`a file of another program is refused and left alone (${thread})`, async () => {
    const file = newFile()
    const raw = new DatabaseSync(file)
    raw.exec('create table meta (name, value)')
    raw.close()
    const before = readFileSync(file)
    await expect(append(opened({ file, thread }), 'x')).rejects.toMatchObject({ kind: 'config', code: 'store-schema' })
    expect(readFileSync(file).equals(before)).toBe(true)

    const text = newFile()
    writeFileSync(text, 'not a database '.repeat(100))
    await expect(append(opened({ file: text, thread }), 'x')).rejects.toMatchObject({
      kind: 'config',
      code: 'SQLITE_NOTADB',
    })
    const nowhere = join(folder, 'no', 'such', 'folder.db')
    await expect(append(opened({ file: nowhere, thread }), 'x')).rejects.toMatchObject({
      code: 'SQLITE_CANTOPEN',
      sent: 'none',
    })
  })

  test(`a file that another process keeps busy is reported, and works afterwards (${thread})`, async () => {
    const file = newFile()
    const store = opened({ file, thread, busyTimeoutMs: 50 })
    await append(store, 'x')
    const raw = new DatabaseSync(file)
    raw.exec('begin immediate')
    await expect(append(store, 'x')).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'SQLITE_BUSY',
      sent: 'none',
      retry: 'later',
    })
    expect(await store.read('log', 0)).toHaveLength(1)
    raw.exec('rollback')
    raw.close()
    await append(store, 'x')
    expect(await store.read('log', 0)).toHaveLength(2)
  })

  test(`a commit that the disk refuses rejects every waiter, and the file stays whole (${thread})`, async () => {
    const file = newFile()
    const program = join(import.meta.dirname, 'fixtures/full-disk-writer.ts')
    // The shell's limit on file sizes makes write() fail, as a full disk does.
    const script = `ulimit -f 600; exec "$0" "$@"`
    const { stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, program, file, thread], {
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    const { acknowledged, rejected, facts } = JSON.parse(stdout)
    expect(acknowledged).toBeGreaterThan(0)
    expect(rejected).toBeGreaterThan(100)
    for (const [kind, retry, sent] of facts) {
      expect([kind, retry]).toEqual(['unavailable', 'later'])
      expect(['none', 'maybe']).toContain(sent)
    }
    const store = opened({ file })
    const records = await store.read('log', 0, 1000)
    expect(records.length).toBeGreaterThanOrEqual(Math.min(acknowledged, 1000))
    await append(store, 'x')
  })
}

test('a worker that dies rejects all who wait for it, and the next call has another one', async () => {
  const workers: Worker[] = []
  const listen = (worker: Worker): void => void workers.push(worker)
  process.on('worker', listen)
  onTestFinished(() => void process.off('worker', listen))
  const store = opened({ file: newFile() })
  await append(store, 'before')
  const waiting = Array.from({ length: 50 }, () => append(store, 'during'))
  const also = store.trim('log', 0)
  await workers[0]?.terminate()
  const outcomes = await Promise.allSettled([...waiting, also])
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable', code: 'store-worker-ended' } })
  }
  await append(store, 'after')
  expect(workers).toHaveLength(2)
  const values = (await store.read('log', 0, 1000)).map(({ value }) => value)
  expect([values[0], values.at(-1)]).toEqual(['before', 'after'])
})

test('a store that nobody closed lets the process end, after what was asked of it', () => {
  const source = `import { sqliteStore } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)}
    const store = sqliteStore({ file: ${JSON.stringify(newFile())} })
    store.write([[{ kind: 'append', log: 'log', value: 'x' }]]).then(async () => console.log((await store.read('log', 0)).length))`
  const args = ['--input-type=module', '--eval', source]
  expect(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 10_000 })).toBe('1\n')
})

test('closing a store that was never used opens nothing', async () => {
  const store = sqliteStore({ file: join(folder, 'no', 'such', 'folder.db') })
  await store.close()
  await expect(store.get('key')).rejects.toMatchObject({ code: 'store-closed' })
})

test('expired entries leave the file as others are written', async () => {
  const clock = fakeClock()
  const file = newFile()
  const store = opened({ file, clock })
  const put = (name: string, ttlMs: number | undefined) =>
    store.write(Array.from({ length: 300 }, (_, at) => [{ kind: 'put', key: `${name} ${at}`, value: 'x', ttlMs }]))
  await put('short', 1000)
  await clock.advance(1000)
  await put('long', undefined)
  const raw = new DatabaseSync(file, { readOnly: true })
  onTestFinished(() => raw.close())
  expect(raw.prepare('select count(*) as entries from entries').get()).toEqual({ entries: 300 })
})

test('a wall clock that jumps moves expiry with it, so that a ttl means the same after a restart', async () => {
  const clock = fakeClock()
  const file = newFile()
  const before = sqliteStore({ file, clock })
  await before.write([[{ kind: 'put', key: 'key', value: 'x', ttlMs: 1000 }]])
  await before.close()
  const after = opened({ file, clock })
  clock.jump(999)
  expect(await after.get('key')).toBeDefined()
  clock.jump(1)
  expect(await after.get('key')).toBeUndefined()
})

test('trimming a long log lets other writes through', async () => {
  const store = opened({ file: newFile() })
  const groups = Array.from({ length: 50_000 }, (_, at) => [{ kind: 'append', log: 'log', value: String(at) }] as const)
  await store.write(groups)
  let trimmed = false
  const trim = store.trim('log', 45_000).then(() => {
    trimmed = true
  })
  await append(store, 'meanwhile')
  expect(trimmed).toBe(false)
  await trim
  expect((await store.read('log', 0, 1))[0]?.offset).toBe(45_001)
})
