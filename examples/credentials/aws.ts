// AWS Signature Version 4: signed requests, temporary keys from a function, a clock that is off, and URLs that carry their signature.
import { connect, defineConnector } from '@patchbay/core'
import { awsSigV4, presignAwsSigV4 } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path, segments } from '@patchbay/core/http'
import { fakeClock, fakeTransport } from '@patchbay/core/testing'
import { z } from 'zod'

const input = z.strictObject({ bucket: z.string(), key: z.string() })
const objects = defineConnector({
  contract: 1,
  manifest: { id: 'api/objects', title: 'Objects', summary: 'Speaks S3.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [awsSigV4.scheme],
  operations: {
    'object.put': httpOperation(
      { name: 'object.put', effect: 'idempotent', input: input.extend({ text: z.string() }), output: z.unknown() },
      {
        request: ({ bucket, key, text }) => ({
          method: 'PUT',
          // `segments` keeps the slashes of a key, and still lets nothing break out of the path.
          path: path`/${bucket}/${segments(key)}`,
          headers: { 'content-type': 'text/plain' },
          body: text,
          expect: 'nothing',
        }),
      },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

const clock = fakeClock('2026-03-01T12:00:00Z')
// The server's clock is an hour ahead; it refuses what is older than 15 minutes and tells its own time in Date.
const serverNow = (): number => clock.now() + 3_600_000
const stampOf = (text = ''): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
const transport = fakeTransport({
  'PUT /reports/2026/march.txt': ({ headers }) => {
    const late = Math.abs(serverNow() - stampOf(headers['x-amz-date'])) > 900_000
    return { status: late ? 403 : 200, headers: { date: new Date(serverNow()).toUTCString() } }
  },
})

// Temporary keys come from wherever the host has them (an instance's metadata, a role). Asked again before they end.
let asked = 0
const keys = async () => {
  asked++
  const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
  return {
    accessKeyId: `ASIAEXAMPLE${asked}`,
    secretAccessKey,
    sessionToken: 'session',
    expiresAt: clock.now() + 900_000,
  }
}
const connection = connect(objects, {
  config: { url: 'https://s3.eu-central-1.example' },
  credential: awsSigV4({ keys, region: 'eu-central-1', service: 's3' }),
  transport,
  clock,
})
const put = () => clock.runUntil(connection.object.put({ bucket: 'reports', key: '2026/march.txt', text: 'all well' }))
await put()
for (const { headers } of transport.requests) {
  const [algorithm = '', credential = ''] = (headers.authorization ?? '').split(/[ ,]/)
  console.log(headers['x-amz-date'], algorithm, credential, '| body', headers['x-amz-content-sha256']?.slice(0, 12))
}
console.log('the first was refused for its time, the second carries the time of the server; keys asked for:', asked)
await clock.advance(700_000)
await put()
console.log('keys asked for after 12 minutes:', asked)
await connection.$close()

// A URL for somebody without keys. It is a secret until it ends: keep it out of logs.
const fixed = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const url = await presignAwsSigV4(
  { ...fixed, region: 'us-east-1', service: 's3' },
  { method: 'GET', url: 'https://examplebucket.s3.example/test.txt', expiresInSeconds: 3_600 },
  { clock },
)
console.log('presigned:', [...new URL(url).searchParams.keys()].join(' '))
