import { Fault } from '@patchbay/core'
import { type Expected, mediaTypeOf, type Reply } from '@patchbay/core/http'
import type { OutputEntry } from '../manifest-parts.ts'

export type OutputForm = NonNullable<OutputEntry['as']>

/** What the transport reads for each form of an output. */
export const expected: Readonly<Record<OutputForm, Expected>> = {
  json: 'json',
  text: 'text',
  bytes: 'bytes',
  stream: 'stream',
  nothing: 'nothing',
  xml: 'text',
  csv: 'text',
  ndjson: 'text',
}

/** Turns the text of an answer into a value where JSON.parse was not asked for. The code of rare forms is loaded when one comes. */
export function decode(form: OutputForm, reply: Reply): unknown {
  switch (form) {
    case 'ndjson':
      return ndjson(textOf(reply, form), reply)
    case 'csv':
      return csv(textOf(reply, form), reply)
    case 'xml':
      return xml(textOf(reply, form), reply)
    default:
      return reply.value
  }
}

/** A login page with status 200 is no list of records. */
function textOf(reply: Reply, form: OutputForm): string {
  const type = mediaTypeOf(reply.headers['content-type'])?.essence
  if (type !== 'text/html' && type !== 'application/xhtml+xml') return String(reply.value)
  throw broken('content-type', `the vendor answered with ${type} where ${form} was expected`, reply)
}

function ndjson(text: string, reply: Reply): readonly unknown[] {
  const values: unknown[] = []
  let number = 0
  for (const line of text.split('\n')) {
    number++
    if (line.trim() === '') continue
    try {
      values.push(JSON.parse(line))
    } catch {
      throw broken('bad-json', `line ${number} of the answer is no JSON`, reply)
    }
  }
  return values
}

async function csv(text: string, reply: Reply): Promise<readonly unknown[]> {
  const { parse } = await import('csv-parse/sync')
  try {
    return parse(text, { columns: true, bom: true, skip_empty_lines: true })
  } catch (error) {
    // The library's message quotes the line.
    const { code, lines } = error as { readonly code?: unknown; readonly lines?: unknown }
    if (typeof code !== 'string' || !code.startsWith('CSV_')) throw error
    throw broken('bad-csv', `the CSV is broken${typeof lines === 'number' ? ` at line ${lines}` : ''} (${code})`, reply)
  }
}

async function xml(text: string, reply: Reply): Promise<unknown> {
  const [{ parseXml, XmlRefusal }, { xmlValue }] = await Promise.all([
    import('../../connectors/soap/xml/parse-xml.ts'),
    import('./xml-value.ts'),
  ])
  try {
    return xmlValue(parseXml(text, {}, 'skip'))
  } catch (error) {
    if (!(error instanceof XmlRefusal)) throw error
    throw broken('bad-xml', `the XML of the vendor ${error.message}`, reply)
  }
}

const broken = (code: string, message: string, { status }: Reply): Fault =>
  new Fault({ kind: 'protocol', code, status, sent: 'all', message })
