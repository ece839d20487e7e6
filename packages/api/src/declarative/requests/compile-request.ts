import type { Call } from '@patchbay/core'
import type { ClientRequest } from '@patchbay/core/http'
import { manifestFault } from '../manifest-fault.ts'
import type { Manifest, OperationEntry, Values } from '../manifest-parts.ts'
import { type BodyWriter, compileBody, type WrittenBody } from './body-writer.ts'
import { headerName, headerValue } from './header-value.ts'
import { inPlace, type PlacedInput, placedInputs } from './input-places.ts'
import { compilePath, type Placeholder } from './path-template.ts'
import { arrayStyles, compilePairs } from './query-writer.ts'

/** A request as an operation states it, with what only the engine needs to know of its body. */
export interface DeclaredRequest extends ClientRequest {
  readonly once?: WrittenBody['once']
}

export type RequestWriter = (input: Values, call: Call) => DeclaredRequest

const requestForm = /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (\/[^\s#?]*)(?:\?([^\s#]*))?$/

/** Method, path and fixed query of `GET /things/{id}?view=full`. */
export function splitRequest(request: string, where: string) {
  const match = requestForm.exec(request)
  if (match === null) throw manifestFault(where, 'must be a method and a path, such as GET /incidents/{id}')
  const [, method = '', path = '', query = ''] = match
  return { method, path, query: Object.fromEntries(new URLSearchParams(query)) }
}

/** Compiles what an operation sends to one closure. `more`: what the way in which the answer is read adds. */
export function compileRequest(
  manifest: Manifest,
  name: string,
  operation: OperationEntry,
  apiVersion: string | undefined,
  more: Pick<ClientRequest, 'expect' | 'accept'>,
): RequestWriter {
  const where = `operations.${name}`
  const inputs = placedInputs(operation, where)
  const { method, path: template, query: fixed } = splitRequest(operation.request, `${where}.request`)
  const path = compilePath(template, placeholders(inputs, apiVersion), `${where}.request`)
  const { booleans, arrays: usual } = manifest.transport ?? {}
  const query = compilePairs(inPlace(inputs, 'query'), { ...fixed, ...operation.constants?.query }, booleans)
  const arrays = arrayStyles(inputs, usual)
  const headers = compileHeaders(operation, inPlace(inputs, 'header'), where)
  const body = compileBody(manifest, operation, inputs, where)
  const { idempotencyHeader, contentType } = operation
  const { expect, accept } = more
  if (body === undefined)
    return (input) => ({
      method,
      path: path(input),
      query: query(input),
      arrays,
      headers: headers?.(input),
      expect,
      accept,
      idempotencyHeader,
    })
  return (input, call) => {
    const written = body(input, call)
    return {
      method,
      path: path(input),
      query: query(input),
      arrays,
      headers: withBody(headers?.(input), written, contentType),
      json: written?.json,
      form: written?.form,
      body: written?.body,
      expect,
      accept,
      idempotencyHeader,
      once: written?.once,
    }
  }
}

type Headers = Record<string, string>

function withBody(
  headers: Headers | undefined,
  body: ReturnType<BodyWriter>,
  contentType: string | undefined,
): Headers | undefined {
  // The boundary of a multipart body is part of its type.
  const type = body?.type?.startsWith('multipart/') === true ? body.type : (contentType ?? body?.type)
  if (body === undefined || (type === undefined && body.length === undefined)) return headers
  return {
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(body.length === undefined ? {} : { 'content-length': String(body.length) }),
    ...headers,
  }
}

function placeholders(
  inputs: readonly PlacedInput[],
  apiVersion: string | undefined,
): (name: string) => Placeholder | undefined {
  const ofPath = inPlace(inputs, 'path')
  return (name) => {
    const input = ofPath.find(({ as }) => as === name) ?? ofPath.find((one) => one.name === name)
    if (input !== undefined) return { input: input.name }
    return name === 'apiVersion' && apiVersion !== undefined ? { text: apiVersion } : undefined
  }
}

function compileHeaders(
  operation: OperationEntry,
  inputs: readonly PlacedInput[],
  where: string,
): ((values: Values) => Headers | undefined) | undefined {
  const fixed: Headers = {}
  for (const [name, value] of Object.entries(operation.constants?.headers ?? {}))
    fixed[headerName(name, `${where}.constants.headers`)] = headerValue(value, name)
  if (operation.accept !== undefined) fixed.accept = headerValue(operation.accept, 'accept')
  const writers = inputs.map(({ name, as }) => [name, headerName(as, `${where}.input.${name}`)] as const)
  if (writers.length === 0) return Object.keys(fixed).length === 0 ? undefined : () => fixed
  return (values) => {
    const headers = { ...fixed }
    for (const [name, as] of writers) {
      const value = values[name]
      if (value !== undefined && value !== null) headers[as] = headerValue(value, name)
    }
    return headers
  }
}
