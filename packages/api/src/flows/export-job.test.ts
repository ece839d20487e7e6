import { Fault, type HttpResponse, type Store } from '@patchbay/core'
import { memoryStore } from '@patchbay/core/stores/memory'
import { describe, expect, it } from 'vitest'
import { type ExportJobOptions, type ExportProgress, exportJob } from './export-job.ts'
import { flowBench, killedBy, mortalStore, transportOf } from './fixtures/flow-bench.ts'

interface Job {
  readonly id: string
}
interface Status {
  readonly state: string
  readonly files: readonly string[]
}
interface Order {
  readonly id: number
}

const perFile = 7
const fileCount = 3
const all = Array.from({ length: perFile * fileCount }, (_, id) => ({ id }))

/** A vendor of exports whose downloads break now and then, in the middle of a line. */
function exportVendor(breaks: readonly number[] = []) {
  const state = { started: 0, keys: new Set<string>(), downloads: 0, asked: 0 }
  const json = (value: unknown): HttpResponse => ({
    status: 200,
    statusText: 'OK',
    headers: { 'content-type': 'application/json' },
    url: 'https://vendor.example/x',
    body: Buffer.from(JSON.stringify(value)),
    stream: undefined,
  })
  const transport = transportOf(async ({ url, method, headers }) => {
    const { pathname } = new URL(url)
    if (method === 'POST') {
      state.started++
      state.keys.add(String(headers?.['idempotency-key']))
      return json({ id: `export-${state.keys.size}` })
    }
    if (pathname.startsWith('/exports')) {
      const done = ++state.asked > 2
      return json({ state: done ? 'done' : 'running', files: done ? ['0', '1', '2'] : [] })
    }
    const file = Number(pathname.split('/').at(-1))
    const text = all
      .slice(file * perFile, (file + 1) * perFile)
      .map((order) => JSON.stringify(order))
      .join('\n')
    const broken = breaks.includes(++state.downloads)
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(text.slice(0, 25))
      if (broken) throw new Fault({ kind: 'network', code: 'ECONNRESET', sent: 'all' })
      yield Buffer.from(text.slice(25))
    }
    return { ...json(''), headers: {}, body: new Uint8Array(), stream: stream() }
  })
  return { state, transport }
}

function orders(bench: ReturnType<typeof flowBench>, more: Partial<ExportJobOptions<Job, Status, string, Order>> = {}) {
  const { request } = bench.connection
  return exportJob<Job, Status, string, Order>(bench.connection, {
    key: 'orders',
    start: async (call) => (await request.writeOnce<Job>({ path: '/exports', json: {} }, call)).value,
    status: async (job, call) => (await request.read<Status>({ path: `/exports/${job.id}` }, call)).value,
    isDone: ({ state }) => state === 'done',
    chunks: (_job, { files }) => files,
    read: async (file, call) =>
      (await request.read({ path: `/files/${file}`, expect: 'ndjson' }, call)).value as AsyncIterable<Order[]>,
    batchSize: 3,
    ...more,
  })
}

const unused = () => ({ json: {} })

async function read(bench: ReturnType<typeof flowBench>, more = {}): Promise<Order[]> {
  const seen: Order[] = []
  for await (const order of orders(bench, more).records()) seen.push(order)
  return seen
}

describe('exportJob', () => {
  it('starts, waits, and gives the records of all files in order', async () => {
    const vendor = exportVendor()
    const bench = flowBench(unused, memoryStore(), vendor.transport)
    const phases: string[] = []
    const onProgress = ({ phase, chunk, chunks }: ExportProgress): void =>
      void phases.push(`${phase} ${chunk}/${chunks}`)
    expect(await bench.clock.runUntil(read(bench, { onProgress }))).toEqual(all)
    expect(phases).toEqual(['start 0/0', 'wait 0/0', 'read 0/3', 'read 1/3', 'read 2/3', 'done 3/3'])
    expect(await bench.clock.runUntil(read(bench))).toEqual([])
    expect(vendor.state.started).toBe(1)
  })

  it('goes on in the middle of a file that broke', async () => {
    const vendor = exportVendor([1, 3, 4])
    const bench = flowBench(unused, memoryStore(), vendor.transport)
    expect(await bench.clock.runUntil(read(bench))).toEqual(all)
    expect(vendor.state.downloads).toBe(6)
    const stubborn = exportVendor([1, 2, 3, 4, 5, 6, 7, 8])
    const failing = flowBench(unused, memoryStore(), stubborn.transport)
    await expect(failing.clock.runUntil(read(failing, { failures: 2 }))).rejects.toMatchObject({ kind: 'network' })
  })

  it('loses and doubles nothing when it is killed at any write', async () => {
    const { writes } = await killedRuns(0, 'before')
    expect(writes).toBeGreaterThan(9)
    for (let at = 1; at <= writes; at++) {
      for (const moment of ['before', 'after'] as const) {
        const { effects, vendor } = await killedRuns(at, moment)
        expect(effects, `killed ${moment} write ${at}`).toEqual(all.map(({ id }) => String(id)))
        expect(vendor.state.keys.size, `killed ${moment} write ${at}`).toBe(1)
      }
    }
  })

  it('begins anew when it is forgotten', async () => {
    const vendor = exportVendor()
    const bench = flowBench(unused, memoryStore(), vendor.transport)
    await bench.clock.runUntil(read(bench))
    await orders(bench).forget()
    expect(await bench.clock.runUntil(read(bench))).toEqual(all)
    expect(vendor.state.keys.size).toBe(2)
  })

  it('ends with its signal and at its time, and goes on afterwards', async () => {
    const vendor = exportVendor()
    const bench = flowBench(unused, memoryStore(), vendor.transport)
    const controller = new AbortController()
    const reason = new Error('enough')
    bench.clock.timer(500, () => controller.abort(reason))
    await expect(bench.clock.runUntil(read(bench, { signal: controller.signal }))).rejects.toBe(reason)
    expect(bench.clock.monotonic()).toBe(500)
    await expect(bench.clock.runUntil(read(bench, { timeoutMs: 100 }))).rejects.toMatchObject({ code: 'flow-deadline' })
    expect(await bench.clock.runUntil(read(bench))).toEqual(all)
    expect(vendor.state.started).toBe(1)
    expect(bench.clock.pending.timers).toBe(0)
  })

  it('says when the export failed or became another one', async () => {
    const vendor = exportVendor()
    const bench = flowBench(unused, memoryStore(), vendor.transport)
    await expect(bench.clock.runUntil(read(bench, { failure: () => 'too large' }))).rejects.toMatchObject({
      code: 'job-failed',
    })
    const reader = orders(bench)
    const first = async (): Promise<void> => {
      for await (const batch of reader) {
        await batch.ack()
        return
      }
    }
    await bench.clock.runUntil(first())
    const empty = { read: async () => (async function* (): AsyncGenerator<Order[]> {})() }
    await expect(bench.clock.runUntil(read(bench, empty))).rejects.toMatchObject({ kind: 'conflict' })
  })
})

/** Runs until it dies at a write, then again to the end. What takes effect is in the same store as the cursor. */
async function killedRuns(at: number, moment: 'before' | 'after') {
  const vendor = exportVendor()
  const store: Store = memoryStore()
  const mortal = mortalStore(store, at, moment)
  const consume = async (bench: ReturnType<typeof flowBench>): Promise<void> => {
    for await (const batch of orders(bench)) {
      const effects = batch.records.map(({ id }) => ({ kind: 'append', log: 'effects', value: String(id) }) as const)
      await batch.ack({ with: effects })
    }
  }
  const first = flowBench(unused, mortal, vendor.transport)
  const work = first.clock.runUntil(consume(first))
  if (at === 0) await work
  else {
    expect(killedBy(await work.catch((error: unknown) => error))).toBe(true)
    const second = flowBench(unused, store, vendor.transport)
    await second.clock.runUntil(consume(second))
  }
  const effects = (await store.read('effects', 0, 1000)).map(({ value }) => value)
  return { effects, vendor, writes: mortal.life.writes }
}
