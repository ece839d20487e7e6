import { gzipSync } from 'node:zlib'
import type { ExpectedError, FaultCase } from '../fault-case.ts'
import { dialectOf, envelope, goodRecord, json, type Reply, xml } from '../server/good-answer.ts'

const notUnderstood: ExpectedError = { kind: 'protocol', retry: 'never', sent: 'all' }
// The default for what only a connector can judge: never a silent success.
const unjudged: ExpectedError = { kind: 'unexpected', retry: 'never' }

let bomb: Buffer | undefined

/** 64 MiB of zeros in about 64 kB. Made once, when first asked for. */
function gzipBomb(): Buffer {
  bomb ??= gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 })
  return bomb
}

const loginPage = '<!doctype html><html><head><title>Sign in</title></head><body><form>Sign in</form></body></html>'

/** Answers with sound framing whose content is not what its status or type says. */
export const messageFaults: readonly FaultCase[] = [
  {
    id: 'json-cut',
    group: 'message',
    title: 'status 200 and a document that ends in the middle',
    layer: 'http',
    expected: notUnderstood,
    serve: (exchange) =>
      exchange.respond({ ...exchange.good, body: exchange.good.body.subarray(0, exchange.good.body.length >> 1) }),
  },
  {
    id: 'html-login',
    group: 'message',
    title: 'status 200 and an HTML login page',
    layer: 'http',
    expected: { ...notUnderstood, names: 'text/html' },
    serve: (exchange) =>
      exchange.respond({ status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from(loginPage) }),
  },
  {
    id: 'gzip-bad',
    group: 'message',
    title: 'Content-Encoding gzip, and the body is no gzip',
    layer: 'transport',
    expected: notUnderstood,
    serve: (exchange) =>
      exchange.respond({ ...exchange.good, headers: { ...exchange.good.headers, 'content-encoding': 'gzip' } }),
  },
  {
    id: 'gzip-bomb',
    group: 'message',
    title: '64 MiB out of 64 kB of gzip, above the cap of the client',
    layer: 'transport',
    expected: notUnderstood,
    client: { maxBodyBytes: 1024 * 1024 },
    serve: (exchange) =>
      exchange.respond({
        status: 200,
        headers: { ...exchange.good.headers, 'content-encoding': 'gzip' },
        body: gzipBomb(),
      }),
  },
]

/** Failures inside an answer of status 2xx. */
export const payloadFaults: readonly FaultCase[] = [
  {
    id: 'soap-fault-in-200',
    group: 'payload',
    title: 'a SOAP Fault with status 200',
    layer: 'connector',
    expected: unjudged,
    serve: (exchange) =>
      exchange.respond(
        xml(
          200,
          envelope(
            '<soap:Fault><faultcode>soap:Server</faultcode><faultstring>No such record</faultstring></soap:Fault>',
          ),
        ),
      ),
  },
  {
    id: 'graphql-errors-in-200',
    group: 'payload',
    title: 'GraphQL errors with status 200 and no data',
    layer: 'connector',
    expected: unjudged,
    serve: (exchange) =>
      exchange.respond(json(200, { data: null, errors: [{ message: 'No such record', path: ['record'] }] })),
  },
  {
    id: 'graphql-partial-data',
    group: 'payload',
    title: 'GraphQL data and errors together with status 200',
    layer: 'connector',
    expected: unjudged,
    serve: (exchange) =>
      exchange.respond(
        json(200, { data: { record: goodRecord, owner: null }, errors: [{ message: 'Not allowed', path: ['owner'] }] }),
      ),
  },
  {
    id: 'multi-status',
    group: 'payload',
    title: '207 with one item done and one refused',
    layer: 'connector',
    expected: unjudged,
    serve: (exchange) =>
      exchange.respond(
        json(207, {
          items: [
            { id: 'r-1', status: 201 },
            { id: 'r-2', status: 422, error: 'name is missing' },
          ],
        }),
      ),
  },
  drift('schema-drift-field-gone', 'a field of the answer is gone', 'name', undefined),
  drift('schema-drift-type-changed', 'a number of the answer became text', 'count', 'three'),
]

/** The good record with one field changed, in the dialect of the request. */
function drift(id: string, title: string, field: keyof typeof goodRecord, value: string | undefined): FaultCase {
  const record: Record<string, unknown> = { ...goodRecord, [field]: value }
  const reply = (dialect: ReturnType<typeof dialectOf>): Reply => {
    if (dialect === 'graphql') return json(200, { data: { record } })
    if (dialect === 'json') return json(200, record)
    const fields = Object.entries(record).filter(([, content]) => content !== undefined)
    const content = fields.map(([name, text]) => `<${name}>${String(text)}</${name}>`).join('')
    return xml(200, envelope(`<GetRecordResponse xmlns="urn:patchbay:test">${content}</GetRecordResponse>`))
  }
  return {
    id,
    group: 'payload',
    title,
    layer: 'connector',
    expected: { kind: 'protocol', retry: 'never', names: field },
    serve: (exchange) => exchange.respond(reply(dialectOf(exchange.request))),
  }
}
