import { Readable } from 'node:stream'
import { Fault, type Schema, validate } from '@patchbay/core'
import { mediaTypeOf, type Reply, readText } from '@patchbay/core/http'
import { ndjsonRecords, type RecordBatches } from '@patchbay/core/streams'
import { discard } from './body.ts'
import { CheckedBatches, protocolError } from './checked-batches.ts'
import type { APIAnswer, RequestInput } from './request-input.ts'

/** The answer as the caller asked for it. */
export async function answerOf({ expect, schema }: RequestInput, reply: Reply): Promise<APIAnswer<unknown>> {
  const { status, headers, url } = reply
  const etag = one(headers.etag)
  const location = one(headers.location)
  const value = status === 304 ? undefined : await readValue(reply, expect, schema)
  // Without fields that are undefined: only what is plain JSON is kept for a second call under the same idempotency key.
  return {
    status,
    headers,
    url,
    ...(value === undefined ? {} : { value }),
    ...(etag === undefined ? {} : { etag }),
    ...(location === undefined ? {} : { location }),
  } as APIAnswer<unknown>
}

const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0]

async function readValue(reply: Reply, expect: RequestInput['expect'], schema: Schema | undefined): Promise<unknown> {
  switch (expect) {
    case 'ndjson':
    case 'csv': {
      refusePage(reply, expect)
      const source = reply.value as AsyncIterable<Uint8Array>
      const batches = expect === 'ndjson' ? ndjsonRecords(source) : csvRecords(source)
      return schema === undefined ? batches : new CheckedBatches(batches, schema)
    }
    case 'xml':
      refusePage(reply, expect)
      return checked(schema, await xmlOf(reply))
    default:
      return checked(schema, reply.value)
  }
}

function checked(schema: Schema | undefined, value: unknown): unknown {
  return schema === undefined ? value : validate(schema, value, 'protocol', 'the answer of the vendor')
}

/** A login page with status 200 has no records, and would look like a few broken ones. */
function refusePage({ headers, status, value }: Reply, expect: string): void {
  const type = mediaTypeOf(headers['content-type'])?.essence
  if (type !== 'text/html' && type !== 'application/xhtml+xml') return
  discard(value)
  const message = `the vendor answered with ${type} where ${expect} was expected`
  throw new Fault({ kind: 'protocol', code: 'content-type', status, sent: 'all', message })
}

/** Records of a CSV body with a header line (RFC 4180), as text by column name. */
function csvRecords(source: AsyncIterable<Uint8Array>): RecordBatches<Readonly<Record<string, string>>> {
  const batches = async function* (): AsyncGenerator<readonly Readonly<Record<string, string>>[]> {
    const { parse } = await import('csv-parse')
    const parser = parse({ columns: true, bom: true, skip_empty_lines: true, max_record_size: 16 * 1024 * 1024 })
    const input = Readable.from(source, { objectMode: false })
    // An error of the source must reach whoever reads the records.
    input.once('error', (error) => parser.destroy(error))
    let batch: Readonly<Record<string, string>>[] = []
    try {
      for await (const record of input.pipe(parser)) {
        batch.push(record as Readonly<Record<string, string>>)
        if (batch.length < batchSize) continue
        yield batch
        batch = []
      }
      if (batch.length > 0) yield batch
    } catch (error) {
      throw csvError(error)
    } finally {
      input.destroy()
      parser.destroy()
    }
  }
  return new CheckedBatches(batches())
}

const batchSize = 500

function csvError(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code
  const lines = (error as { lines?: unknown } | null)?.lines
  // The library's message quotes the line.
  return typeof code === 'string' && code.startsWith('CSV_')
    ? protocolError('bad-csv', `the CSV is broken${typeof lines === 'number' ? ` at line ${lines}` : ''} (${code})`)
    : error
}

async function xmlOf({ status, headers, value }: Reply): Promise<unknown> {
  const { parseXml, XmlRefusal } = await import('../connectors/soap/xml/parse-xml.ts')
  try {
    return parseXml(readText({ status, headers, body: value as Uint8Array }), {}, 'skip')
  } catch (error) {
    if (!(error instanceof XmlRefusal)) throw error
    throw new Fault({
      kind: 'protocol',
      code: 'bad-xml',
      status,
      sent: 'all',
      message: `the XML of the vendor ${error.message}`,
    })
  }
}
