import type { Clock, Random } from '@patchbay/core'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import type { Authenticator } from '../auth/authenticator.ts'
import { Readings } from '../paging/readings.ts'
import { chunkRecords, itemsPath, type ListShaping, pollAnswer, servePage } from '../paging/serve-page.ts'
import { type Draft, valueAt, withValueAt } from '../wire/own-value.ts'
import { emptyAnswer, jsonAnswer, type VendorAnswer, written } from './answer.ts'
import { ErrorAnswers } from './error-answers.ts'
import { type LedgerEntry, redactedRequest } from './ledger.ts'
import type { VendorLimits } from './limits.ts'
import { carries, inputValue, type OperationPlan, placeOfInput } from './operation-plan.ts'
import type { VendorPlace } from './place.ts'
import { timeOf } from './record-forms.ts'
import { RequestRefusal } from './refusal.ts'
import type { VendorRequest } from './request.ts'
import { type Routed, Router } from './router.ts'
import { selected } from './select-records.ts'
import { answerSingle } from './single-answers.ts'
import type { World } from './world.ts'

/** Something that goes wrong at the vendor: what a request meets instead of, or before, its answer. */
export interface Interference extends ListShaping {
  /** Answers in the vendor's place, or undefined to let it answer. */
  before?(exchange: Exchange): VendorAnswer | undefined | Promise<VendorAnswer | undefined>
  /** Changes an answer. */
  after?(exchange: Exchange, answer: VendorAnswer): VendorAnswer
}

export interface Exchange {
  readonly request: VendorRequest
  readonly routed: Routed | undefined
  readonly errors: ErrorAnswers
  readonly refusals: readonly number[]
}

export interface VendorOptions {
  readonly manifest: IntegrationManifest
  readonly place: VendorPlace
  readonly plans: readonly OperationPlan[]
  readonly world: World
  readonly authenticator: Authenticator
  readonly limits: VendorLimits
  readonly clock: Clock
  readonly random: Random
  readonly refusals: readonly number[]
  /** Texts that the ledger must not hold. */
  readonly secrets: () => readonly string[]
}

/** The simulated vendor: one request in, one answer out. */
export class Vendor {
  readonly ledger: LedgerEntry[] = []
  readonly errors: ErrorAnswers
  interference: Interference = {}
  /** The operation that is meant where several share a route. */
  preferred: string | undefined
  readonly #options: VendorOptions
  readonly #router: Router
  readonly #readings = new Readings()
  readonly #memory = new Map<string, unknown>()
  /** First answers by idempotency key. */
  readonly #keyed = new Map<string, VendorAnswer>()

  readonly #begun: number

  constructor(options: VendorOptions) {
    this.#options = options
    this.#begun = options.clock.now()
    this.#router = new Router(options.plans, options.place)
    this.errors = new ErrorAnswers(options.manifest)
  }

  async answer(request: VendorRequest): Promise<VendorAnswer> {
    const { limits, refusals } = this.#options
    const leave = limits.enter()
    const routed = this.#router.route(request, this.preferred)
    const exchange: Exchange = { request, routed: routed.found, errors: this.errors, refusals }
    const note: Note = { verdict: 'ok', changed: false, unexpected: [] }
    try {
      const replaced = await this.interference.before?.(exchange)
      if (replaced !== undefined) {
        note.verdict = 'fault'
        return this.#noted(request, routed.found, replaced, note)
      }
      const answer = await this.#answer(request, routed, note)
      const changed = this.interference.after?.(exchange, answer) ?? answer
      if (changed !== answer) note.verdict = 'fault'
      return this.#noted(request, routed.found, changed, note)
    } catch (problem) {
      if (!(problem instanceof RequestRefusal)) throw problem
      note.verdict = problem.message
      const answer = this.errors.answer(problem.kind, problem.message, problem.headers, refusals)
      return this.#noted(request, routed.found, answer, note)
    } finally {
      leave()
    }
  }

  async #answer(request: VendorRequest, routed: ReturnType<Router['route']>, note: Note): Promise<VendorAnswer> {
    const { authenticator, limits, manifest } = this.#options
    const login = authenticator.handle(request)
    if (login !== undefined) {
      note.verdict = login.status < 400 ? 'authentication' : 'authentication refused'
      return login
    }
    if (routed.problem === 'host') throw new RequestRefusal('not-found', `${request.url.host} is no host of the vendor`)
    const verdict = await authenticator.check(request)
    if (!verdict.ok) {
      note.verdict = verdict.reason
      return this.errors.answer('credential', verdict.reason, {}, this.#options.refusals, verdict.expired === true)
    }
    if (routed.found === undefined) {
      const kind = routed.problem === 'method' ? 'unsupported' : 'not-found'
      throw new RequestRefusal(kind, `${request.method} ${request.url.pathname} is no operation of the manifest`)
    }
    const { plan } = routed.found
    const standing = limits.take(plan)
    if (standing.waitMs !== undefined) throw new RequestRefusal('rate-limited', 'too many requests', standing.headers)
    if (limits.overConcurrency)
      throw new RequestRefusal('rate-limited', 'too many requests at the same time', limits.waitHeaders(1000))
    const version = manifest.apiVersions
    if (version !== undefined) this.#checkVersion(request)
    const key =
      plan.operation.idempotencyHeader === undefined
        ? undefined
        : request.headers[plan.operation.idempotencyHeader.toLowerCase()]
    const before = key === undefined ? undefined : this.#keyed.get(`${plan.name} ${key}`)
    if (before !== undefined) {
      note.verdict = 'answered again by its idempotency key'
      return before
    }
    if (routed.found.part === undefined) this.#checkInputs(request, routed.found, note)
    const { answer, changed } =
      routed.found.part === undefined && plan.operation.list === undefined
        ? this.#single(request, routed.found)
        : { answer: this.#list(request, routed.found), changed: false }
    note.changed = changed
    const whole = { ...answer, headers: { ...answer.headers, ...standing.headers, ...this.#requestId() } }
    if (key !== undefined) this.#keyed.set(`${plan.name} ${key}`, whole)
    return whole
  }

  #requestId(): Readonly<Record<string, string>> {
    const name = this.#options.manifest.errors?.requestIdHeader
    return name === undefined ? {} : { [name.toLowerCase()]: `request-${this.ledger.length + 1}` }
  }

  #checkVersion(request: VendorRequest): void {
    const { apiVersions } = this.#options.manifest
    if (apiVersions === undefined || 'path' in apiVersions.send) return
    const { send, supported } = apiVersions
    const sent =
      'header' in send ? request.headers[send.header.toLowerCase()] : request.url.searchParams.get(send.query)
    // Links of the vendor need not carry it.
    if ((sent === undefined || sent === null) && request.url.searchParams.has('simulated_page')) return
    if (!supported.some(({ version }) => version === sent))
      throw new RequestRefusal('invalid-input', `the API version ${sent ?? ''} is not supported`)
  }

  /** Required inputs must be there; what nobody declared is noted. */
  #checkInputs(request: VendorRequest, { plan }: Routed, note: Note): void {
    const continued = request.url.searchParams.has('simulated_page')
    const missing = plan.inputs
      .filter(({ input }) => input.required === true && input.default === undefined)
      .filter((one) => !carries(request, one))
    if (missing.length > 0 && !continued) {
      const names = missing.map((placed) => `${placed.as} (${placed.input.in})`).join(', ')
      throw new RequestRefusal('invalid-input', `missing: ${names}`)
    }
    if (continued) return
    const { manifest } = this.#options
    const known = new Set<string>([
      ...plan.inputs.flatMap((placed) => {
        const place = placeOfInput(placed)
        return place !== undefined && 'query' in place ? [place.query] : []
      }),
      ...new URLSearchParams(plan.operation.request.split('?')[1] ?? '').keys(),
      ...Object.keys(plan.operation.constants?.query ?? {}),
      ...Object.keys(manifest.transport?.query ?? {}),
      ...this.#pagingKeys(plan),
      ...credentialKeys(manifest),
    ])
    const { apiVersions } = manifest
    if (apiVersions !== undefined && 'query' in apiVersions.send) known.add(apiVersions.send.query)
    for (const key of new Set(request.url.searchParams.keys())) {
      const plain = key.replace(/\[.*$/, '')
      if (!known.has(key) && !known.has(plain)) note.unexpected.push(`query ${key}`)
    }
  }

  #pagingKeys({ pagination }: OperationPlan): readonly string[] {
    if (pagination === undefined || pagination.kind === 'none') return []
    const keys = [pagination.sizeKey]
    if (pagination.kind === 'page') keys.push(pagination.page)
    if (pagination.kind === 'offset') keys.push(pagination.offset)
    if (pagination.kind === 'time-window') keys.push(pagination.from, pagination.to)
    if (pagination.kind === 'odata') keys.push(pagination.top ?? '$top')
    if ('send' in pagination && 'query' in pagination.send) keys.push(pagination.send.query)
    return keys.filter((key) => key !== undefined)
  }

  #single(
    request: VendorRequest,
    { plan, path }: Routed,
  ): { readonly answer: VendorAnswer; readonly changed: boolean } {
    const { world, random, clock } = this.#options
    const { body, changed } = answerSingle({
      plan,
      request,
      path,
      world,
      random,
      now: clock.now(),
      memory: this.#memory,
    })
    const headers = this.#declaredHeaders(plan)
    const { as = 'json' } = plan.operation.output ?? {}
    if (body === undefined) return { answer: emptyAnswer(204, headers), changed }
    return { answer: this.#wrapped(plan, body, as, request, headers), changed }
  }

  #list(request: VendorRequest, { plan, path, part }: Routed): VendorAnswer {
    const entry = plan.pagination
    if (entry === undefined) throw new RequestRefusal('not-found', 'the list has no pagination')
    const form = plan.operation.output?.as ?? 'json'
    if (entry.kind === 'export-job' && part === 'poll')
      return jsonAnswer(pollAnswer(entry, path.job ?? '', this.#readings, `operations["${plan.name}"].list.pagination`))
    if (entry.kind === 'export-job' && part === 'download') {
      const records = chunkRecords(path.job ?? '', path.chunk, this.#readings)
      const format = entry.download.format ?? 'json'
      const items = itemsPath(plan)
      const body = format === 'json' && items !== '' ? withValueAt(undefined, items, records) : records
      return written(body, format, {})
    }
    const { world } = this.#options
    const collection = world.collectionOf(plan)
    const records =
      collection === undefined
        ? []
        : selected(this.#options.manifest, plan, request, collection, this.#options.clock.now())
    const timePath = collection?.form.wireTime
    const format = collection?.form.cursor?.format
    const page = servePage({
      plan,
      entry,
      request,
      records,
      readings: this.#readings,
      shaping: this.interference,
      timeOf: (record: Draft) =>
        (timePath === undefined ? undefined : timeOf(valueAt(record, timePath), format)) ??
        this.#begun - 60_000 * (1 + (collection?.records.indexOf(record) ?? 0)),
    })
    const answer = this.#wrapped(plan, page.body, form, request, { ...this.#declaredHeaders(plan), ...page.headers })
    return page.status === 200 ? answer : { ...answer, status: page.status }
  }

  #declaredHeaders({ operation }: OperationPlan): Record<string, string> {
    return Object.fromEntries(
      Object.values(operation.output?.headers ?? {}).map((name) => [name.toLowerCase(), 'simulated']),
    )
  }

  /** As GraphQL, JSON-RPC and the form of the answer want it. */
  #wrapped(
    plan: OperationPlan,
    body: unknown,
    form: string,
    request: VendorRequest,
    headers: Readonly<Record<string, string>>,
  ): VendorAnswer {
    const { graphql, rpc } = plan.operation
    const { jsonPrefix, jsonTypes } = this.#options.manifest.transport ?? {}
    const value =
      graphql !== undefined
        ? { data: body }
        : rpc !== undefined
          ? { jsonrpc: '2.0', id: valueAt(request.body, 'id') ?? null, result: body }
          : body
    const harmless = form === 'json' ? this.errors.harmless(value) : value
    return written(harmless, form, { prefix: jsonPrefix, type: jsonTypes?.[0] }, headers)
  }

  #noted(request: VendorRequest, routed: Routed | undefined, answer: VendorAnswer, note: Note): VendorAnswer {
    const { clock, secrets } = this.#options
    this.ledger.push({
      operation: routed?.plan.name,
      method: request.method,
      ...redactedRequest(request, secrets()),
      status: answer.status,
      verdict: note.verdict,
      unexpected: note.unexpected,
      inputs: Object.fromEntries(
        (routed?.plan.inputs ?? []).flatMap((placed) => {
          const value = inputValue(request, placed, routed?.path ?? {})
          return value === undefined || value === null ? [] : [[placed.name, value]]
        }),
      ),
      at: clock.now(),
      changed: note.changed,
    })
    return answer
  }
}

interface Note {
  verdict: string
  changed: boolean
  readonly unexpected: string[]
}

/** Keys of the query that credentials write. */
function credentialKeys({ credentials, signers = {} }: IntegrationManifest): readonly string[] {
  const writings = [
    ...Object.values(signers).flatMap(({ writes }) => writes),
    ...credentials.flatMap((one) => (one.scheme === 'session' ? one.settle.writes : [])),
  ]
  return [
    ...writings.flatMap((writing) => ('query' in writing ? [writing.query] : [])),
    ...credentials.flatMap((one) => (one.scheme === 'api-key' && one.settle.in === 'query' ? [one.settle.name] : [])),
  ]
}
