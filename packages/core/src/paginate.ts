import { patchbayError } from './errors.ts'

/** Records in pages, fetched as they are consumed. Leaving a loop early fetches nothing more. */
export interface Pages<Item, Output = unknown> extends AsyncIterable<Item> {
  /** Whole answers, one per request. `prefetch: true` (default false) asks for the next page while one is handled. */
  pages(options?: PagesOptions): AsyncIterable<Page<Item, Output>>
  /** At most `limit` records as an array; refuses with a config error to collect without a limit. */
  take(limit: number): Promise<Item[]>
}

export interface PagesOptions {
  readonly prefetch?: boolean | undefined
  /**
   * Most pages without a record in a row; a vendor that gives more is taken for one that never ends (`protocol`, code `empty-pages`).
   * Default 1000: filters that a vendor applies after it has cut its pages leave many empty ones.
   */
  readonly maxEmptyPages?: number | undefined
}

export interface Page<Item, Output = unknown> {
  readonly items: readonly Item[]
  readonly output: Output
  /** 0 for the first page. */
  readonly index: number
  readonly last: boolean
}

/**
 * Pages as a function over a call: `fetch` is one operation, so every page passes the policies and is retried alone. `place` is the part of
 * an input that tells one page from another, for inputs that hold more than data; default: all of it.
 */
export function paginate<Input, Output, Item>(
  first: Input,
  fetch: (input: Input) => Promise<Output>,
  items: (output: Output) => readonly Item[],
  next: (output: Output, input: Input) => Input | undefined,
  place: (input: Input) => unknown = (input) => input,
  maxEmptyPages: number = mostEmptyPages,
): Pages<Item, Output> {
  return new LazyPages(first, fetch, items, next, place, maxEmptyPages)
}

const mostEmptyPages = 1000

class LazyPages<Input, Output, Item> implements Pages<Item, Output> {
  readonly #first: Input
  readonly #fetch: (input: Input) => Promise<Output>
  readonly #items: (output: Output) => readonly Item[]
  readonly #next: (output: Output, input: Input) => Input | undefined
  readonly #place: (input: Input) => unknown
  readonly #maxEmptyPages: number

  constructor(
    first: Input,
    fetch: (input: Input) => Promise<Output>,
    items: (output: Output) => readonly Item[],
    next: (output: Output, input: Input) => Input | undefined,
    place: (input: Input) => unknown,
    maxEmptyPages: number,
  ) {
    this.#first = first
    this.#fetch = fetch
    this.#items = items
    this.#next = next
    this.#place = place
    this.#maxEmptyPages = maxEmptyPages
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for await (const page of this.pages()) yield* page.items
  }

  async *pages(options: PagesOptions = {}): AsyncGenerator<Page<Item, Output>> {
    const { prefetch = false, maxEmptyPages = this.#maxEmptyPages } = options
    if (!(maxEmptyPages >= 1)) throw new RangeError('maxEmptyPages must be at least 1')
    let empty = 0
    let input = this.#first
    let ahead: Promise<Output> | undefined
    // One earlier input is kept, a later one each time the number of pages has doubled: a circle of any length meets it (Brent).
    let mark: string | undefined
    for (let index = 0; ; index++) {
      const output = await (ahead ?? this.#fetch(input))
      ahead = undefined
      const following = this.#next(output, input)
      if (following !== undefined && prefetch) {
        ahead = this.#fetch(following)
        // It may fail while the page before it is handled, or when it is not wanted any more: who asks for it hears of that.
        ahead.catch(() => undefined)
      }
      const items = this.#items(output)
      yield { items, output, index, last: following === undefined }
      if (following === undefined) return
      empty = items.length === 0 ? empty + 1 : 0
      if (empty >= maxEmptyPages) throw onlyEmpty(maxEmptyPages)
      const text = textOf(this.#place(following))
      if (text === (mark ?? textOf(this.#place(input)))) throw endless()
      if ((index & (index + 1)) === 0) mark = text
      input = following
    }
  }

  async take(limit: number): Promise<Item[]> {
    const taken: Item[] = []
    if (limit <= 0) return taken
    for await (const item of this) {
      taken.push(item)
      if (taken.length >= limit) break
    }
    return taken
  }
}

function textOf(place: unknown): string | undefined {
  return JSON.stringify(place, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

function onlyEmpty(pages: number): Error {
  const message = `the vendor gave ${pages} pages in a row without a record; if that is usual there, raise maxEmptyPages`
  return patchbayError({ kind: 'protocol', code: 'empty-pages', message })
}

function endless(): Error {
  const message = 'the vendor gave the same next page twice; reading on would never end'
  return patchbayError({ kind: 'protocol', code: 'cursor-repeated', message })
}
