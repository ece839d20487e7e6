import { createHmac } from 'node:crypto'
import { sha256Hex } from './canonical-request.ts'

export const algorithm = 'AWS4-HMAC-SHA256'

/** What a signature is good for: a day, a region, a service. */
export interface SigningScope {
  /** `20150830T123600Z` */
  readonly date: string
  readonly region: string
  readonly service: string
}

export function scopeText({ date, region, service }: SigningScope): string {
  return `${date.slice(0, 8)}/${region}/${service}/aws4_request`
}

export function awsDate(ms: number): string {
  return new Date(ms).toISOString().replace(/[:-]|\.\d{3}/g, '')
}

/** Makes signatures of one secret; keeps the key of the last scope, which is good for a day. */
export class SignatureMaker {
  readonly #secret: string
  #scope = ''
  #key: Buffer | undefined

  constructor(secretAccessKey: string) {
    this.#secret = secretAccessKey
  }

  sign(scope: SigningScope, canonicalRequest: string): string {
    const text = [algorithm, scope.date, scopeText(scope), sha256Hex(canonicalRequest)].join('\n')
    return createHmac('sha256', this.#keyOf(scope)).update(text).digest('hex')
  }

  #keyOf(scope: SigningScope): Buffer {
    const name = scopeText(scope)
    if (this.#key === undefined || this.#scope !== name) {
      const parts = [scope.date.slice(0, 8), scope.region, scope.service, 'aws4_request']
      this.#key = parts.reduce<Buffer>(
        (key, part) => createHmac('sha256', key).update(part).digest(),
        Buffer.from(`AWS4${this.#secret}`),
      )
      this.#scope = name
    }
    return this.#key
  }
}
