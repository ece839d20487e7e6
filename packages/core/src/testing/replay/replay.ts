import { STATUS_CODES } from 'node:http'
import { Fault } from '../../errors.ts'
import type { HttpRequest, HttpResponse, Transport } from '../../http/transport.ts'
import { readRequest, responseFor, unlessCancelled } from '../transports/sent-request.ts'
import { differences } from './compare.ts'
import { bodyBytes, describeRequest } from './describe.ts'
import type { Fixture, RecordedExchange } from './fixture.ts'

export interface ReplayOptions {
  /** Header fields that must be as recorded, beside method, URL and body. Default `content-type`. */
  readonly headers?: readonly string[]
}

export interface Replay extends Transport {
  /** Recorded exchanges that nobody asked for. */
  readonly unused: readonly string[]
  /** @throws Error naming the recorded answers that were not used. */
  verify(): void
}

/**
 * Answers from a fixture, offline. Every request must have been recorded, and each recording answers once; equal requests get their
 * answers in the order of the recording. Anything else is a mistake of the test: a TypeError tells what differed from the closest.
 */
export function replay(fixture: Fixture, options: ReplayOptions = {}): Replay {
  const headers = (options.headers ?? ['content-type']).map((name) => name.toLowerCase())
  const used = new Set<RecordedExchange>()

  const label = (exchange: RecordedExchange): string =>
    `${fixture.exchanges.indexOf(exchange) + 1} (${exchange.request.method} ${exchange.request.url})`
  const unused = (): string[] => fixture.exchanges.filter((exchange) => !used.has(exchange)).map(label)

  const find = async (request: HttpRequest): Promise<RecordedExchange> => {
    const sent = describeRequest(await readRequest(request))
    const compared = fixture.exchanges.map((exchange) => ({
      exchange,
      found: differences(exchange.request, sent, headers),
    }))
    const equal = compared.filter(({ found }) => found.length === 0)
    const next = equal.find(({ exchange }) => !used.has(exchange))
    if (next !== undefined) return next.exchange
    const asked = `the fixture "${fixture.scenario}" has no answer left for ${sent.method} ${sent.url}`
    if (equal.length > 0)
      throw new TypeError(`${asked}: recorded ${equal.length === 1 ? 'once' : `${equal.length} times`}, sent once more`)
    const [closest] = compared.toSorted((a, b) => a.found.length - b.found.length)
    if (closest === undefined) throw new TypeError(`${asked}: nothing was recorded`)
    const taken = used.has(closest.exchange) ? ', already used' : ''
    throw new TypeError(`${asked}; the closest is ${label(closest.exchange)}${taken}: ${closest.found.join('; ')}`)
  }

  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    const exchange = await find(request)
    used.add(exchange)
    const { fault, response } = exchange
    if (request.progress !== undefined) request.progress.sent = fault?.sent ?? 'all'
    if (fault !== undefined) throw new Fault(fault)
    if (response === undefined)
      throw new TypeError(`exchange ${label(exchange)} of the fixture has neither answer nor fault`)
    const { status } = response
    return responseFor(request, {
      status,
      statusText: STATUS_CODES[status] ?? '',
      headers: response.headers,
      body: bodyBytes(response.body),
    })
  }

  return {
    get unused() {
      return unused()
    },
    send: (request) => unlessCancelled(request.cancellation, () => answer(request)),
    close: () => Promise.resolve(),
    verify() {
      const left = unused()
      if (left.length > 0) throw new Error(`recorded in "${fixture.scenario}" and not asked for: ${left.join(', ')}`)
    },
  }
}
