import {
  type Call,
  type CalledAs,
  type CallOptions,
  type OutputOf,
  operation,
  type Pages,
  pagedOperation,
  type Schema,
  unchecked,
} from '@patchbay/core'
import { type HttpPage, type PagedInput, type Paging, pagedHttpOperation, type Reply } from '@patchbay/core/http'
import type { APIClient } from '../contract.ts'
import { answerOf } from './answer-value.ts'
import { withoutRetry } from './body.ts'
import { clientRequest } from './client-request.ts'
import { pagingOf } from './paging-data.ts'
import {
  type APIAnswer,
  type APIPage,
  type DestroyOptions,
  type ListInput,
  listInput,
  type RequestInput,
  type RequestMethod,
  requestInput,
} from './request-input.ts'

/** Sends a request of a user: one request, whatever it is. */
export async function sendRequest(
  client: APIClient,
  input: RequestInput,
  call: Call,
  usual: { readonly method: string; readonly keyed?: boolean | undefined },
): Promise<APIAnswer<unknown>> {
  const idempotencyHeader = usual.keyed === true ? (client.defaults?.idempotencyHeader ?? 'idempotency-key') : undefined
  const { request, once } = clientRequest(input, { method: usual.method, idempotencyHeader }, call)
  let reply: Reply
  try {
    reply = await client.send(request, call)
  } catch (thrown) {
    throw once === undefined ? thrown : withoutRetry(thrown, once)
  }
  return answerOf(input, reply)
}

/** One page of a list of a user. */
export async function sendList(client: APIClient, input: ListInput, call: Call): Promise<APIPage<unknown>> {
  const { $page, items = client.defaults?.items, paging = client.defaults?.paging, schema, ...rest } = input
  const kind = pagingOf(paging)
  let reply: Reply | undefined
  const watched: Paging = {
    ...kind,
    next(answer) {
      reply = answer.reply
      return kind.next(answer)
    },
  }
  const { request } = clientRequest(rest, { method: 'GET' }, call)
  const list = pagedHttpOperation(
    { name: 'request.list', effect: 'read', input: unchecked<object>(), item: schema ?? unchecked() },
    { request: () => request, items, paging: watched },
  )
  const page = (await list.run(client, { $page } as PagedInput<object>, call)) as HttpPage<unknown>
  return { ...page, value: reply?.value, headers: reply?.headers ?? {} }
}

const answer = unchecked<APIAnswer<unknown>>()

type Spec = { readonly name: string; readonly summary: string; readonly method: string; readonly keyed?: true }

const sender =
  ({ method, keyed }: Spec) =>
  (client: APIClient, input: RequestInput, call: Call): Promise<unknown> =>
    sendRequest(client, input, call, { method, keyed })

function reading(spec: Spec) {
  const { name, summary } = spec
  const plain = operation({ name, summary, effect: 'read', input: requestInput, output: answer }, sender(spec))
  return plain as typeof plain & CalledAs<RequestMethod>
}

function repeating(spec: Spec) {
  const { name, summary } = spec
  const plain = operation({ name, summary, effect: 'idempotent', input: requestInput, output: answer }, sender(spec))
  return plain as typeof plain & CalledAs<RequestMethod>
}

function writing(spec: Spec) {
  const { name, summary, keyed } = spec
  const key = keyed === true ? ({ idempotency: 'vendor-key' } as const) : {}
  const plain = operation({ name, summary, effect: 'write', ...key, input: requestInput, output: answer }, sender(spec))
  return plain as typeof plain & CalledAs<RequestMethod>
}

/** Deleting twice leaves the same state (RFC 9110 section 9.2.2), but what is gone is gone. */
function destroying(spec: Spec) {
  const { name, summary } = spec
  const plain = operation(
    { name, summary, effect: 'idempotent', risk: 'destructive', input: requestInput, output: answer },
    sender(spec),
  )
  return plain as typeof plain & CalledAs<RequestMethod<RequestInput, DestroyOptions>>
}

/** `for await (const user of connection.resource.list<User>({ path, items: 'data' }))`, or typed by a `schema` in the input. */
export interface ListMethod {
  <T = unknown>(input: ListInput & { readonly schema?: undefined }, options?: CallOptions): Pages<T, APIPage<T>>
  <S extends Schema>(
    input: ListInput & { readonly schema: S },
    options?: CallOptions,
  ): Pages<OutputOf<S>, APIPage<OutputOf<S>>>
}

function listing(name: string, summary: string) {
  const plain = pagedOperation(
    { name, summary, effect: 'read', input: listInput, output: unchecked<APIPage<unknown>>() },
    sendList,
    {
      items: (page) => page.items,
      next: (page, input: ListInput) => (page.next === undefined ? undefined : { ...input, $page: page.next }),
      place: ({ $page }) => $page,
    },
  )
  return plain as typeof plain & CalledAs<ListMethod>
}

/**
 * For what a connector does not declare: the name says what sending the request twice does, since a verb cannot. Every API connector has
 * them beside its own operations.
 */
export const requestOperations = {
  'request.read': reading({ name: 'request.read', method: 'GET', summary: 'Sends a request that changes nothing.' }),
  'request.apply': repeating({
    name: 'request.apply',
    method: 'PUT',
    summary: 'Sends a request that leaves the same state however often it is sent.',
  }),
  'request.write': writing({
    name: 'request.write',
    method: 'POST',
    summary: 'Sends a request that must not be sent twice.',
  }),
  'request.writeOnce': writing({
    name: 'request.writeOnce',
    method: 'POST',
    keyed: true,
    summary: 'Sends a request with an idempotency key that the vendor honours, so that it may be sent again.',
  }),
  'request.destroy': destroying({
    name: 'request.destroy',
    method: 'DELETE',
    summary: 'Sends a request that destroys something; it needs an approval.',
  }),
  'request.list': listing('request.list', 'Sends requests that change nothing and give records in pages.'),
} as const

/** Resources of a REST API, with the usual verbs and what they mean (RFC 9110 section 9). */
export const resourceOperations = {
  'resource.get': reading({ name: 'resource.get', method: 'GET', summary: 'Reads a resource.' }),
  'resource.list': listing('resource.list', 'Reads the resources of a collection in pages.'),
  'resource.create': writing({ name: 'resource.create', method: 'POST', summary: 'Creates a resource.' }),
  'resource.createOnce': writing({
    name: 'resource.createOnce',
    method: 'POST',
    keyed: true,
    summary: 'Creates a resource once, by an idempotency key that the vendor honours.',
  }),
  'resource.update': writing({
    name: 'resource.update',
    method: 'PATCH',
    summary: 'Changes a part of a resource; a patch may not be repeatable (RFC 5789 section 2).',
  }),
  'resource.replace': repeating({ name: 'resource.replace', method: 'PUT', summary: 'Replaces a resource.' }),
  'resource.delete': destroying({
    name: 'resource.delete',
    method: 'DELETE',
    summary: 'Deletes a resource; it needs an approval.',
  }),
} as const
