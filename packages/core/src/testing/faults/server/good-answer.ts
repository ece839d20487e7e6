import type { WireRequest } from './request-reader.ts'

/** A complete answer. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** The record that the server answers with when nothing is wrong; schema drift is measured against it. */
export const goodRecord = { id: 'r-1', name: 'Patchbay', count: 3 } as const

const soapNamespace = 'http://schemas.xmlsoap.org/soap/envelope/'

export type Dialect = 'json' | 'graphql' | 'soap'

/** What kind of client asks, so that one server serves REST, GraphQL and SOAP faces. */
export function dialectOf(request: WireRequest): Dialect {
  const type = request.headers['content-type'] ?? ''
  if (type.includes('xml') || request.headers.soapaction !== undefined) return 'soap'
  if (type.includes('json') && /^\s*[{[].*"query"\s*:/s.test(Buffer.from(request.body).toString('utf8')))
    return 'graphql'
  return 'json'
}

/** A sound answer in the dialect of the request. */
export function goodAnswer(request: WireRequest): Reply {
  const dialect = dialectOf(request)
  if (dialect === 'soap') {
    const { id, name, count } = goodRecord
    return xml(
      200,
      envelope(
        `<GetRecordResponse xmlns="urn:patchbay:test"><id>${id}</id><name>${name}</name><count>${count}</count></GetRecordResponse>`,
      ),
    )
  }
  return json(200, dialect === 'graphql' ? { data: { record: goodRecord } } : goodRecord)
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  }
}

export function text(status: number, content: string): Reply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(content) }
}

export function xml(status: number, text: string): Reply {
  return { status, headers: { 'content-type': 'text/xml; charset=utf-8' }, body: Buffer.from(text) }
}

export function envelope(content: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${soapNamespace}"><soap:Body>${content}</soap:Body></soap:Envelope>`
}
