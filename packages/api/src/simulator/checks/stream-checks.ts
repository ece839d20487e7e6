import type { StreamSpec } from '@patchbay/core'
import { memoryStore } from '@patchbay/core/stores/memory'
import { readStream } from '@patchbay/core/streams'
import { seededRandom } from '@patchbay/core/testing'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { simulatedFaults } from '../faults/index.ts'
import { planOf } from '../vendor/operation-plan.ts'
import { valueAt } from '../wire/own-value.ts'
import { demand, difference, inspectError, outcomeOf, tell } from './compare.ts'
import {
  type Bench,
  bench,
  firstCredential,
  type IntegrationCheck,
  type IntegrationSubject,
  mostPages,
} from './subject.ts'

type Store = ReturnType<typeof memoryStore>

/** Every stream is read with crashes at its writes, and under the faults that move pages. */
export function streamChecks(
  manifest: IntegrationManifest,
  wanted: readonly string[] | undefined,
): readonly IntegrationCheck[] {
  return Object.entries(manifest.streams ?? {}).flatMap(([name, { operation }]) => {
    const plan = planOf(manifest, operation, manifest.operations[operation] as never)
    const faults = simulatedFaults.filter(
      (fault) =>
        (wanted === undefined || wanted.includes(fault.id)) &&
        ['duplicate-page', 'page-shift', 'empty-page', 'server-errors', 'rate-limited'].includes(fault.id),
    )
    const common = { effect: 'read' as const, needs: [], about: name }
    return [
      {
        ...common,
        name: `the stream ${name} loses and repeats nothing, wherever the reader crashes`,
        run: (subject: IntegrationSubject) => read(subject, name, undefined),
      },
      ...faults.map((fault) => ({
        ...common,
        name: `the stream ${name} loses and repeats nothing under: ${fault.title}`,
        fault: fault.id,
        impossible:
          manifest.tests?.faults?.[fault.id] ??
          fault.impossible({ manifest, plan, credential: firstCredential(manifest) } as never),
        run: (subject: IntegrationSubject) => read(subject, name, fault.id),
      })),
    ]
  })
}

class Crash extends Error {}

/** A store whose writes fail as the process would: before or after they took effect. */
function crashing(store: Store, after: () => boolean, before: () => boolean): Store {
  return {
    get: (key) => store.get(key),
    list: (prefix, options) => store.list(prefix, options),
    read: (log, from, limit) => store.read(log, from, limit),
    trim: (log, upTo) => store.trim(log, upTo),
    close: () => store.close(),
    async write(groups) {
      if (before()) throw new Crash()
      const result = await store.write(groups)
      if (after()) throw new Crash()
      return result
    },
  } as Store
}

async function read(subject: IntegrationSubject, name: string, fault: string | undefined): Promise<void> {
  const one = bench(subject)
  const { manifest } = one.simulator
  const entry = manifest.streams?.[name]
  demand(entry !== undefined, `streams.${name} is not there`)
  const store = memoryStore({ clock: one.clock })
  const random = seededRandom(subject.seed + 7)
  const sink = new Map<string, unknown>()
  const where = `streams.${name}`
  if (fault !== undefined) disturbWith(one, entry.operation, fault)
  // A vendor's own cursor says nothing about records, so a page that it gives twice comes twice: the identity tells.
  const twice = fault === 'duplicate-page' && entry.cursor.kind === 'opaque'
  const before = one.simulator.records(entry.operation)
  await drain(one, name, store, random, sink, where, twice)
  compare(one, entry.operation, entry.id, sink, where, before)
  // What comes to be later is read by the next reader, and nothing else.
  const size = sink.size
  for (let index = 0; index < 3; index++) {
    await one.clock.advance(61_000)
    one.simulator.add(entry.operation)
  }
  const lag = entry.cursor.kind === 'time' ? (entry.cursor.lagMs ?? 0) : 0
  await one.clock.advance(lag + 120_000)
  if (entry.cursor.kind === 'time') {
    await drain(one, name, store, random, sink, where, twice)
    compare(one, entry.operation, entry.id, sink, where)
    demand(sink.size > size, `${where}: records that came later were not read`)
  }
  await one.close()
}

function disturbWith(one: Bench, operation: string, id: string): void {
  const fault = simulatedFaults.find((known) => known.id === id)
  const { manifest } = one.simulator
  const plan = planOf(manifest, operation, manifest.operations[operation] as never)
  const [run] =
    fault?.runs({
      simulator: one.simulator,
      manifest,
      plan,
      clock: one.clock,
      credential: firstCredential(manifest),
    }) ?? []
  if (run !== undefined) one.simulator.disturb(run.interference)
}

/** Reads until a read ends without a crash. Each crash is at another write, drawn by the seed. */
async function drain(
  one: Bench,
  name: string,
  store: Store,
  random: { next(): number },
  sink: Map<string, unknown>,
  where: string,
  twice: boolean,
): Promise<void> {
  const spec = specOf(one, name)
  one.simulator.prefer(one.simulator.manifest.streams?.[name]?.operation)
  for (let crashes = 0; ; crashes++) {
    const chance = crashes < 8 ? 0.35 : 0
    const broken = crashing(
      store,
      () => random.next() < chance / 2,
      () => random.next() < chance / 2,
    )
    const work = async (): Promise<void> => {
      let batches = 0
      for await (const batch of readStream(one.connection as unknown, spec, {
        store: broken,
        key: `conformance/${name}`,
      })) {
        if (++batches > mostPages) throw new Error(`${where}: the list never ends; look at its pagination`)
        const writes = batch.records.map((record, index) => ({
          kind: 'append' as const,
          log: 'sink',
          value: JSON.stringify([spec.key(record), record, index]),
        }))
        await batch.ack({ with: writes })
      }
    }
    try {
      const outcome = await one.run(outcomeOf(work()))
      demand('value' in outcome, `${where}: ${'error' in outcome ? inspectError(outcome.error) : ''}`)
      break
    } catch (error) {
      if (!isCrash(error)) throw error
    }
  }
  sink.clear()
  for (let after = 0; ; ) {
    const entries = await store.read('sink', after, 1000)
    if (entries.length === 0) break
    for (const { offset, value } of entries) {
      after = offset
      const [key, record] = JSON.parse(value) as [string, unknown]
      demand(
        twice || !sink.has(key),
        `${where}: the record ${key} took effect twice; is \`id\` its identity, and \`order\` and \`boundary\` what the vendor does?`,
      )
      sink.set(key, record)
    }
  }
}

type Spec = StreamSpec<unknown, unknown>

/** The stream, with what its list cannot do without. */
function specOf(one: Bench, name: string): Spec {
  const spec = (one.streams as unknown as Readonly<Record<string, Spec & { with(input: object): Spec }>>)[name]
  if (spec === undefined) throw new Error(`streams.${name} is not there`)
  const { manifest } = one.simulator
  const entry = manifest.streams?.[name]
  const operation = manifest.operations[entry?.operation ?? '']
  const taken = new Set([
    ...Object.keys(entry?.input ?? {}),
    ...(entry?.cursor.kind === 'time' ? [entry.cursor.input] : []),
  ])
  const given = one.simulator.input(entry?.operation ?? '')
  const needed = Object.entries(operation?.input ?? {}).filter(
    ([key, input]) =>
      !taken.has(key) && (input.in === 'path' || input.required === true) && input.default === undefined,
  )
  return needed.length === 0 ? spec : spec.with(Object.fromEntries(needed.map(([key]) => [key, given[key]])))
}

/** Core may wrap what a store throws. */
function isCrash(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof Crash) return true
  return false
}

/** `least`: what was there when the reader began; what came while it read may come with the next read. */
function compare(
  one: Bench,
  operation: string,
  id: string,
  sink: ReadonlyMap<string, unknown>,
  where: string,
  least?: readonly unknown[],
): void {
  const ids = (records: readonly unknown[]): string[] => records.map((record) => String(valueAt(record, id)))
  const early = new Set(ids(least ?? []))
  const held = ids(one.simulator.records(operation))
  const needed = least === undefined ? held : held.filter((key) => early.has(key) || sink.has(key))
  const wrong = difference([...sink.keys()], needed)
  demand(
    wrong === undefined,
    `${where}: ${wrong === undefined ? '' : tell(wrong)}; look at its cursor (field, order, boundary, lag) and id`,
  )
}
