// A body of any size, record by record, in little memory: JSON with its array somewhere inside, and one record per line.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { connect, defineConnector, operation, unchecked } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { type HttpClient, httpClient, path } from '@patchbay/core/http'
import { type JsonRecords, jsonRecords, ndjsonRecords, type RecordBatches } from '@patchbay/core/streams'
import { z } from 'zod'

const count = 200_000
interface Row {
  readonly id: number
  readonly name: string
}
/** Rows in chunks of a hundred, as a server sends them. */
function* chunks(separator: string): Generator<string> {
  for (let from = 0; from < count; from += 100) {
    const rows = Array.from({ length: 100 }, (_, index) => `{"id":${from + index},"name":"row ${from + index}"}`)
    yield rows.join(separator) + (from + 100 < count || separator === '\n' ? separator : '')
  }
}
function* document(): Generator<string> {
  yield '{"meta":{"account":"acme"},"data":{"rows":['
  yield* chunks(',')
  yield `]},"total":${count}}`
}
const server = createServer((request, response) => {
  response.setHeader('content-type', request.url === '/export' ? 'application/json' : 'application/x-ndjson')
  Readable.from(request.url === '/export' ? document() : chunks('\n')).pipe(response)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

// A streamed body is no data, so these operations are made from `operation` and the client, with `expect: 'stream'`.
const bytes = async (client: HttpClient, where: string, call: Parameters<HttpClient['send']>[1]) =>
  (await client.send({ path: where, expect: 'stream' }, call)).value as AsyncIterable<Uint8Array>
const connector = defineConnector({
  contract: 1,
  manifest: { id: 'api/export', title: 'Export', summary: 'Large answers.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'row.export': operation(
      { name: 'row.export', effect: 'read', input: z.undefined(), output: unchecked<JsonRecords<Row>>() },
      async (client: HttpClient, _, call) =>
        jsonRecords<Row>(await bytes(client, path`/export`, call), { path: 'data.rows' }),
    ),
    'row.lines': operation(
      { name: 'row.lines', effect: 'read', input: z.undefined(), output: unchecked<RecordBatches<Row>>() },
      async (client: HttpClient, _, call) => ndjsonRecords<Row>(await bytes(client, path`/lines`, call)),
    ),
  },
  open: async (config, env) => httpClient({ ...env, baseUrl: config.url }),
})
const connection = connect(connector, { config: { url }, network: { allow: [{ host: '127.0.0.1' }] } })

const before = process.memoryUsage().heapUsed
let most = 0
let rows = 0
const exported = await connection.row.export()
// Batches are what arrived together: several times cheaper than one record at a time.
for await (const batch of exported) {
  rows += batch.length
  most = Math.max(most, process.memoryUsage().heapUsed - before)
}
console.log(`${rows} records of one JSON document; around them stood ${JSON.stringify(exported.envelope)}`)
console.log(`the heap grew by less than ${Math.ceil(most / 2 ** 20 / 50) * 50} MiB, garbage included`)

let sum = 0
for await (const { id } of (await connection.row.lines()).records()) {
  sum += id
  // Leaving early closes the socket: the rest is not read.
  if (id === 9) break
}
console.log('sum of the first ten lines:', sum)
await connection.$close()
server.closeAllConnections()
server.close()
