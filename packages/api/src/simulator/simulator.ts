import { type Clock, type CredentialSource, type Random, systemClock, type Transport } from '@patchbay/core'
import { seededRandom } from '@patchbay/core/testing'
import { integration } from '../declarative/integration.ts'
import { inputSchema } from '../declarative/operations/input-schema.ts'
import { sample } from '../json-schema/sampler.ts'
import type { IntegrationManifest } from '../manifest/manifest.ts'
import { Authenticator } from './auth/authenticator.ts'
import { type CredentialValues, credentialValues, type ManifestCredential } from './auth/credential-values.ts'
import { inProcess } from './in-process.ts'
import { type Listening, listen } from './listen.ts'
import { type ConfigChoice, simulatedConfig } from './simulated-config.ts'
import type { LedgerEntry } from './vendor/ledger.ts'
import { VendorLimits } from './vendor/limits.ts'
import { type OperationPlan, planOf } from './vendor/operation-plan.ts'
import { vendorPlace } from './vendor/place.ts'
import { forUsers } from './vendor/record-forms.ts'
import { belongsTo } from './vendor/single-answers.ts'
import { type Interference, Vendor } from './vendor/vendor.ts'
import { World } from './vendor/world.ts'
import { Deliveries, type Delivery, type DeliveryOptions } from './webhooks/deliveries.ts'
import type { WebhookKeys } from './webhooks/sign-message.ts'
import { sourceOf } from './wire/invert.ts'
import { valueAt, withValueAt } from './wire/own-value.ts'

type Values = Readonly<Record<string, unknown>>

export interface SimulateOptions {
  /** The same seed makes the same vendor. Default 1. */
  readonly seed?: number | undefined
  /** By list operation: how many records the vendor holds, or the records as it sends them. Default: what the manifest's tests say, else 25. */
  readonly records?: Readonly<Record<string, number | readonly unknown[]>> | undefined
  /** Default: the system's. Give the connection the same one. */
  readonly clock?: Clock | undefined
  /** The only credential that the vendor takes. Default: any of the manifest, but `none` only where there is no other. */
  readonly credential?: string | undefined
  /** Fields of the configuration that matter to the test. */
  readonly config?: Values | undefined
  /** Which deployment and region; the first of each otherwise. */
  readonly at?: ConfigChoice | undefined
}

/** A vendor that does not exist, made of its manifest. It answers in this process, or as a server on loopback. */
export interface Simulator {
  readonly manifest: IntegrationManifest
  /** For `connect(integration, { config, credential, transport, clock })`. Nothing leaves the process. */
  readonly transport: Transport
  /** A configuration that leads to this vendor. */
  readonly config: Record<string, unknown>
  /** A credential that the vendor takes; without an id: the first. */
  credential(id?: string): CredentialSource
  /** What users type into the form of a credential. */
  credentialFields(id?: string): CredentialValues
  /** A real HTTP server on loopback with this vendor behind it, for other programs. */
  listen(options?: { readonly port?: number }): Promise<Listening>
  /** What the vendor holds for a list, as users get it, in the order in which the records came to be. */
  records(operation: string): readonly unknown[]
  /** Makes one more record, as somebody at the vendor would; `first`: before all others. Gives it as users get it. */
  add(operation: string, options?: { readonly first?: boolean }): unknown
  /** Changes a field of a record, given by its place in {@link Simulator.records}, without regard to its schema. */
  edit(operation: string, index: number, path: string, value: unknown): void
  /** Every request that arrived, oldest first, without secrets. */
  readonly requests: readonly LedgerEntry[]
  /** An input with which an operation has something to do here: ids are ids of records that there are. `everything`: also what may be left out. */
  input(operation: string, options?: { readonly everything?: boolean }): Record<string, unknown>
  /**
   * A message that the vendor pushes, signed as the manifest says, for one's own inbox: `inbox.receive('vendor', simulator.deliver('events',
   * 'ticket.created'))`.
   */
  deliver(webhook: string, type: string, options?: DeliveryOptions): Delivery
  /** For the inbox: `integration.webhooks.events.source(simulator.webhookKeys('events'))`. */
  webhookKeys(webhook: string): WebhookKeys['verifying']
  /** Which operation is meant where several share a route, as nobody else can know; undefined: the one whose route says most. */
  prefer(operation: string | undefined): void
  /** Ends all tokens and sessions that the vendor gave out, as time would. */
  expireTokens(): void
  /** Tokens and sessions that the vendor gave out. */
  readonly tokensIssued: number
  /** Most requests at the same time, and requests over a budget, by the vendor's own count. */
  readonly load: { readonly mostAtOnce: number; readonly overBudget: number }
  /** Everything that must be seen nowhere but in requests. */
  readonly secrets: readonly string[]
  /** Lets something go wrong from the next request on; see `simulatedFaults`. Gives the way back. */
  disturb(interference: Interference): () => void
}

/** Makes a vendor out of a manifest that was checked. Records, ids and times follow from the seed. */
export function simulate(manifest: IntegrationManifest, options: SimulateOptions = {}): Simulator {
  const { seed = 1, clock = systemClock, records = {} } = options
  const random: Random = seededRandom(seed)
  const config = {
    ...simulatedConfig(manifest, random, { credential: options.credential, ...options.at }),
    ...options.config,
  }
  const place = vendorPlace(manifest, config)
  const plans = Object.entries(manifest.operations).map(([name, operation]) => planOf(manifest, name, operation))
  const world = new World(manifest, plans, { random, clock, records, usual: 25 })
  const taken = takenCredentials(manifest, options.credential)
  const values = new Map<string, CredentialValues>()
  const valuesOf = (id: string): CredentialValues => {
    let found = values.get(id)
    if (found === undefined) {
      found = credentialValues(manifest, credentialNamed(manifest, id), random)
      values.set(id, found)
    }
    return found
  }
  const authenticator = new Authenticator(manifest, taken, valuesOf, { place, clock, random })
  const limits = new VendorLimits(manifest.limits, clock)
  const secrets = (): readonly string[] => [
    ...taken.flatMap((credential) => secretsOf(credential, valuesOf(credential.id))),
    ...authenticator.secrets,
  ]
  const vendor = new Vendor({
    manifest,
    place,
    plans,
    world,
    authenticator,
    limits,
    clock,
    random,
    secrets,
    refusals: taken[0]?.refusals ?? [401],
  })
  const deliveries = new Deliveries(manifest, random, clock)
  const planNamed = (name: string): OperationPlan => {
    const plan = plans.find((one) => one.name === name)
    if (plan === undefined) throw new TypeError(`${manifest.id} has no operation ${name}`)
    return plan
  }
  const collectionOf = (name: string) => world.collectionOf(planNamed(name))
  const held = (name: string) => {
    const collection = collectionOf(name)
    if (collection === undefined) throw new TypeError(`${name} has no records`)
    return collection
  }
  const firstId = taken[0]?.id ?? ''
  // One source for all connections: tokens are shared within a source.
  const sources = new Map<string, CredentialSource>()
  return {
    manifest,
    config,
    transport: inProcess(vendor),
    credential: (id = firstId) => {
      credentialNamed(manifest, id)
      const make = integration(manifest).credential as unknown as Readonly<
        Record<string, (fields: object) => CredentialSource>
      >
      const source = sources.get(id) ?? (make[id] as (fields: object) => CredentialSource)(valuesOf(id))
      sources.set(id, source)
      return source
    },
    credentialFields: (id = firstId) => valuesOf(id),
    listen: (settings = {}) => listen(vendor, place, settings),
    records: (name) => {
      const collection = collectionOf(name)
      return collection === undefined
        ? []
        : collection.records.map((record) => structuredClone(forUsers(collection.form, record)))
    },
    add: (name, { first = false } = {}) => {
      const collection = held(name)
      return structuredClone(forUsers(collection.form, world.add(collection, undefined, first)))
    },
    edit: (name, index, path, value) => {
      const { form, records: list } = held(name)
      const record = list[index]
      const at = sourceOf(form.each, path)
      if (record === undefined || at === undefined)
        throw new TypeError(`${name} has no field ${path} in record ${index}`)
      list[index] = withValueAt(record, at, value) as Record<string, unknown>
    },
    get requests() {
      return vendor.ledger
    },
    input: (name, { everything = false } = {}) =>
      inputFor(manifest, planNamed(name), world, random, clock.now(), everything),
    deliver: (name, type, given) => deliveries.make(name, type, given),
    webhookKeys: (name) => deliveries.keys(name).verifying,
    prefer(operation) {
      vendor.preferred = operation
    },
    expireTokens: () => authenticator.expire(),
    get tokensIssued() {
      return authenticator.issued
    },
    get load() {
      return { mostAtOnce: limits.mostRunning, overBudget: limits.refused }
    },
    get secrets() {
      return secrets()
    },
    disturb(interference) {
      vendor.interference = interference
      return () => {
        if (vendor.interference === interference) vendor.interference = {}
      }
    },
  }
}

function takenCredentials(
  { credentials, id }: IntegrationManifest,
  only: string | undefined,
): readonly ManifestCredential[] {
  if (only !== undefined) {
    const found = credentials.filter((one) => one.id === only)
    if (found.length === 0) throw new TypeError(`${id} has no credential ${only}`)
    return found
  }
  const real = credentials.filter(({ scheme }) => scheme !== 'none')
  return real.length === 0 ? credentials : real
}

function credentialNamed({ credentials, id }: IntegrationManifest, name: string): ManifestCredential {
  const found = credentials.find((one) => one.id === name)
  if (found === undefined) throw new TypeError(`${id} has no credential ${name}`)
  return found
}

const open = new Set([
  'clientId',
  'username',
  'redirectUri',
  'subjectTokenType',
  'actorTokenType',
  'region',
  'keyId',
  'issuer',
  'subject',
  'certificate',
  'consumerKey',
  'accessKeyId',
])

function secretsOf(credential: ManifestCredential, values: CredentialValues): readonly string[] {
  // Where the password is fixed, the user name is the key.
  const keyIsUser = credential.scheme === 'basic' && credential.settle.password !== undefined
  // The token of OAuth 1.0 is an identifier that every request shows; its secret proves (RFC 5849, section 1.1).
  const shown = (name: string): boolean => open.has(name) || (credential.scheme === 'oauth1' && name === 'token')
  const plain = Object.entries(values).filter(([name]) => keyIsUser || !shown(name))
  const secret = plain.map(([, value]) => value).filter((value) => value !== '')
  if (credential.scheme !== 'basic') return secret
  const user = (credential.settle.username ?? values.username ?? '') + (credential.settle.usernameSuffix ?? '')
  return [...secret, Buffer.from(`${user}:${credential.settle.password ?? values.password ?? ''}`).toString('base64')]
}

/** The manifest's own input, or what the schemas ask for; ids of records where records are meant. */
function inputFor(
  manifest: IntegrationManifest,
  plan: OperationPlan,
  world: World,
  random: Random,
  now: number,
  everything: boolean,
): Record<string, unknown> {
  const [given] = manifest.tests?.inputs?.[plan.name] ?? []
  if (given !== undefined && !everything) return structuredClone(given) as Record<string, unknown>
  const input = sample(inputSchema(plan.operation), world.named, random, {
    side: 'input',
    optional: everything ? 1 : 0,
    now,
  }) as Record<string, unknown>
  for (const { name, input: field } of plan.inputs)
    if (field.format === 'binary' && (field.required === true || Object.hasOwn(input, name)))
      input[name] = Buffer.from('simulated bytes')
  for (const { name, value } of identities(plan, world)) input[name] = value
  return input
}

function identities(plan: OperationPlan, world: World): readonly { readonly name: string; readonly value: unknown }[] {
  const collection = world.collectionOf(plan)
  const [record] = collection?.records ?? []
  if (collection === undefined || record === undefined || plan.operation.list !== undefined) return []
  const last = plan.placeholders.at(-1)
  const named = plan.inputs.find(
    ({ as, name, input }) => input.in === 'path' && (as === last || name === last) && belongsTo(plan),
  )
  const placed = named ?? plan.inputs.find(({ name }) => name === 'id' || name === `${plan.noun}Id`)
  if (placed === undefined || /^(create|add|insert)/.test(plan.verb)) return []
  const { wireId } = collection.form
  const value =
    valueAt(record, placed.as) ??
    valueAt(record, placed.name) ??
    (wireId === undefined ? undefined : valueAt(record, wireId))
  if (value === undefined) return []
  const wantsText = [placed.input.type ?? 'string'].flat().includes('string')
  return [{ name: placed.name, value: wantsText ? String(value) : value }]
}
