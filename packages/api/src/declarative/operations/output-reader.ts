import type { HttpHeaders, Schema } from '@patchbay/core'
import { unchecked } from '@patchbay/core'
import type { Attempt, CleanText, ClientRequest, Expected, HttpClient, Reply } from '@patchbay/core/http'
import { schemaOf } from '../../json-schema/compile-schema.ts'
import type { FieldSchema } from '../../json-schema/field-schema.ts'
import { decode, expected, type OutputForm } from '../answers/decode.ts'
import { type Unwrap, unwrapGraphql, unwrapRpc, usualCleaning } from '../answers/envelopes.ts'
import { compileSelector } from '../answers/read-value.ts'
import { type Manifest, type OperationEntry, schemaNamed, schemasOf } from '../manifest-parts.ts'

/** How the answers of an operation are read. */
export interface OutputReader {
  readonly expect: Expected
  readonly accept: readonly number[] | undefined
  /** From an answer to what callers get. A promise only for forms whose code is loaded when one comes. */
  read(reply: Reply, clean: CleanText): unknown
}

export function compileOutput(operation: OperationEntry, where: string): OutputReader {
  const { from, as = 'json', accept, headers } = operation.output ?? {}
  const select = from === undefined ? undefined : compileSelector(from, `${where}.output.from`)
  const unwrap = unwrapOf(operation)
  const found = (value: unknown): unknown => (select === undefined ? value : select(value))
  const names = headers === undefined ? undefined : Object.entries(headers)
  const whole = (value: unknown, reply: Reply): unknown =>
    names === undefined ? value : { value, headers: headersOf(names, reply.headers) }
  const read: OutputReader['read'] = isDecoded(as)
    ? async (reply) => whole(found(await decode(as, reply)), reply)
    : unwrap === undefined
      ? (reply) => whole(found(reply.value), reply)
      : (reply, clean) => whole(found(unwrap(reply.value, reply.status, clean)), reply)
  return { expect: expected[as], accept, read }
}

const isDecoded = (form: OutputForm): boolean => form === 'xml' || form === 'csv' || form === 'ndjson'

export function unwrapOf({ graphql, rpc }: OperationEntry): Unwrap | undefined {
  return graphql !== undefined ? unwrapGraphql : rpc !== undefined ? unwrapRpc : undefined
}

function headersOf(
  names: readonly (readonly [string, string])[],
  headers: HttpHeaders,
): Record<string, string | undefined> {
  return Object.fromEntries(
    names.map(([name, header]) => {
      const value = headers[header.toLowerCase()]
      return [name, typeof value === 'string' ? value : value?.[0]]
    }),
  )
}

/** The schema of what an operation gives, tolerant: vendors add fields without notice. */
export function outputSchema(manifest: Manifest, operation: OperationEntry): Schema {
  const { schema, headers, as } = operation.output ?? {}
  if (as === 'nothing' || as === 'bytes' || as === 'stream') return unchecked()
  const named = schemaNamed(schema as string | FieldSchema | undefined)
  if (headers === undefined)
    return named === undefined ? unchecked() : schemaOf(named, schemasOf(manifest), 'tolerant', { side: 'output' })
  const properties = { value: named ?? {}, headers: { type: 'object' as const } }
  return schemaOf({ type: 'object', properties, required: ['headers'] }, schemasOf(manifest), 'tolerant', {
    side: 'output',
  })
}

/** The schema of one record of a list. */
export function itemSchema(manifest: Manifest, operation: OperationEntry): Schema {
  const named = schemaNamed(operation.list?.schema as string | FieldSchema | undefined)
  return named === undefined ? unchecked() : schemaOf(named, schemasOf(manifest), 'tolerant', { side: 'output' })
}

/** A client whose answers are unwrapped and decoded before paging looks at them, so that all paths of a list are those of its value. */
export class ReadingClient implements HttpClient {
  readonly #client: HttpClient
  readonly #form: OutputForm
  readonly #unwrap: Unwrap | undefined

  constructor(client: HttpClient, form: OutputForm, unwrap: Unwrap | undefined) {
    this.#client = client
    this.#form = form
    this.#unwrap = unwrap
  }

  async send(request: ClientRequest, call: Attempt): Promise<Reply> {
    const vendor = new VendorTexts()
    const reply = await this.#client.send({ ...request, seen: vendor.seen }, call)
    const value = request.expect === expected[this.#form] ? await decode(this.#form, reply) : reply.value
    return { ...reply, value: this.#unwrap === undefined ? value : this.#unwrap(value, reply.status, vendor.clean) }
  }
}

/** Cleans the vendor's texts in errors of what the credential wrote. */
export class VendorTexts {
  clean: CleanText = usualCleaning

  readonly seen = (_response: unknown, clean: CleanText): void => {
    this.clean = clean
  }
}
