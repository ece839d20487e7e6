import { type Call, Fault, type HttpBody } from '@patchbay/core'
import type { ClientRequest, Expected } from '@patchbay/core/http'
import { claimOnce, isBodySource, type OnceBody, type RequestBody } from './body.ts'
import { multipartBody } from './multipart.ts'
import type { Expectation, RequestInput } from './request-input.ts'

const wire: Readonly<Record<Expectation, Expected>> = {
  json: 'json',
  text: 'text',
  bytes: 'bytes',
  nothing: 'nothing',
  stream: 'stream',
  ndjson: 'stream',
  csv: 'stream',
  xml: 'bytes',
}

const accepted: Readonly<Partial<Record<Expectation, string>>> = {
  ndjson: 'application/x-ndjson, application/jsonl, application/json-seq;q=0.1, */*;q=0.1',
  csv: 'text/csv, */*;q=0.1',
  xml: 'application/xml, text/xml, */*;q=0.1',
}

export interface Prepared {
  readonly request: ClientRequest
  /** The body, where it can be sent once only. */
  readonly once: OnceBody | undefined
}

/** The request of an input. `idempotencyHeader` is sent with the call's key. */
export function clientRequest(
  input: RequestInput,
  usual: { readonly method: string; readonly idempotencyHeader?: string | undefined },
  call: Call,
): Prepared {
  const { path, link, query, json, form, limits, expect = 'json', ifNoneMatch } = input
  const method = input.method ?? usual.method
  const { body, headers, once } = bodyOf(input, call)
  if (accepted[expect] !== undefined) headers.accept ??= accepted[expect]
  conditions(input, headers)
  const reads = method === 'GET' || method === 'HEAD'
  const accept = ifNoneMatch !== undefined && reads ? [304, ...(input.accept ?? [])] : input.accept
  const { idempotencyHeader } = usual
  const request = { method, path, link, query, headers, json, form, body, limits, accept, idempotencyHeader }
  return { request: { ...request, expect: wire[expect] }, once }
}

function conditions({ ifMatch, ifNoneMatch, range, ifRange }: RequestInput, headers: Headers): void {
  if (ifMatch !== undefined) headers['if-match'] = ifMatch
  if (ifNoneMatch !== undefined) headers['if-none-match'] = ifNoneMatch
  if (ifRange !== undefined) headers['if-range'] = ifRange
  if (range === undefined) return
  const { from, to } = range
  if (!(Number.isSafeInteger(from) && from >= 0 && (to === undefined || (Number.isSafeInteger(to) && to >= from)))) {
    const message = 'give whole bytes, from 0, to not before from'
    throw new Fault({ kind: 'invalid-input', sent: 'none', issues: [{ path: 'range', message }] })
  }
  headers.range = `bytes=${from}-${to ?? ''}`
}

type Headers = Record<string, string | readonly string[]>

function bodyOf(
  input: RequestInput,
  call: Call,
): { body: HttpBody | undefined; headers: Headers; once: Prepared['once'] } {
  const headers: Headers = {}
  for (const [name, value] of Object.entries(input.headers ?? {})) headers[name.toLowerCase()] = value
  const given: RequestBody | undefined =
    input.multipart === undefined ? input.body : multipartBody(input.multipart, call.scope.random)
  if (given === undefined || typeof given === 'string' || given instanceof Uint8Array)
    return { body: given, headers, once: undefined }
  if (isBodySource(given)) {
    if (given.size !== undefined) headers['content-length'] = String(given.size)
    if (input.multipart !== undefined) headers['content-type'] = given.type as string
    else if (given.type !== undefined) headers['content-type'] ??= given.type
    return { body: given.open(), headers, once: undefined }
  }
  const body = claimOnce(given)
  return { body, headers, once: body }
}
