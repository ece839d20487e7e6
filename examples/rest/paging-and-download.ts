// Any REST API by its base URL: typed answers, lists in pages, conditional writes, and a download that goes on after a break.
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { download } from '@patchbay/api/flows'
import { rest } from '@patchbay/api/rest'
import { connect, isPatchbayError } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { path } from '@patchbay/core/http'
import { faultServer } from '@patchbay/core/testing'
import { z } from 'zod'

const users = Array.from({ length: 7 }, (_, index) => ({ id: index + 1, name: `User ${index + 1}` }))
const report = Buffer.from('id,amount\n'.padEnd(200_000, '1,100\n'))
const etag = '"report-1"'

// A vendor on loopback, so that this program needs no account.
await using vendor = await faultServer({
  answer: {
    'GET /v1/users': ({ query }) => {
      const from = Number(query.get('offset'))
      return { json: { data: users.slice(from, from + Number(query.get('limit'))), total: users.length } }
    },
    'GET /v1/users/{id}': ({ params }) => ({
      json: users[Number(params.id) - 1],
      headers: { etag: `"user-${params.id}"` },
    }),
    'PUT /v1/users/{id}': ({ headers }) =>
      headers['if-match'] === '"user-2"' ? { json: users[1] } : { status: 412, json: { message: 'it was changed' } },
    'GET /v1/report.csv': ({ headers }) => {
      const from = headers['if-range'] === etag ? Number(/\d+/.exec(headers.range ?? '')?.[0] ?? 0) : 0
      if (from === 0) return { bytes: report, headers: { etag } }
      const range = `bytes ${from}-${report.byteLength - 1}/${report.byteLength}`
      return { status: 206, bytes: report.subarray(from), headers: { etag, 'content-range': range } }
    },
  },
})

await using connection = connect(rest, {
  config: { url: `${vendor.origin}/v1`, paging: { kind: 'offset', size: 3, total: 'total' }, items: 'data' },
  credential: bearer({ token: 'a-token' }),
  network: { allow: [{ host: '127.0.0.1' }] },
})

const user = z.object({ id: z.number(), name: z.string() })
// The schema types the answer, and checks it: another shape is a protocol error that names the field.
const second = await connection.resource.get({ path: path`/users/${2}`, schema: user })
console.log('read', second.value.name, 'with ETag', second.etag)

let names = 0
for await (const { name } of connection.resource.list({ path: '/users', schema: user })) names += name === '' ? 0 : 1
console.log('listed', names, 'users, page by page')

for (const ifMatch of [second.etag, '"user-1"']) {
  try {
    await connection.resource.replace({ path: path`/users/${2}`, json: { name: 'New' }, ifMatch })
    console.log('replaced, since it was still', ifMatch)
  } catch (error) {
    if (!isPatchbayError(error)) throw error
    console.log('not replaced:', error.kind, error.status)
  }
}

// The first answer breaks off in the middle; the second request asks for the rest.
const folder = await mkdtemp(join(tmpdir(), 'patchbay-example-'))
const to = join(folder, 'report.csv')
vendor.next('body-cut-length')
const done = await download(connection, {
  open: (part, call) => connection.resource.get({ path: '/report.csv', expect: 'stream', ...part }, call),
  to,
  checksum: { algorithm: 'sha256', value: createHash('sha256').update(report).digest('hex') },
})
const asked = vendor.ledger.requests.filter(({ target }) => target.endsWith('report.csv'))
console.log(
  'downloaded',
  done.bytes,
  'bytes in',
  asked.length,
  'requests; the same:',
  report.equals(await readFile(to)),
)
await rm(folder, { recursive: true })
