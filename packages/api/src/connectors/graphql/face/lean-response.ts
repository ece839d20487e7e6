import type { HttpResponse } from '@patchbay/core'
import { readText } from '@patchbay/core/http'

/** As much of the fetch standard's Response as graphql-request reads; building a real one costs more than the request. */
export class LeanResponse {
  readonly status: number
  readonly ok: boolean
  readonly headers: { get(name: string): string | null }
  readonly #raw: HttpResponse

  constructor(raw: HttpResponse) {
    this.#raw = raw
    this.status = raw.status
    this.ok = raw.status >= 200 && raw.status <= 299
    this.headers = {
      get(name) {
        const value = raw.headers[name.toLowerCase()]
        return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
      },
    }
  }

  async text(): Promise<string> {
    return readText(this.#raw)
  }
}
