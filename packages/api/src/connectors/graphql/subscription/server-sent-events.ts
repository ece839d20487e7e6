import { Fault } from '@patchbay/core'

export interface ServerSentEvent {
  /** `message` where the server names none. */
  readonly type: string
  readonly data: string
  /** The last id that the stream named, also before this event. */
  readonly id: string | undefined
}

/** What a stream says beside its events. */
export interface StreamNews {
  /** The server's wish for the time before a reconnect, in milliseconds. */
  retryMs: number | undefined
}

/**
 * The events of a `text/event-stream` body (WHATWG HTML section 9.2.6): lines end with CR, LF or both, also across chunks; an event that the
 * end of the stream cuts is dropped.
 * @throws Fault `protocol` for an event above `maxBytes`, or text that is no UTF-8
 */
export async function* serverSentEvents(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  news: StreamNews,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const event = new EventFields(news)
  let rest = ''
  let afterReturn = false
  for await (const chunk of body) {
    let text = decode(decoder, chunk)
    if (afterReturn && text !== '') {
      // The line feed of a CR LF that the chunks cut in two.
      if (text.charCodeAt(0) === 10) text = text.slice(1)
      afterReturn = false
    }
    if (text === '') continue
    afterReturn = text.endsWith('\r')
    const lines = (rest + text).split(/\r\n|\r|\n/)
    rest = lines.pop() as string
    if (rest.length + event.size > maxBytes) throw tooLarge(maxBytes)
    for (const line of lines) {
      const complete = event.line(line)
      if (event.size > maxBytes) throw tooLarge(maxBytes)
      if (complete !== undefined) yield complete
    }
  }
}

class EventFields {
  readonly #news: StreamNews
  #type = ''
  #data: string[] = []
  #id: string | undefined
  size = 0

  constructor(news: StreamNews) {
    this.#news = news
  }

  /** Takes a line; gives the event that an empty one completes. */
  line(line: string): ServerSentEvent | undefined {
    if (line === '') return this.#complete()
    const colon = line.indexOf(':')
    // A comment: how servers keep the connection alive.
    if (colon === 0) return undefined
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1)
    this.size += line.length
    if (name === 'event') this.#type = value
    else if (name === 'data') this.#data.push(value)
    else if (name === 'id' && !value.includes('\0')) this.#id = value
    else if (name === 'retry' && /^\d{1,9}$/.test(value)) this.#news.retryMs = Number(value)
    return undefined
  }

  #complete(): ServerSentEvent | undefined {
    const [type, data] = [this.#type === '' ? 'message' : this.#type, this.#data]
    const named = this.#type !== ''
    this.#type = ''
    this.#data = []
    this.size = 0
    // An event without data is none, except that graphql-sse ends with one that has a name only.
    return data.length === 0 && !named ? undefined : { type, data: data.join('\n'), id: this.#id }
  }
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: true })
  } catch {
    const message = 'the stream of events is not valid UTF-8'
    throw new Fault({ kind: 'protocol', code: 'charset', sent: 'all', message })
  }
}

function tooLarge(maxBytes: number): Fault {
  const message = `an event is larger than subscriptions.maxEventBytes (${maxBytes})`
  return new Fault({ kind: 'protocol', code: 'event-too-large', sent: 'all', message })
}
