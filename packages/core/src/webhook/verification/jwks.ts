import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import type { Transport } from '../../http/transport.ts'

/** Where the keys of a sender are published (RFC 7517), and how to get them. */
export interface JwksOptions {
  /** An https URL out of configuration, never taken from a message. */
  readonly url: string
  /** `builtin`: the host is fixed by the connector or the operator. Default `tenant`: the address guard checks it. */
  readonly origin?: 'tenant' | 'builtin' | undefined
  readonly transport: Transport
  /** Shortest pause between two loads that unknown key ids cause. Default 30 000. */
  readonly cooldownMs?: number
  /** Longest use of loaded keys. Default 600 000. */
  readonly maxAgeMs?: number
}

export interface PublishedKey {
  readonly kid: string | undefined
  readonly alg: string | undefined
  readonly key: KeyObject
}

/** Keys of a JSON Web Key Set, with what is of no use for signatures left out. */
export function readJwks(value: unknown): readonly PublishedKey[] | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'keys')) return undefined
  const { keys } = value as { keys: unknown }
  if (!Array.isArray(keys)) return undefined
  const read: PublishedKey[] = []
  for (const jwk of keys.slice(0, mostKeys) as unknown[]) {
    if (typeof jwk !== 'object' || jwk === null) continue
    const { kid, alg, use, kty } = jwk as Record<string, unknown>
    if (kty === 'oct' || (use !== undefined && use !== 'sig')) continue
    try {
      const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
      read.push({ kid: typeof kid === 'string' ? kid : undefined, alg: typeof alg === 'string' ? alg : undefined, key })
    } catch {
      // A key type that this runtime does not know; the others still serve.
    }
  }
  return read
}

const mostKeys = 64

/**
 * Keys behind a URL: loaded at first use, once for all concurrent callers; loaded again when they are too old, or when a message names an
 * unknown key and the cooldown has passed, so that forged key ids cannot make us hammer the sender. A failed load keeps the old keys.
 */
export class RemoteKeys {
  readonly #options: JwksOptions
  readonly #clock: Clock
  #keys: readonly PublishedKey[] | undefined
  #loadedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #loading: Promise<void> | undefined

  constructor(options: JwksOptions, clock: Clock) {
    if (!isTrustworthy(options.url))
      throw patchbayError({
        kind: 'config',
        message: 'webhook verifier: jwks.url must be https, without user information',
      })
    this.#options = options
    this.#clock = clock
  }

  /** Keys that `fits` accepts; undefined when none could be loaded at all. */
  async find(fits: (key: PublishedKey) => boolean): Promise<readonly PublishedKey[] | undefined> {
    const { cooldownMs = 30_000, maxAgeMs = 600_000 } = this.#options
    const now = this.#clock.monotonic()
    const mayTry = now - this.#triedAt >= cooldownMs
    if (this.#loading !== undefined || (mayTry && now - this.#loadedAt >= maxAgeMs)) await this.#load()
    const found = this.#keys?.filter(fits)
    if (found !== undefined && found.length > 0) return found
    if (this.#clock.monotonic() - this.#triedAt >= cooldownMs) {
      await this.#load()
      return this.#keys?.filter(fits)
    }
    return found
  }

  #load(): Promise<void> {
    this.#loading ??= this.#fetch().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #fetch(): Promise<void> {
    this.#triedAt = this.#clock.monotonic()
    const { transport, url, origin = 'tenant' } = this.#options
    try {
      const { status, body } = await transport.send({
        method: 'GET',
        url,
        headers: { accept: 'application/json' },
        origin,
        deadlineAt: this.#clock.monotonic() + 10_000,
        limits: { maxBodyBytes: 1_048_576, maxRedirects: 0 },
      })
      const keys = status === 200 ? readJwks(JSON.parse(Buffer.from(body).toString('utf8'))) : undefined
      if (keys === undefined) return
      this.#keys = keys
      this.#loadedAt = this.#clock.monotonic()
    } catch {
      // The verdict is `keys-unavailable` when there are none; the sender tries again later.
    }
  }
}

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** Who alters the keys on their way forges messages: nothing but https, and http within this machine. */
function isTrustworthy(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.has(url.hostname))
}
