// Events: what happened and why, as CloudEvents for queues and files, and as OpenTelemetry spans and metrics. Free when nobody listens.
import { context, metrics, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { connect, defineConnector, systemClock, systemRandom } from '@patchbay/core'
import { toCloudEvent } from '@patchbay/core/cloud-events'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { instrument } from '@patchbay/core/otel'
import { fakeTransport } from '@patchbay/core/testing'
import { z } from 'zod'

const vendor = defineConnector({
  contract: 1,
  manifest: { id: 'api/vendor', title: 'Vendor', summary: 'Is busy at first.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'item.get': httpOperation(
      { name: 'item.get', effect: 'read', input: z.strictObject({ id: z.string() }), output: z.unknown() },
      { request: ({ id }) => ({ path: path`/items/${id}` }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})
const transport = fakeTransport({
  'GET /items/{id}': [{ status: 503, json: {} }, { json: { secret: 'of the customer' } }],
})
const connection = connect(vendor, {
  config: { url: 'https://vendor.example' },
  transport,
  tenant: 'acme',
  id: 'acme-vendor',
})

// One type, with its own payload type; `*` is all of them. A listener that throws is counted and disturbs nobody.
const quiet = connection.$events.on('decision', ({ policy, decision, reason, numbers }) =>
  console.log(policy, decision, reason, numbers),
)
const stop = connection.$events.on('*', (data, type) => {
  const event = toCloudEvent(type, data, { clock: systemClock, random: systemRandom })
  // No payload holds a secret, an input or an output: this line may go to any log.
  console.log(event.type, event.source, JSON.stringify(event.data).length, 'bytes of data')
})

// Your application sets these up; Patchbay only needs the API package, handed in.
const spans = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
const uninstrument = instrument(connection.$events, { trace, metrics, context })

await connection.item.get({ id: '1' })
quiet()
stop()
uninstrument()
for (const { name, attributes, events } of spans.getFinishedSpans())
  console.log(
    'span:',
    name,
    attributes,
    events.map((event) => event.name),
  )
await connection.$close()
console.log('listening:', connection.$events.listening)
