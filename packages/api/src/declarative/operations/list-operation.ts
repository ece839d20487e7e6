import { type Call, type OperationSpec, type PagedOperation, type Risk, unchecked } from '@patchbay/core'
import { type HttpClient, type HttpPage, type Paging, pagedHttpOperation, pathReader } from '@patchbay/core/http'
import { expected } from '../answers/decode.ts'
import { compileSelector } from '../answers/read-value.ts'
import type { DeclaredClient } from '../declared-client.ts'
import type { Manifest, OperationEntry, Values } from '../manifest-parts.ts'
import { chunkForm, declaredPaging, itemsPath, paginationOf } from '../pagination/declared-paging.ts'
import { compileRequest } from '../requests/compile-request.ts'
import { soapClient } from '../soap/soap-client.ts'
import { DeclaredSpec, PerVersion, type Run } from './declared-spec.ts'
import { compiledInput } from './input-schema.ts'
import { itemSchema, ReadingClient, unwrapOf } from './output-reader.ts'

type Page = HttpPage<unknown>
type Paged = PagedOperation<Values, Page, HttpClient, unknown>

/** An operation whose answers are pages of records. */
export class ListOperation implements PagedOperation<Values, Page, DeclaredClient, unknown> {
  readonly spec: OperationSpec<Values, Page, Risk>
  /** Windows of time end with the clock, however many of them are empty. */
  readonly maxEmptyPages: number | undefined
  readonly #runs: PerVersion<Run>

  constructor(manifest: Manifest, name: string, entry: OperationEntry) {
    this.maxEmptyPages = paginationOf(manifest, entry)?.kind === 'time-window' ? Number.POSITIVE_INFINITY : undefined
    const lists = new PerVersion((version) => compileList(manifest, name, entry, version))
    const input = () => lists.for(manifest.apiVersions?.default).spec.input
    this.spec = new DeclaredSpec(name, entry, input, () => unchecked()) as unknown as OperationSpec<Values, Page, Risk>
    const form = chunkForm(manifest, entry) ?? entry.output?.as ?? 'json'
    const unwrap = unwrapOf(entry)
    const plain = expected[form] === 'json' && unwrap === undefined
    const { origin } = entry
    this.#runs = new PerVersion((version) => {
      const list = lists.for(version)
      if (entry.soap !== undefined)
        return (client, given, call) => list.run(soapClient(client, manifest, name, entry, given), given, call)
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
