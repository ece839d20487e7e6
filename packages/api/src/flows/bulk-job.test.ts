import type { Store } from '@patchbay/core'
import { memoryStore } from '@patchbay/core/stores/memory'
import type { FakeAnswer } from '@patchbay/core/testing'
import { describe, expect, it } from 'vitest'
import { type BulkJobOptions, type BulkProgress, bulkJob, forgetJob } from './bulk-job.ts'
import { flowBench, Killed, killedBy, mortalStore } from './fixtures/flow-bench.ts'

interface Job {
  readonly id: string
}
interface Status {
  readonly state: string
  readonly rows: number
}
interface Row {
  readonly id: number
  readonly error?: string
}

const parts = [
  [1, 2],
  [3, 4],
  [5, 6],
]

/** A vendor of bulk jobs that honours keys: the same job or part under one key is one. */
function bulkVendor() {
  const jobs = new Map<string, { parts: Map<string, number[]>; closed: number; asked: number }>()
  const keys = new Map<string, string>()
  const count = { uploads: 0 }
  const answer: FakeAnswer = (request) => {
    const { method, path, headers } = request
    const key = headers['idempotency-key'] ?? ''
    const [, , id = '', what] = path.split('/')
    const job = jobs.get(id)
    if (method === 'POST' && path === '/jobs') {
      const known = keys.get(key) ?? `job-${jobs.size + 1}`
      keys.set(key, known)
      if (!jobs.has(known)) jobs.set(known, { parts: new Map(), closed: 0, asked: 0 })
      return { status: 201, json: { id: known } }
    }
    if (job === undefined) return { status: 404, json: {} }
    if (what === 'parts') {
      if (job.closed > 0) return { status: 409, json: { message: 'closed' } }
      job.parts.set(path, request.json() as number[])
      count.uploads++
      return { status: 204 }
    }
    if (what === 'close') {
      job.closed++
      return { status: 204 }
    }
    const rows = [...job.parts.values()].flat()
    if (what === 'results')
      return { text: rows.map((row) => JSON.stringify(row === 4 ? { id: row, error: 'no' } : { id: row })).join('\n') }
    return { json: { state: job.closed > 0 && ++job.asked > 2 ? 'done' : 'running', rows: rows.length } }
  }
  return { answer, jobs, uploads: () => count.uploads }
}

type Bench = ReturnType<typeof flowBench>

function jobOptions({ connection }: Bench, more: Partial<BulkJobOptions<Job, number[], Status, Row>> = {}) {
  const { request } = connection
  const options: BulkJobOptions<Job, number[], Status, Row> = {
    key: 'import',
    create: async (call) => (await request.writeOnce<Job>({ path: '/jobs', json: {} }, call)).value,
    parts: (from) => parts.slice(from),
    upload: (job, part, { number, ...call }) =>
      request.apply({ path: `/jobs/${job.id}/parts/${number}`, json: part, expect: 'nothing' }, call),
    close: (job, call) => request.apply({ path: `/jobs/${job.id}/close`, method: 'POST', expect: 'nothing' }, call),
    status: async (job, call) => (await request.read<Status>({ path: `/jobs/${job.id}` }, call)).value,
    isDone: ({ state }) => state === 'done' || state === 'failed',
    failure: ({ state }) => (state === 'failed' ? 'all rows are wrong' : undefined),
    async *results(job, _status, call) {
      const { value } = await request.read({ path: `/jobs/${job.id}/results`, expect: 'ndjson' }, call)
      yield* value.records() as AsyncIterable<Row>
    },
    ...more,
  }
  return options
}

describe('bulkJob', () => {
  it('creates, uploads, closes, waits and gives the rows', async () => {
    const vendor = bulkVendor()
    const bench = flowBench(vendor.answer, memoryStore())
    const phases: string[] = []
    const onProgress = ({ phase, parts: count }: BulkProgress): void => void phases.push(`${phase} ${count}`)
    const result = await bench.clock.runUntil(bulkJob(bench.connection, jobOptions(bench, { onProgress })))
    expect(phases).toEqual(['create 0', 'upload 0', 'upload 1', 'upload 2', 'upload 3', 'close 3', 'wait 3', 'done 3'])
    expect(result.status).toEqual({ state: 'done', rows: 6 })
    const rows: Row[] = []
    for await (const row of result.rows()) rows.push(row)
    expect(rows.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6])
    expect(rows[3]).toEqual({ id: 4, error: 'no' })
  })

  it('gives its result again without doing anything, until it is forgotten', async () => {
    const vendor = bulkVendor()
    const bench = flowBench(vendor.answer, memoryStore())
    await bench.clock.runUntil(bulkJob(bench.connection, jobOptions(bench)))
    const again = await bench.clock.runUntil(bulkJob(bench.connection, jobOptions(bench)))
    expect(again.job).toEqual({ id: 'job-1' })
    expect(vendor.jobs.size).toBe(1)
    await forgetJob(bench.connection, { key: 'import' })
    expect((await bench.clock.runUntil(bulkJob(bench.connection, jobOptions(bench)))).job).toEqual({ id: 'job-2' })
  })

  it.each([
    ['with the keys of its calls in the same store', true],
    ['with nothing but its own state', false],
  ])('loses and doubles nothing when it is killed at any write, %s', async (_title, keys) => {
    const total = await killedRuns(0, 'before', keys)
    expect(total.writes).toBeGreaterThan(keys ? 10 : 6)
    for (let at = 1; at <= total.writes; at++) {
      for (const moment of ['before', 'after'] as const) {
        const where = `killed ${moment} write ${at}`
        const { jobs, uploads } = await killedRuns(at, moment, keys)
        // Only the part that was under way comes again.
        expect(uploads(), where).toBeLessThanOrEqual(parts.length + 1)
        expect(jobs.size, where).toBe(1)
        const [job] = jobs.values()
        expect([...(job?.parts.values() ?? [])].flat().toSorted(), where).toEqual([1, 2, 3, 4, 5, 6])
      }
    }
  })

  it('asks a vendor without keys what it has', async () => {
    const vendor = bulkVendor()
    const store = memoryStore()
    const dying = flowBench(vendor.answer)
    const mortal = jobOptions(dying, { store: mortalStore(store, 2, 'before') })
    await expect(dying.clock.runUntil(bulkJob(dying.connection, mortal))).rejects.toBeInstanceOf(Killed)
    const bench = flowBench(vendor.answer, store)
    const found = await bench.clock.runUntil(
      bulkJob(
        bench.connection,
        jobOptions(bench, {
          find: async () => ({ id: 'job-1' }),
          create: () => Promise.reject(new Error('created twice')),
        }),
      ),
    )
    expect(found.job).toEqual({ id: 'job-1' })
  })

  it('ends with its signal, and goes on afterwards', async () => {
    const vendor = bulkVendor()
    const bench = flowBench(vendor.answer, memoryStore())
    const controller = new AbortController()
    const reason = new Error('enough')
    const onProgress = ({ parts: count }: BulkProgress): void => {
      if (count === 2) controller.abort(reason)
    }
    const work = bulkJob(bench.connection, jobOptions(bench, { signal: controller.signal, onProgress }))
    await expect(bench.clock.runUntil(work)).rejects.toBe(reason)
    expect(vendor.uploads()).toBe(2)
    expect((await bench.clock.runUntil(bulkJob(bench.connection, jobOptions(bench)))).status.rows).toBe(6)
    expect(vendor.uploads()).toBe(3)
    expect(bench.clock.pending.timers).toBe(0)
  })

  it('says why the job failed, and whose job it is', async () => {
    const vendor = bulkVendor()
    const bench = flowBench(vendor.answer, memoryStore())
    const failing = jobOptions(bench, { failure: () => 'all rows are wrong' })
    await expect(bench.clock.runUntil(bulkJob(bench.connection, failing))).rejects.toMatchObject({ code: 'job-failed' })
    const other = flowBench(bulkVendor().answer, memoryStore())
    const slow = jobOptions(other, {
      upload: () => new Promise((resolve) => void other.clock.timer(1000, () => resolve(undefined))),
    })
    const both = [1, 2].map(() => bulkJob(other.connection, slow))
    const outcomes = await other.clock.runUntil(Promise.allSettled(both))
    const lost = outcomes.filter(({ status }) => status === 'rejected')
    expect(lost).toMatchObject([{ reason: { kind: 'conflict', code: 'job-moved' } }])
    const homeless = flowBench(vendor.answer)
    await expect(bulkJob(homeless.connection, jobOptions(homeless))).rejects.toMatchObject({ kind: 'config' })
  })
})

/** Runs until it dies at a write, then again to the end. */
async function killedRuns(at: number, moment: 'before' | 'after', keys: boolean) {
  const vendor = bulkVendor()
  const store: Store = memoryStore()
  const mortal = mortalStore(store, at, moment)
  const start = (given: Store) => {
    const bench = flowBench(vendor.answer, keys ? given : undefined)
    return bench.clock.runUntil(bulkJob(bench.connection, jobOptions(bench, { store: given })))
  }
  if (at === 0) await start(mortal)
  else {
    expect(killedBy(await start(mortal).catch((error: unknown) => error))).toBe(true)
    await start(store)
  }
  return { ...vendor, writes: mortal.life.writes }
}
