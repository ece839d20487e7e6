import type { Clock, Random } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import { type MaybeSecret, Secret, secret as wrap } from '../../secret.ts'
import type { Store, StoredEntry } from '../../store.ts'
import type { Vault, VaultContext } from '../../vault/vault.ts'
import { compileSigner, newWebhookSecret, type SignableMessage, type SignedHeaders } from '../sign.ts'
import type { Endpoint, EndpointSettings, StoredEndpoint } from './endpoint.ts'

export interface RegistryOptions {
  readonly store: Store
  /** Seals the endpoints' secrets before they are stored. */
  readonly vault: Vault
  readonly clock: Clock
  readonly random: Random
  readonly prefix: string
  /** Where it is noted which queues nobody needs any more. */
  readonly removedPrefix: string
  /** Also allows http URLs, for development. */
  readonly allowHttp: boolean
}

type Signer = (message: SignableMessage) => SignedHeaders

/** Endpoints and their secrets, in the store. */
export class EndpointRegistry {
  readonly #options: RegistryOptions
  readonly #signers = new Map<string, { readonly marks: string; readonly sign: Signer }>()
  /** Called after a change made here, which is complete when this resolves. */
  onChange: () => Promise<void> = () => Promise.resolve()

  constructor(options: RegistryOptions) {
    this.#options = options
  }

  /** Makes an endpoint. Its secret is given back once; without one a new `whsec_` secret is made. `whsk_` secrets sign with Ed25519. */
  async create(
    settings: EndpointSettings & {
      readonly id?: string | undefined
      readonly secret?: MaybeSecret<string> | undefined
    },
  ): Promise<{ readonly endpoint: Endpoint; readonly secret: Secret<string> }> {
    const { store, random } = this.#options
    const { id = random.uuid(), secret, ...rest } = settings
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(id))
      throw invalid('id', 'must be 1 to 100 of letters, digits, dot, dash, underscore')
    this.#check(rest)
    const own = secret === undefined ? newWebhookSecret(random) : wrap(secret)
    compileSigner([own])
    const queue = `${id}~${random.uuid()}`
    const secrets = [{ sealed: await this.#seal(id, own) }]
    const stored: StoredEndpoint = { ...rest, id, queue, status: 'enabled', secrets }
    const [result] = await store.write([
      [{ kind: 'put', key: this.#key(id), value: JSON.stringify(stored), ifVersion: 'absent' }],
    ])
    if (result?.applied !== true)
      throw patchbayError({ kind: 'conflict', message: `webhook endpoint: ${id} exists already` })
    await this.onChange()
    return { endpoint: shown(stored), secret: new Secret(own.reveal()) }
  }

  async get(id: string): Promise<Endpoint | undefined> {
    const stored = await this.getStored(id)
    return stored === undefined ? undefined : shown(stored)
  }

  /** @internal */
  async getStored(id: string): Promise<StoredEndpoint | undefined> {
    const entry = await this.#options.store.get(this.#key(id))
    return entry === undefined ? undefined : parse(entry)
  }

  async list(): Promise<readonly Endpoint[]> {
    return (await this.listStored()).map(shown)
  }

  /** @internal With the sealed secrets, for the deliveries. */
  async listStored(): Promise<readonly StoredEndpoint[]> {
    const { store, prefix } = this.#options
    const endpoints: StoredEndpoint[] = []
    for (let after: string | undefined; ; ) {
      const page = await store.list(prefix, { limit: 1000, ...(after === undefined ? {} : { after }) })
      endpoints.push(...page.map(parse))
      if (page.length < 1000) return endpoints
      after = page.at(-1)?.key
    }
  }

  /** Changes settings; those not named stay. */
  async update(id: string, settings: Partial<EndpointSettings>): Promise<Endpoint> {
    return this.#change(id, (endpoint) => {
      const next = { ...endpoint, ...settings }
      this.#check(next)
      return next
    })
  }

  pause(id: string): Promise<Endpoint> {
    return this.#change(id, (endpoint) => ({ ...endpoint, status: 'paused', reason: 'operator' }))
  }

  /** Lets a paused or disabled endpoint receive again, what waited included. */
  enable(id: string): Promise<Endpoint> {
    return this.#change(id, ({ reason: _, failingSince: __, ...endpoint }) => ({ ...endpoint, status: 'enabled' }))
  }

  disable(id: string, reason = 'operator'): Promise<Endpoint> {
    return this.#change(id, (endpoint) => ({ ...endpoint, status: 'disabled', reason }))
  }

  /** @internal What the deliveries found out about an endpoint. They know it already, so nobody waits for them to hear of it. */
  async note(id: string, health: { readonly failingSince?: number; readonly disabled?: string }): Promise<void> {
    await this.#replace(id, ({ failingSince: _, ...endpoint }) => ({
      ...endpoint,
      ...(health.failingSince === undefined ? {} : { failingSince: health.failingSince }),
      ...(health.disabled === undefined ? {} : { status: 'disabled', reason: health.disabled }),
    }))
  }

  /** Gives the endpoint a new secret. The old one signs beside it for `overlapMs` (default a day), so that the receiver can change over. */
  async rotateSecret(
    id: string,
    options: { readonly secret?: MaybeSecret<string> | undefined; readonly overlapMs?: number | undefined } = {},
  ): Promise<Secret<string>> {
    const { clock, random } = this.#options
    const own = options.secret === undefined ? newWebhookSecret(random) : wrap(options.secret)
    compileSigner([own])
    const sealed = await this.#seal(id, own)
    const now = clock.now()
    const until = now + (options.overlapMs ?? 86_400_000)
    await this.#change(id, (endpoint) => {
      const old = endpoint.secrets
        .filter((one) => one.until === undefined || one.until > now)
        .map((one) => ({ ...one, until: Math.min(one.until ?? until, until) }))
      return { ...endpoint, secrets: [{ sealed }, ...old].slice(0, mostSecrets) }
    })
    return new Secret(own.reveal())
  }

  /** Removes an endpoint with what waits for it. Harmless when there is none. */
  async remove(id: string): Promise<void> {
    const { store, removedPrefix, clock } = this.#options
    for (;;) {
      const entry = await store.get(this.#key(id))
      if (entry === undefined) break
      const noted = { kind: 'put', key: removedPrefix + parse(entry).queue, value: String(clock.now()) } as const
      const [result] = await store.write([[{ kind: 'delete', key: entry.key, ifVersion: entry.version }, noted]])
      if (result?.applied === true) break
    }
    this.#signers.delete(id)
    await this.onChange()
  }

  /** @internal Has the queues of removed endpoints cleared, for a while: somebody may be publishing to one that was there a moment ago. */
  async clearRemoved(clear: (queue: string) => Promise<void>): Promise<void> {
    const { store, removedPrefix, clock } = this.#options
    for (const { key, value } of await store.list(removedPrefix)) {
      await clear(key.slice(removedPrefix.length))
      const ageMs = clock.now() - Number(value)
      if (ageMs < 0 || ageMs > latePublishingMs) await store.write([[{ kind: 'delete', key }]])
    }
  }

  /** @internal Signs with all secrets that count now. Kept per endpoint, as a vault's keys may be a request away. */
  async signer(endpoint: StoredEndpoint): Promise<Signer> {
    const { vault, clock } = this.#options
    const now = clock.now()
    const active = endpoint.secrets.filter(({ until }) => until === undefined || until > now)
    const marks = active.map(({ sealed }) => sealed).join()
    const kept = this.#signers.get(endpoint.id)
    if (kept?.marks === marks) return kept.sign
    const secrets = await Promise.all(
      active.map(async ({ sealed }) => vault.open(sealed, context(this.#key(endpoint.id)))),
    )
    const sign = compileSigner(secrets)
    this.#signers.set(endpoint.id, { marks, sign })
    return sign
  }

  async #change(id: string, change: (endpoint: StoredEndpoint) => StoredEndpoint): Promise<Endpoint> {
    const next = await this.#replace(id, change)
    await this.onChange()
    return shown(next)
  }

  async #replace(id: string, change: (endpoint: StoredEndpoint) => StoredEndpoint): Promise<StoredEndpoint> {
    const { store } = this.#options
    for (;;) {
      const entry = await store.get(this.#key(id))
      if (entry === undefined)
        throw patchbayError({ kind: 'not-found', message: `webhook endpoint: there is no ${id}` })
      const next = change(parse(entry))
      const [result] = await store.write([
        [{ kind: 'put', key: entry.key, value: JSON.stringify(next), ifVersion: entry.version }],
      ])
      if (result?.applied === true) return next
    }
  }

  #check({ url, concurrency = 1, ratePerSecond = 1 }: EndpointSettings): void {
    const parsed = URL.canParse(url) ? new URL(url) : undefined
    const secure = parsed?.protocol === 'https:' || (this.#options.allowHttp && parsed?.protocol === 'http:')
    if (parsed === undefined || !secure || parsed.username !== '' || parsed.password !== '')
      throw invalid('url', 'must be an absolute https URL without user information')
    if (!Number.isInteger(concurrency) || concurrency < 1) throw invalid('concurrency', 'must be a whole number from 1')
    if (!(ratePerSecond > 0)) throw invalid('ratePerSecond', 'must be above 0')
  }

  #seal(id: string, own: Secret<string>): Promise<string> {
    return this.#options.vault.seal(own.reveal(), context(this.#key(id)))
  }

  #key(id: string): string {
    return this.#options.prefix + id
  }
}

/** The current secret, and those of rotations that overlap. */
const mostSecrets = 4
/** Longer than a publishing takes. */
const latePublishingMs = 60_000

/** Bound to the stored key, so that a secret of one sender does not open as that of another. */
function context(key: string): VaultContext {
  return { purpose: 'webhook-endpoint', key }
}

function invalid(path: string, message: string): Error {
  return patchbayError({ kind: 'invalid-input', message: 'webhook endpoint', issues: [{ path, message }] })
}

function parse(entry: StoredEntry): StoredEndpoint {
  return JSON.parse(entry.value) as StoredEndpoint
}

function shown({ secrets: _, queue: __, ...endpoint }: StoredEndpoint): Endpoint {
  return endpoint
}
