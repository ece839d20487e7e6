import { type Call, Fault, type HttpResponse } from '@patchbay/core'
import { type CleanText, type HttpClient, kindOfStatus, mediaTypeOf, vendorText } from '@patchbay/core/http'
import { acceptedTypes, bodyIfAny, resultOf, speaksGraphql, wellFormed } from '../answer.ts'
import type { GraphqlConfig, SubscriptionConfig } from '../config.ts'
import type { GraphqlVariables } from '../document.ts'
import { plainBody, trustedBody } from '../persisted.ts'
import { OpeningAttempt } from './opening.ts'
import { type StreamNews, serverSentEvents } from './server-sent-events.ts'
import type { Session, SessionEvent, SubscriptionInput } from './session.ts'

/** A body that was expected to be a stream of events and is none explains itself in so many bytes. */
const mostExplanation = 1024 * 1024

export interface EventStreamOptions {
  readonly http: HttpClient
  readonly config: GraphqlConfig
  readonly subscriptions: SubscriptionConfig
  readonly url: string
}

/** Opens a subscription as graphql-sse has it in its distinct connections mode: one request whose answer is a stream of events. */
export async function openEventStream(
  input: SubscriptionInput,
  call: Call,
  { http, config, subscriptions, url }: EventStreamOptions,
): Promise<Session> {
  const attempt = new OpeningAttempt(call)
  let raw: HttpResponse | undefined
  let clean: CleanText = (text) => vendorText(text)
  const trusted = config.persisted?.mode === 'trusted'
  const resumed = input.lastEventId === undefined ? {} : { 'last-event-id': input.lastEventId }
  try {
    const { value } = await http.send(
      {
        method: 'POST',
        link: url,
        json: trusted ? trustedBody(input, config.persisted?.field ?? 'documentId') : plainBody(input),
        headers: { accept: `text/event-stream, ${acceptedTypes}`, ...resumed, ...input.headers },
        expect: 'stream',
        limits: { bodyIdleMs: subscriptions.idleMs },
        accept: (status) => (status >= 200 && status <= 299) || (raw !== undefined && explainsItself(raw)),
        seen(response, cleanText) {
          raw = response
          clean = cleanText
        },
      },
      attempt,
    )
    const stream = value as AsyncIterable<Uint8Array>
    const response = raw as HttpResponse
    if (mediaTypeOf(response.headers['content-type'])?.essence !== 'text/event-stream') {
      throw await explained(stream, response, clean, config, input.variables)
    }
    return new EventStreamSession(stream, attempt, clean, subscriptions.maxEventBytes)
  } finally {
    attempt.opened()
  }
}

/** Errors of GraphQL under its own media type, but for those that HTTP has a say in: a new credential, or when to come again. */
function explainsItself(response: HttpResponse): boolean {
  return speaksGraphql(response) && ![401, 407, 429, 503].includes(response.status)
}

/** An answer of another type: GraphQL errors, or something that knows nothing of subscriptions. */
async function explained(
  stream: AsyncIterable<Uint8Array>,
  response: HttpResponse,
  clean: CleanText,
  { errors }: GraphqlConfig,
  variables: GraphqlVariables | undefined,
): Promise<unknown> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of stream) {
    parts.push(part)
    size += part.byteLength
    if (size > mostExplanation) break
  }
  const { status } = response
  const good = status >= 200 && status <= 299
  const body = bodyIfAny({ ...response, body: Buffer.concat(parts) })
  if (body?.errors !== undefined && body.errors.length > 0) {
    try {
      resultOf(body, {
        policy: 'none',
        status,
        clean,
        codes: errors?.codes,
        variables,
        otherwise: good ? undefined : kindOfStatus(status),
      })
    } catch (error) {
      return error
    }
  }
  if (!good) {
    const message = 'the server refused the subscription'
    const meaning = kindOfStatus(status)
    return new Fault({ ...(typeof meaning === 'string' ? { kind: meaning } : meaning), status, sent: 'all', message })
  }
  const message = 'the server did not answer with a stream of events: does it have subscriptions over SSE?'
  return new Fault({ kind: 'protocol', code: 'no-event-stream', status, sent: 'all', message })
}

const closed = Symbol('closed')

class EventStreamSession implements Session {
  readonly clean: CleanText
  readonly #attempt: OpeningAttempt
  readonly #news: StreamNews = { retryMs: undefined }
  readonly #events: AsyncGenerator<{ readonly type: string; readonly data: string; readonly id: string | undefined }>

  constructor(stream: AsyncIterable<Uint8Array>, attempt: OpeningAttempt, clean: CleanText, maxBytes: number) {
    this.clean = clean
    this.#attempt = attempt
    this.#events = serverSentEvents(stream, maxBytes, this.#news)
  }

  get retryMs(): number | undefined {
    return this.#news.retryMs
  }

  async next(): Promise<SessionEvent | undefined> {
    const { cancelReason } = this.#attempt
    if (cancelReason !== undefined) return this.#ended(cancelReason)
    try {
      for (;;) {
        const { value: event, done } = await this.#events.next()
        if (done === true) throw dropped()
        // Other names are the server's own; `message` without a name is how some servers write `next`.
        if (event.type === 'complete') {
          this.close()
          return undefined
        }
        if ((event.type === 'next' || event.type === 'message') && event.data !== '') {
          return { body: bodyOf(event.data), id: event.id }
        }
      }
    } catch (error) {
      const reason = this.#attempt.cancelReason
      if (reason !== undefined) return this.#ended(reason)
      this.close()
      throw error
    }
  }

  close(reason: unknown = closed): void {
    this.#attempt.cancel(reason)
    // A generator that waits for the stream ends with it; one that does not is ended here.
    this.#events.return(undefined).catch(() => undefined)
  }

  #ended(reason: unknown): undefined {
    if (reason === closed) return undefined
    throw reason
  }
}

function dropped(): Fault {
  const message = 'the server ended the stream of events without completing the subscription'
  return new Fault({ kind: 'network', code: 'stream-ended', sent: 'all', message })
}

function bodyOf(data: string) {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    // The engine's message quotes the text.
  }
  const body = wellFormed(value)
  if (body !== undefined) return body
  const message = 'an event of the subscription is not a GraphQL response'
  throw new Fault({ kind: 'protocol', code: 'not-graphql', sent: 'all', message })
}
