import { type Connection, type ConnectSettings, connect, type Transport } from '@patchbay/core'
import type { Check } from '@patchbay/core/conformance'
import { type FakeClock, fakeClock } from '@patchbay/core/testing'
import { integration } from '../../declarative/integration.ts'
import type { Integration } from '../../declarative/integration-types.ts'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { type SimulateOptions, type Simulator, simulate } from '../simulator.ts'
import { smaller } from './smaller.ts'

/** What the checks of an integration run on. */
export interface IntegrationSubject {
  /** What the vendor is made of. */
  readonly manifest: IntegrationManifest
  readonly seed: number
  /** What is tested. Default: the manifest itself; tests of the checks hand in one that is wrong. */
  readonly tested?: IntegrationManifest | undefined
  /** Stands between integration and vendor. */
  readonly between?: ((transport: Transport) => Transport) | undefined
}

/** One check of an integration, with what it is about. */
export interface IntegrationCheck extends Check<IntegrationSubject> {
  /** The fault that is injected; undefined: none. */
  readonly fault?: string | undefined
  /** Operation, stream, webhook or credential. */
  readonly about?: string | undefined
  /** Why it does not apply to this integration: the suite says so instead of running it. */
  readonly impossible?: string | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: the operations of a manifest are known when it is read
type AnyIntegration = Integration<any>
type Method = (
  input: object,
  options?: object,
) => Promise<unknown> & { pages(): AsyncIterable<{ readonly output: { readonly items: readonly unknown[] } }> }

/** A connection to a simulated vendor, on a clock that only moves when nothing else can. */
export interface Bench {
  readonly simulator: Simulator
  readonly clock: FakeClock
  readonly connection: Connection<AnyIntegration>
  /** The streams of what is tested, by name. */
  readonly streams: AnyIntegration['streams']
  readonly webhooks: AnyIntegration['webhooks']
  call(operation: string, input?: object, options?: object): Promise<unknown>
  /** All records of a list, page by page. */
  list(operation: string, input?: object): Promise<readonly unknown[]>
  firstPage(operation: string, input?: object): Promise<unknown>
  run<T>(work: Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Nothing takes long on a clock that only moves when all wait, and budgets of days must be waited for. */
const timeoutMs = 30 * 86_400_000

/** No list of a simulated vendor has more. */
export const mostPages = 400

/** Vendors keep records of days, so time has gone on. */
const now = '2026-01-05T12:00:00Z'

export function bench(
  subject: IntegrationSubject,
  options: SimulateOptions = {},
  settings: Partial<ConnectSettings> = {},
): Bench {
  const manifest = smaller(subject.manifest)
  const clock = fakeClock(now)
  const simulator = simulate(manifest, { seed: subject.seed, clock, ...options })
  const tested = integration(subject.tested === undefined ? manifest : smaller(subject.tested)) as AnyIntegration
  const id = options.credential ?? firstCredential(manifest)
  const { between = (transport: Transport) => transport } = subject
  const connection = connect(tested, {
    config: simulator.config,
    credential: credentialOf(tested, simulator, id),
    transport: between(simulator.transport),
    clock,
    ...settings,
  } as never) as unknown as Connection<AnyIntegration>
  const methodOf = (name: string): Method => {
    const [noun = '', verb = ''] = name.split('.')
    const nouns = connection as unknown as Readonly<Record<string, Readonly<Record<string, Method>>>>
    const method = nouns[noun]?.[verb]
    if (method === undefined) throw new Error(`the integration has no operation ${name}`)
    return method
  }
  return {
    simulator,
    clock,
    connection,
    streams: tested.streams,
    webhooks: tested.webhooks,
    async call(name, input = simulator.input(name), given = {}) {
      simulator.prefer(name)
      return methodOf(name)(input, { timeoutMs, ...given })
    },
    async list(name, input = simulator.input(name)) {
      simulator.prefer(name)
      const items: unknown[] = []
      let pages = 0
      for await (const { output } of methodOf(name)(input, { timeoutMs, ...approval }).pages()) {
        items.push(...output.items)
        if (++pages > mostPages)
          throw new Error(
            `operations["${name}"].list.pagination: the list never ends: does the position stand where the vendor looks for it?`,
          )
      }
      return items
    },
    async firstPage(name, input = simulator.input(name)) {
      simulator.prefer(name)
      for await (const { output } of methodOf(name)(input, { timeoutMs, ...approval }).pages()) return output
      return undefined
    },
    run: (work) => clock.runUntil(work, { limitMs: 400 * 86_400_000 }),
    close: () => connection.$close(),
  }
}

export const approval = { approval: { by: 'conformance', reason: 'a simulated vendor' } }

export function firstCredential({ credentials }: IntegrationManifest): string {
  return (credentials.find(({ scheme }) => scheme !== 'none') ?? credentials[0])?.id ?? ''
}

/** The credential as the tested integration makes it: that is part of what is tested. */
function credentialOf(tested: AnyIntegration, simulator: Simulator, id: string) {
  const make = tested.credential as unknown as Readonly<Record<string, ((fields: object) => unknown) | undefined>>
  return make[id]?.(simulator.credentialFields(id))
}
