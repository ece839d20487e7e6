// A job that the vendor works on for a while: start it, wait for it, read its files. Killed in between, it goes on where it was.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJob } from '@patchbay/api/flows'
import { rest } from '@patchbay/api/rest'
import { connect } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { path } from '@patchbay/core/http'
import { sqliteStore } from '@patchbay/core/stores/sqlite'
import { faultServer } from '@patchbay/core/testing'
import { z } from 'zod'

let asked = 0
let started = 0
const fileOf = (number: number): string =>
  Array.from({ length: 5 }, (_, index) => JSON.stringify({ id: number * 5 + index })).join('\n')

await using vendor = await faultServer({
  answer: {
    'POST /exports': () => ({ status: 202, json: { id: `export-${++started}` } }),
    'GET /exports/{id}': () => ({ json: ++asked < 3 ? { state: 'running' } : { state: 'done', files: [0, 1, 2] } }),
    'GET /files/{number}': ({ params }) => ({ text: fileOf(Number(params.number)) }),
  },
})

const folder = await mkdtemp(join(tmpdir(), 'patchbay-example-'))
const store = sqliteStore({ file: join(folder, 'state.db') })
await using connection = connect(rest, {
  config: { url: vendor.origin },
  credential: bearer({ token: 'a-token' }),
  network: { allow: [{ host: '127.0.0.1' }] },
  store,
})

const job = z.object({ id: z.string() })
const status = z.object({ state: z.string(), files: z.array(z.number()).default([]) })
const order = z.object({ id: z.number() })

// Each function is one call under the policies. How they follow one another, and where it all stands, is the flow's business.
const orders = exportJob(connection, {
  key: 'acme/orders/2026-01',
  start: async (call) => (await connection.request.writeOnce({ path: '/exports', json: {}, schema: job }, call)).value,
  status: async ({ id }, call) =>
    (await connection.request.read({ path: path`/exports/${id}`, schema: status }, call)).value,
  isDone: ({ state }) => state === 'done' || state === 'failed',
  failure: ({ state }) => (state === 'failed' ? 'the vendor gives no reason' : undefined),
  chunks: (_job, { files }) => files,
  read: async (file, call) =>
    (await connection.request.read({ path: path`/files/${file}`, expect: 'ndjson', schema: order }, call)).value,
  batchSize: 2,
  pace: { intervalMs: 50 },
})

/** Reads; dies after `most` batches, as processes do. */
async function run(most = Number.POSITIVE_INFINITY): Promise<void> {
  const seen: number[] = []
  for await (const { records, index, ack } of orders) {
    if (index >= most) break
    seen.push(...records.map(({ id }) => id))
    // The records and the place become durable together.
    await ack({ with: records.map(({ id }) => ({ kind: 'put', key: `order/${id}`, value: JSON.stringify({ id }) })) })
  }
  console.log('handed over:', seen.join(' ') || 'nothing')
}

await run(4)
await run()
await run()
const stored = await store.list('order/', { limit: 1000 })
console.log('stored', stored.length, 'orders of', started, 'export')
await store.close()
await rm(folder, { recursive: true })
