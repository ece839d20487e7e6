// record-reader.ts <way> <url>: reads all records behind the URL in one of the ways that are compared, and tells what it took.
import { systemClock } from '@patchbay/core'
import { undiciTransport } from '@patchbay/core/http'
import { jsonRecords } from '@patchbay/core/streams'
import { idealSplit } from './ideal-splitter.ts'

export interface Taken {
  readonly records: number
  /** Sum of a field, so that nobody can leave the parsing out. */
  readonly check: number
  readonly cpuMs: number
  readonly wallMs: number
  readonly peakMiB: number
}

const [way = '', url = ''] = process.argv.slice(2)
const transport = undiciTransport({ clock: systemClock, allow: [{ cidr: '127.0.0.0/8' }] })
const path = 'data.records'
let records = 0
let check = 0
const take = (record: unknown): void => {
  records++
  check += (record as { id: number }).id
}

async function open(): Promise<AsyncIterable<Uint8Array>> {
  const { stream } = await transport.send({ method: 'GET', url, response: 'stream' })
  return stream as AsyncIterable<Uint8Array>
}

const ways: Readonly<Record<string, () => Promise<void>>> = {
  bare: async () => undefined,
  ideal: async () => idealSplit(await open(), take),
  batches: async () => {
    for await (const batch of jsonRecords(await open(), { path })) for (const record of batch) take(record)
  },
  records: async () => {
    for await (const record of jsonRecords(await open(), { path }).records()) take(record)
  },
  whole: async () => {
    const { body } = await transport.send({ method: 'GET', url, limits: { maxBodyBytes: 2 ** 30 } })
    const document = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'))
    for (const record of document.data.records) take(record)
  },
}

const cpuBefore = process.cpuUsage()
const before = performance.now()
await ways[way]?.()
const { user, system } = process.cpuUsage(cpuBefore)
const taken: Taken = {
  records,
  check,
  cpuMs: (user + system) / 1000,
  wallMs: performance.now() - before,
  peakMiB: process.resourceUsage().maxRSS / 1024,
}
await transport.close()
process.send?.(taken)
