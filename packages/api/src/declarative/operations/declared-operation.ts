import {
  type Call,
  type Effect,
  type Operation,
  type OperationSpec,
  type PagedOperation,
  type Risk,
  type Schema,
  unchecked,
} from '@patchbay/core'
import {
  type CleanText,
  type HttpClient,
  type HttpPage,
  type Paging,
  pagedHttpOperation,
  pathReader,
} from '@patchbay/core/http'
import { withoutRetry } from '../../request/body.ts'
import { expected } from '../answers/decode.ts'
import { usualCleaning } from '../answers/envelopes.ts'
import { compileSelector } from '../answers/read-value.ts'
import type { DeclaredClient } from '../declared-client.ts'
import { manifestFault } from '../manifest-fault.ts'
import type { Manifest, OperationEntry, Values } from '../manifest-parts.ts'
import { chunkForm, declaredPaging, itemsPath } from '../pagination/declared-paging.ts'
import { compileRequest, type DeclaredRequest } from '../requests/compile-request.ts'
import { compiledInput } from './input-schema.ts'
import { compileOutput, itemSchema, outputSchema, ReadingClient, unwrapOf } from './output-reader.ts'

type Run = (client: DeclaredClient, input: Values, call: Call) => Promise<unknown>

/** What callers and policies read of an operation; schemas are compiled when the first call asks for them. */
class DeclaredSpec implements OperationSpec<Values, unknown, Risk> {
  readonly name: string
  readonly effect: Effect
  readonly risk?: Risk
  readonly idempotency?: 'vendor-key'
  readonly cost?: number
  readonly scopes?: readonly string[]
  readonly summary: string
  readonly #makeInput: () => Schema<Values, Values>
  readonly #makeOutput: () => Schema
  #input: Schema<Values, Values> | undefined
  #output: Schema | undefined

  constructor(name: string, entry: OperationEntry, makeInput: () => Schema<Values, Values>, makeOutput: () => Schema) {
    const { effect, risk, idempotencyHeader, cost, scopes, summary } = entry
    this.name = name
    this.effect = effect
    this.summary = summary
    if (risk !== undefined) this.risk = risk
    if (idempotencyHeader !== undefined) this.idempotency = 'vendor-key'
    if (cost !== undefined) this.cost = cost
    if (scopes !== undefined) this.scopes = scopes
    this.#makeInput = makeInput
    this.#makeOutput = makeOutput
  }

  get input(): Schema<Values, Values> {
    this.#input ??= this.#makeInput()
    return this.#input
  }

  get output(): Schema {
    this.#output ??= this.#makeOutput()
    return this.#output
  }
}

/** Something compiled for each version of the vendor's API that connections use; nearly always there is one. */
class PerVersion<T> {
  readonly #compile: (apiVersion: string | undefined) => T
  readonly #others = new Map<string | undefined, T>()
  #version: string | undefined
  #first: T | undefined

  constructor(compile: (apiVersion: string | undefined) => T) {
    this.#compile = compile
  }

  for(apiVersion: string | undefined): T {
    if (this.#first !== undefined && this.#version === apiVersion) return this.#first
    let made = this.#others.get(apiVersion)
    if (made === undefined) {
      made = this.#compile(apiVersion)
      if (this.#first === undefined) {
        this.#first = made
        this.#version = apiVersion
      }
      this.#others.set(apiVersion, made)
    }
    return made
  }
}

/** One operation of a manifest. Everything behind it is compiled at its first call. */
export function declaredOperation(
  manifest: Manifest,
  name: string,
  entry: OperationEntry,
): Operation<Values, unknown, DeclaredClient> {
  return entry.list === undefined
    ? new SingleOperation(manifest, name, entry)
    : new ListOperation(manifest, name, entry)
}

class SingleOperation implements Operation<Values, unknown, DeclaredClient> {
  readonly spec: DeclaredSpec
  readonly #runs: PerVersion<Run>

  constructor(manifest: Manifest, name: string, entry: OperationEntry) {
    this.spec = new DeclaredSpec(
      name,
      entry,
      () => compiledInput(manifest, entry),
      () => outputSchema(manifest, entry),
    )
    this.#runs = new PerVersion((version) => compileRun(manifest, name, entry, version))
  }

  run(client: DeclaredClient, input: Values, call: Call): Promise<unknown> {
    return this.#runs.for(client.apiVersion)(client, input, call)
  }
}

function compileRun(manifest: Manifest, name: string, entry: OperationEntry, version: string | undefined): Run {
  refuseSoap(name, entry)
  const { expect, accept, read } = compileOutput(entry, `operations.${name}`)
  const write = compileRequest(manifest, name, entry, version, { expect, accept })
  const { origin } = entry
  if (unwrapOf(entry) !== undefined) {
    return async (client, input, call) => {
      const vendor = new VendorTexts()
      const reply = await send(client.at(origin), { ...write(input, call), seen: vendor.seen }, call)
      return read(reply, vendor.clean)
    }
  }
  return async (client, input, call) => {
    const request = write(input, call)
    const to = origin === undefined ? client.http : client.at(origin)
    const reply = request.once === undefined ? await to.send(request, call) : await send(to, request, call)
    return read(reply, usualCleaning)
  }
}

/** Cleans the vendor's texts in errors of what the credential wrote. */
class VendorTexts {
  clean: CleanText = usualCleaning

  readonly seen = (_response: unknown, clean: CleanText): void => {
    this.clean = clean
  }
}

/** A stream that has begun to go out cannot go out again. */
async function send(client: HttpClient, { once, ...request }: DeclaredRequest, call: Call) {
  try {
    return await client.send(request, call)
  } catch (thrown) {
    throw once === undefined ? thrown : withoutRetry(thrown, once.source, once.body)
  }
}

type Page = HttpPage<unknown>
type Paged = PagedOperation<Values, Page, HttpClient, unknown>

class ListOperation implements PagedOperation<Values, Page, DeclaredClient, unknown> {
  readonly spec: OperationSpec<Values, Page, Risk>
  readonly #runs: PerVersion<Run>

  constructor(manifest: Manifest, name: string, entry: OperationEntry) {
    const lists = new PerVersion((version) => compileList(manifest, name, entry, version))
    const input = () => lists.for(manifest.apiVersions?.default).spec.input
    this.spec = new DeclaredSpec(name, entry, input, () => unchecked()) as unknown as OperationSpec<Values, Page, Risk>
    const form = chunkForm(manifest, entry) ?? entry.output?.as ?? 'json'
    const unwrap = unwrapOf(entry)
    const plain = expected[form] === 'json' && unwrap === undefined
    const { origin } = entry
    this.#runs = new PerVersion((version) => {
      const list = lists.for(version)
      return (client, given, call) => {
        const to = origin === undefined ? client.http : client.at(origin)
        return list.run(plain ? to : new ReadingClient(to, form, unwrap), given, call)
      }
    })
  }

  run(client: DeclaredClient, input: Values, call: Call): Promise<unknown> {
    return this.#runs.for(client.apiVersion)(client, input, call)
  }

  items(page: Page): readonly unknown[] {
    return page.items
  }

  next(page: Page, input: Values): Values | undefined {
    return page.next === undefined ? undefined : { ...input, $page: page.next }
  }

  /** Positions tell pages apart; inputs may hold what is no data. */
  place(input: Values): unknown {
    return input.$page
  }
}

/** Core's paged operation over the compiled parts. */
function compileList(manifest: Manifest, name: string, entry: OperationEntry, version: string | undefined): Paged {
  refuseSoap(name, entry)
  const where = `operations.${name}`
  const { each } = entry.list as NonNullable<OperationEntry['list']>
  const form = entry.output?.as ?? 'json'
  const write = compileRequest(manifest, name, entry, version, { expect: expected[form], accept: entry.output?.accept })
  const select = each === undefined ? undefined : compileSelector(each, `${where}.list.each`)
  const paging = declaredPaging(manifest, name, entry)
  const items = itemsPath(manifest, entry)
  const { effect, risk, summary } = entry
  return pagedHttpOperation<Values, unknown, Risk>(
    {
      name,
      effect,
      ...(risk === undefined ? {} : { risk }),
      summary,
      input: compiledInput(manifest, entry),
      item: itemSchema(manifest, entry),
    },
    {
      request: write,
      items,
      paging: form === 'xml' ? withSingles(paging, items) : paging,
      ...(select === undefined ? {} : { output: select }),
    },
  ) as unknown as Paged
}

/** XML does not tell a list of one from the one. */
function withSingles(paging: Paging, items: string): Paging {
  const read = pathReader(items)
  return {
    ...paging,
    items(reply, position) {
      const found = read(reply.value)
      if (Array.isArray(found)) return paging.items?.(reply, position)
      return found === undefined || found === '' ? [] : [found]
    },
  }
}

function refuseSoap(name: string, { soap }: OperationEntry): void {
  if (soap !== undefined)
    throw manifestFault(`operations.${name}.soap`, 'SOAP operations are not run by this version of the engine')
}
