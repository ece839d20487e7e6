// A host that calls two vendors with rotating single-use refresh tokens, beside other processes on the same file, until it is killed.
import { setTimeout as delay } from 'node:timers/promises'
import { connect, defineConnector, isPatchbayError, systemClock, unchecked } from '@patchbay/core'
import { oauth2RefreshToken } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path, undiciTransport } from '@patchbay/core/http'
import { hear, type LifeSettings, lifeBegins, openStore, tell } from '../mortal-process.ts'
import { brokenStore } from './broken-stores.ts'
import { client, graceMs } from './grant-line.ts'

/** `grace`: takes a spent token once more for a while. `strict`: never does, but tells by introspection what is spent. */
export type VendorName = 'grace' | 'strict'

export interface HeldGrant {
  readonly url: string
  readonly refreshToken: string
  /** How often a person had to consent again. */
  readonly consents: number
}

export interface HolderSettings extends LifeSettings {
  /** Names this process in its requests. */
  readonly holder: number
  readonly grants: Readonly<Record<VendorName, HeldGrant>>
}

const connector = defineConnector({
  contract: 1,
  manifest: { id: 'drill/resource', title: 'Resource', summary: 'Something behind a token.', version: '1.0.0' },
  config: unchecked<{ url: string }>(),
  credentials: [oauth2RefreshToken.scheme],
  operations: {
    'resource.get': httpOperation(
      { name: 'resource.get', effect: 'read', input: unchecked<undefined>(), output: unchecked<unknown>() },
      { request: () => ({ path: path`/resource` }) },
    ),
  },
  open: async ({ url }: { url: string }, env) => httpClient({ ...env, baseUrl: url, origin: 'builtin' }),
})

const { holder, grants, ...settings } = await lifeBegins<HolderSettings>()
const store = brokenStore(openStore(settings), settings.sabotage)
const undici = undiciTransport({ clock: systemClock })
const transport: typeof undici = {
  send: (request) => undici.send({ ...request, headers: { ...request.headers, 'x-holder': String(holder) } }),
  close: () => undici.close(),
}

function open(name: VendorName, { url, refreshToken }: HeldGrant) {
  const credential = oauth2RefreshToken({
    tokenEndpoint: `${url}/token`,
    ...client,
    refreshToken,
    timeoutMs: 400,
    origin: 'builtin',
    ...(name === 'grace'
      ? { refreshTokens: { use: 'single', graceMs: graceMs / 2 } }
      : { refreshTokens: { use: 'single' }, introspectionEndpoint: `${url}/introspect` }),
  })
  const policies = { retry: { attempts: 3, baseMs: 5, maxDelayMs: 40, budget: false }, breaker: false } as const
  return connect(connector, { id: name, config: { url }, credential, store, transport, policies })
}

let paused = false
/** Successful calls of each connection since the drill asked. */
const fresh: Record<VendorName, number> = { grace: 0, strict: 0 }
let asked = false

async function hold(name: VendorName): Promise<never> {
  let grant = grants[name]
  let connection = open(name, grant)
  hear((message) => {
    const renewed = message[name] as HeldGrant | undefined
    if (renewed === undefined || renewed.consents <= grant.consents) return
    grant = renewed
    connection = open(name, grant)
  })
  for (;;) {
    await delay(paused ? 20 : 12)
    if (paused) continue
    const { consents } = grant
    try {
      await connection.resource.get()
      fresh[name]++
      settle()
    } catch (error) {
      if (!isPatchbayError(error) || error.code !== 'reauthorize') continue
      tell({ reauthorize: name, consents })
      await delay(20)
    }
  }
}

function settle(): void {
  if (!asked || fresh.grace === 0 || fresh.strict === 0) return
  asked = false
  paused = true
  tell({ settled: true })
}

hear(({ settle: wanted, resume }) => {
  if (wanted === true) {
    asked = true
    fresh.grace = 0
    fresh.strict = 0
  }
  if (resume === true) paused = false
})
// Loading the transport's library takes longer than a token request may: that belongs to the start.
await undici.send({ method: 'GET', url: `${grants.strict.url}/resource`, origin: 'builtin' }).catch(() => undefined)
tell({ holding: true })
await Promise.all([hold('grace'), hold('strict')])
