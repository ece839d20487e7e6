import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Call } from '../call.ts'
import { sleep } from '../clock.ts'
import { Fault } from '../errors.ts'
import { type PagedOperation, pagedOperation } from '../operation.ts'
import type { OperationSpec, Risk } from '../operation-spec.ts'
import { isUnchecked, type Schema, unchecked, validate } from '../schema.ts'
import type { ClientRequest, HttpClient, Reply } from './client-request.ts'
import { type OwnPath, pathReader } from './own-path.ts'
import type { Paging } from './paging.ts'

/** One page of records, and where the next one begins: give it as `$page` of the input to go on from there. */
export interface HttpPage<Item> {
  readonly items: readonly Item[]
  readonly next: string | undefined
}

/** The input of a paged operation: the author's own, and where to begin. */
export type PagedInput<Input> = (Input extends Readonly<Record<string, never>> ? unknown : Input) & {
  readonly $page?: string | undefined
}

/** A schema typed by what comes out of it alone says nothing about what goes in. */
type GivenInput<Input, Given> = unknown extends Given ? Input : Given

export interface PagedHttpSpec<Input, Item, R extends Risk = Risk, Given = Input>
  extends Omit<OperationSpec<Input, never, R, Given>, 'output'> {
  /** Schema of one record as callers get it. */
  readonly item: Schema<Item>
}

export interface PagedHttpDefinition<Input, WireItem> {
  /** The request of the first page; `paging` adds the position. Pure. */
  request(input: Input, call: Call): ClientRequest
  /** Where the records are in the answer: a dotted path. Default: the answer is the array itself. */
  readonly items?: OwnPath | undefined
  /** What each record must look like: only the fields that are read, with unknown ones accepted. */
  readonly wire?: Schema<WireItem> | undefined
  /** From the vendor's record to the operation's. Default: the record itself. Pure. */
  output?(wire: WireItem, context: { readonly input: Input; readonly reply: Reply }): unknown
  readonly paging: Paging
}

/**
 * A list in pages: `connection.noun.verb()` then gives records and pages, and each page is one request under the policies.
 *
 * ```ts
 * pagedHttpOperation(
 *   { name: 'issue.list', effect: 'read', input: listInput, item: issue },
 *   {
 *     request: ({ owner, repo, since }) => ({ path: path`/repos/${owner}/${repo}/issues`, query: { since, per_page: 100 } }),
 *     wire: wireIssue,
 *     output: toIssue,
 *     paging: linkHeader(),
 *   },
 * )
 * ```
 */
export function pagedHttpOperation<Input, Item, R extends Risk = 'normal', WireItem = unknown, Given = Input>(
  spec: PagedHttpSpec<Input, Item, R, Given>,
  definition: PagedHttpDefinition<Input, WireItem>,
): PagedOperation<
  PagedInput<Input>,
  HttpPage<Item>,
  HttpClient,
  Item,
  NoInfer<R>,
  PagedInput<GivenInput<Input, NoInfer<Given>>>
> {
  const { item, ...rest } = spec
  const { items = '', wire, output, paging } = definition
  const readItems = pathReader(items)
  const wireCheck = wire === undefined || isUnchecked(wire) ? undefined : wire
  const itemCheck = isUnchecked(item) ? undefined : item
  return pagedOperation(
    // The records are checked below, one by one, so the page needs no second look.
    { ...rest, input: pagedInput(spec.input), output: unchecked<HttpPage<Item>>() } as OperationSpec<
      PagedInput<Input>,
      HttpPage<Item>,
      R,
      PagedInput<GivenInput<Input, Given>>
    >,
    async (client: HttpClient, given: PagedInput<Input>, call: Call): Promise<HttpPage<Item>> => {
      const { $page: position } = given
      const input = given as Input
      const { clock } = call.scope
      if (paging.waitMs !== undefined) await pause(call, paging.waitMs(position))
      const request = paging.request(definition.request(input, call), position, clock)
      const reply = await client.send(request, call)
      const found = paging.items?.(reply, position) ?? readItems(reply.value)
      if (!Array.isArray(found)) throw noArray(items, found)
      const records: unknown[] = new Array(found.length)
      for (let index = 0; index < found.length; index++) {
        let record: unknown = found[index]
        if (wireCheck !== undefined) {
          const result = checked(wireCheck, record, items, index)
          record = result instanceof Promise ? await result : result
        }
        if (output !== undefined) record = output(record as WireItem, { input, reply })
        if (itemCheck !== undefined) {
          const result = checked(itemCheck, record, items, index)
          record = result instanceof Promise ? await result : result
        }
        records[index] = record
      }
      return { items: records as Item[], next: paging.next({ reply, count: found.length, position, request, clock }) }
    },
    {
      items: (page) => page.items,
      next: (page, input) => (page.next === undefined ? undefined : { ...input, $page: page.next }),
      place: ({ $page }) => $page,
    },
  )
}

/** The wait is none of the attempt's time; the call's deadline and cancellation end it. */
async function pause(call: Call, ms: number): Promise<void> {
  if (!(ms > 0)) return
  if (call.attemptDeadlineAt !== Number.POSITIVE_INFINITY) call.attemptDeadlineAt += ms
  await sleep(call.scope.clock, ms, call)
}

function noArray(items: OwnPath, found: unknown): Fault {
  const where = items === '' ? 'the answer' : items
  const what = found === undefined ? 'missing' : found === null ? 'null' : typeof found
  return new Fault({
    kind: 'protocol',
    code: 'no-records',
    sent: 'all',
    message: 'the answer of the vendor is not valid',
    issues: [{ path: items, message: `expected ${where} to be an array of records, it is ${what}` }],
  })
}

/** A promise only for asynchronous schemas and failures: `await` on a plain value costs a turn per record. */
function checked<T>(target: Schema<T>, record: unknown, items: OwnPath, index: number): T | Promise<T> {
  const result = target['~standard'].validate(record)
  if (!(result instanceof Promise) && result.issues === undefined) return result.value
  const place = `${items === '' ? '' : `${items}.`}${index}`
  return slowly(target, record, place)
}

async function slowly<T>(target: Schema<T>, record: unknown, place: string): Promise<T> {
  try {
    return await validate(target, record, 'protocol', 'the answer of the vendor')
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const issues = error.facts.issues?.map(({ path, message }) => ({
      path: path === '' ? place : `${place}.${path}`,
      message,
    }))
    throw new Fault({ ...error.facts, issues })
  }
}

/** Lets `$page` pass beside the author's own schema, which may be strict or drop what it does not know. */
function pagedInput<Input>(inner: Schema<Input>): Schema<PagedInput<Input>> {
  if (isUnchecked(inner)) return unchecked<PagedInput<Input>>()
  const standard = inner['~standard']
  const merge = (
    result: StandardSchemaV1.Result<Input>,
    position: string | undefined,
  ): StandardSchemaV1.Result<PagedInput<Input>> => {
    if (result.issues !== undefined) return result
    return {
      value: (position === undefined ? result.value : { ...result.value, $page: position }) as PagedInput<Input>,
    }
  }
  const validatePaged = (
    value: unknown,
  ): StandardSchemaV1.Result<PagedInput<Input>> | Promise<StandardSchemaV1.Result<PagedInput<Input>>> => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, '$page')) {
      return standard.validate(value) as StandardSchemaV1.Result<PagedInput<Input>>
    }
    const { $page, ...own } = value as { $page: unknown }
    if ($page !== undefined && (typeof $page !== 'string' || $page === '')) {
      return { issues: [{ path: ['$page'], message: 'expected the next position that a page of this list gave' }] }
    }
    const result = standard.validate(own)
    return result instanceof Promise ? result.then((late) => merge(late, $page)) : merge(result, $page)
  }
  return { '~standard': { ...standard, validate: validatePaged } } as Schema<PagedInput<Input>>
}
