import type { Call, HttpBody } from '@patchbay/core'
import type { ClientRequest } from '@patchbay/core/http'
import { claimOnce, isBodySource, type OnceBody, type RequestBody } from '../../request/body.ts'
import { type MultipartPart, multipartBody } from '../../request/multipart.ts'
import { inputFault, manifestFault } from '../manifest-fault.ts'
import type { Manifest, OperationEntry, Values } from '../manifest-parts.ts'
import { inPlace, type PlacedInput } from './input-places.ts'
import { compilePairs } from './query-writer.ts'
import { compileTree } from './tree-writer.ts'

/** What a body adds to a request. */
export interface WrittenBody {
  readonly json?: unknown
  readonly form?: ClientRequest['form']
  readonly body?: HttpBody | undefined
  readonly type?: string | undefined
  readonly length?: number | undefined
  /** A stream that can be sent once only. */
  readonly once?: OnceBody | undefined
}

export type BodyWriter = (values: Values, call: Call) => WrittenBody | undefined

/** How an operation writes its body; undefined when it never has one. */
export function compileBody(
  manifest: Manifest,
  operation: OperationEntry,
  inputs: readonly PlacedInput[],
  where: string,
): BodyWriter | undefined {
  const constants = Object.entries(operation.constants?.body ?? {})
  const kind = operation.body ?? kindOf(operation, inputs, constants.length > 0)
  const places = [
    ...inPlace(inputs, 'body').map(({ as, name }) => ({ path: as, input: name })),
    ...constants.map(([path, constant]) => ({ path, constant })),
  ]
  switch (kind) {
    case undefined:
      return undefined
    case 'json':
      return jsonBody(operation, inputs, places, where)
    case 'form': {
      const all = inputs.filter(({ entry }) => entry.in === 'form' || entry.in === 'body')
      const write = compilePairs(all, Object.fromEntries(constants), manifest.transport?.booleans)
      return (values) => ({ form: write(values) ?? {} })
    }
    case 'multipart':
      return multipart(inputs, constants)
    case 'ndjson': {
      const write = compileTree(places, where)
      return (values) => ({ body: lines(write(values)), type: 'application/x-ndjson' })
    }
    case 'text':
    case 'bytes': {
      const write = compileTree(places, where)
      const type = kind === 'text' ? 'text/plain; charset=utf-8' : 'application/octet-stream'
      return (values) => whole(write(values), type)
    }
  }
}

function kindOf(operation: OperationEntry, inputs: readonly PlacedInput[], constants: boolean): OperationEntry['body'] {
  const has = (place: PlacedInput['entry']['in']) => inputs.some(({ entry }) => entry.in === place)
  if (has('part')) return 'multipart'
  if (has('form')) return 'form'
  const called = operation.graphql !== undefined || operation.rpc !== undefined
  return called || has('body') || constants ? 'json' : undefined
}

type Places = Parameters<typeof compileTree>[0]

function jsonBody(
  operation: OperationEntry,
  inputs: readonly PlacedInput[],
  places: Places,
  where: string,
): BodyWriter {
  const { graphql, rpc } = operation
  if (graphql !== undefined) {
    const variables = compileTree(
      inPlace(inputs, 'variable').map(({ as, name }) => ({ path: as, input: name })),
      where,
    )
    return (values) => ({ json: { query: graphql, variables: variables(values) } })
  }
  if (rpc !== undefined) {
    const parameters = rpcParameters(inPlace(inputs, 'rpc'), where)
    // One call is one exchange, so nothing has to tell answers apart.
    return (values) => ({ json: { jsonrpc: '2.0', id: 1, method: rpc, params: parameters(values) } })
  }
  const write = compileTree(places, where)
  const whenEmpty = places.length > 0 && /^(?:POST|PUT|PATCH) /.test(operation.request) ? {} : undefined
  return (values) => ({ json: write(values) ?? whenEmpty })
}

/** By name, or by position where the vendor's names are 0, 1, 2 (JSON-RPC 2.0 section 4.2). */
function rpcParameters(inputs: readonly PlacedInput[], where: string): (values: Values) => unknown {
  const numbered = inputs.length > 0 && inputs.every(({ as }) => /^\d{1,2}$/.test(as))
  if (!numbered)
    return compileTree(
      inputs.map(({ as, name }) => ({ path: as, input: name })),
      where,
    )
  const names = inputs.toSorted((a, b) => Number(a.as) - Number(b.as)).map(({ name }) => name)
  if (inputs.some(({ as }) => Number(as) >= names.length))
    throw manifestFault(where, 'the positions of rpc inputs have gaps')
  return (values) => {
    const list = names.map((name) => values[name] ?? null)
    while (list.length > 0 && list.at(-1) === null) list.pop()
    return list
  }
}

function multipart(inputs: readonly PlacedInput[], constants: readonly (readonly [string, unknown])[]): BodyWriter {
  const parts = inputs.filter(({ entry }) => entry.in === 'part' || entry.in === 'body' || entry.in === 'form')
  return (values, call) => {
    const written: MultipartPart[] = constants.map(([name, value]) => ({ name, value: textOf(value) }))
    let once: WrittenBody['once']
    for (const { name, as, entry } of parts) {
      const value = values[name]
      if (value === undefined || value === null) continue
      for (const one of Array.isArray(value) ? value : [value]) {
        const isFile =
          entry.format === 'binary' ||
          (entry.items !== undefined && entry.items !== false && entry.items.format === 'binary')
        if (!isFile) written.push({ name: as, value: textOf(one) })
        else if (isStream(one)) {
          const body = claimOnce(one)
          once = body
          written.push({ name: as, value: { open: () => body }, fileName: as })
        } else written.push({ name: as, value: one as MultipartPart['value'], fileName: fileNameOf(one) ?? as })
      }
    }
    const source = multipartBody(written, call.scope.random)
    return { body: source.open(), type: source.type, length: source.size, once }
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)

const fileNameOf = (value: unknown): string | undefined => (value instanceof File ? value.name : undefined)

function isStream(value: unknown): value is AsyncIterable<Uint8Array> {
  return (
    typeof value === 'object' && value !== null && Symbol.asyncIterator in value && !isBodySource(value as RequestBody)
  )
}

function lines(value: unknown): string {
  if (value === undefined) return ''
  const list = Array.isArray(value) ? value : [value]
  return list.map((one) => `${JSON.stringify(one)}\n`).join('')
}

/** Text, bytes, a stream, or something that can be opened anew for each attempt. */
function whole(value: unknown, type: string): WrittenBody | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' || value instanceof Uint8Array) return { body: value, type }
  if (value instanceof Blob)
    return { body: value.stream() as unknown as HttpBody, type: value.type || type, length: value.size }
  if (typeof value === 'object' && value !== null) {
    if (isBodySource(value as RequestBody)) {
      const source = value as Extract<RequestBody, { open(): unknown }>
      return { body: source.open(), type: source.type ?? type, length: source.size }
    }
    if (isStream(value)) {
      const body = claimOnce(value)
      return { body, type, once: body }
    }
  }
  throw inputFault('', 'the body must be text, bytes or a stream of bytes')
}
