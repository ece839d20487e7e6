import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPatchbayError } from '../errors.ts'
import type { Store, Write } from '../store.ts'
import { memoryStore } from '../stores/memory.ts'
import type { StreamSpec } from '../stream.ts'
import { fakeClock, seededRandom } from '../testing/index.ts'
import { LogVendor, type ModelRecord, type ModelRules, pick, TimeVendor } from './fixtures/model-vendor.ts'
import { readStream } from './reader.ts'
import type { StreamBatch } from './stream-batch.ts'

type Random = ReturnType<typeof seededRandom>

const rules = (cursor: 'time' | 'opaque') =>
  fc.record({
    order: fc.constantFrom('ascending' as const, 'descending' as const, 'none' as const),
    boundary:
      cursor === 'time'
        ? fc.constantFrom('inclusive' as const, 'exclusive' as const)
        : fc.constant('exclusive' as const),
    lagMs: fc.constantFrom(0, 0, 500, 5000),
    precisionMs: fc.constantFrom(1, 100, 1000),
    pageSize: fc.integer({ min: 1, max: 6 }),
    repeats: fc.constantFrom(0, 0, 0.2),
  })

interface Scene {
  readonly store: Store
  readonly random: Random
  readonly spec: StreamSpec<unknown, ModelRecord>
  readonly clock: ReturnType<typeof fakeClock>
  readonly batchSize: number
  /** Every record that was handed over, with the times it came. */
  readonly seen: Map<string, number>
}

const label = ({ id, version }: ModelRecord): string => `${id}/${version}`

/** Writes that fail when a record comes twice: the effect and the cursor are one step. */
function effects({ records }: StreamBatch<ModelRecord>): Write[] {
  return records.map((record) => ({ kind: 'put', key: `effect/${label(record)}`, value: '', ifVersion: 'absent' }))
}

/**
 * One read by a consumer that dies at a random point, forgets batches, and acknowledges out of order. Answers whether everything was
 * read and acknowledged.
 */
async function poll(scene: Scene, chaos: number): Promise<boolean> {
  const { store, random, spec, clock, batchSize, seen } = scene
  const reader = readStream(undefined, spec, { store, key: 'stream', clock, batchSize })
  const open: StreamBatch<ModelRecord>[] = []
  const settle = async (batch: StreamBatch<ModelRecord>): Promise<void> => {
    await batch.ack({ with: effects(batch) })
    for (const record of batch.records) seen.set(label(record), (seen.get(label(record)) ?? 0) + 1)
  }
  let forgotten = false
  try {
    for await (const batch of reader) {
      if (random.next() < chaos * 0.1) return false
      open.push(batch)
      if (random.next() < chaos * 0.05) {
        open.pop()
        forgotten = true
      }
      while (open.length > 0 && random.next() > chaos * 0.5) {
        await settle(open.splice(pick(random, open.length), 1)[0] as StreamBatch<ModelRecord>)
      }
    }
    if (random.next() < chaos * 0.2) return false
    for (const batch of open) await settle(batch)
    return !forgotten
  } catch (error) {
    if (isPatchbayError(error) && error.code === 'cursor-repeated') return false
    throw error
  }
}

async function scenario(
  cursor: 'time' | 'opaque',
  modelRules: ModelRules,
  seed: number,
  batchSize: number,
): Promise<{ vendor: TimeVendor | LogVendor; scene: Scene }> {
  const random = seededRandom(seed)
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const vendor =
    cursor === 'time' ? new TimeVendor(modelRules, clock, random) : new LogVendor(modelRules, clock, random)
  let quiet = false
  const pause = async (): Promise<void> => {
    if (quiet) return
    await clock.advance(pick(random, 400))
    for (let changes = pick(random, 4); changes > 0; changes--) vendor.change()
  }
  const scene: Scene = { store, random, spec: vendor.spec(pause), clock, batchSize, seen: new Map() }
  for (let round = 0; round < 8; round++) {
    await clock.advance(pick(random, 3000))
    for (let changes = pick(random, 8); changes > 0; changes--) vendor.change()
    await poll(scene, 1)
  }
  // The world stops changing, the lag passes, and the consumer becomes well-behaved.
  quiet = true
  await clock.advance(modelRules.lagMs + modelRules.precisionMs + 1)
  for (let round = 0; round < 200; round++) if (await poll(scene, 0)) break
  return { vendor, scene }
}

const seed = fc.integer({ min: 1, max: 2 ** 31 - 1 })
const batchSize = fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY)

describe('readStream against a model vendor', () => {
  it('time cursors: every record arrives in its last version, none twice, whatever crashes when', async () => {
    await fc.assert(
      fc.asyncProperty(rules('time'), seed, batchSize, async (modelRules, number, size) => {
        const { vendor, scene } = await scenario('time', modelRules, number, size)
        const lost = [...(vendor as TimeVendor).truth].filter(([id, version]) => !scene.seen.has(`${id}/${version}`))
        expect(lost).toEqual([])
        expect([...scene.seen].filter(([, times]) => times > 1)).toEqual([])
        // A quiet stream stays quiet.
        const before = scene.seen.size
        await poll(scene, 0)
        expect(scene.seen.size).toBe(before)
      }),
      { numRuns: 300 },
    )
  }, 120_000)

  it('opaque cursors: every entry of the log takes effect once', async () => {
    await fc.assert(
      fc.asyncProperty(rules('opaque'), seed, batchSize, async (modelRules, number, size) => {
        const { vendor, scene } = await scenario('opaque', modelRules, number, size)
        const entries = (vendor as LogVendor).log.map(label)
        expect(entries.filter((entry) => !scene.seen.has(entry))).toEqual([])
        expect([...scene.seen.values()].every((times) => times === 1)).toBe(true)
        expect(scene.seen.size).toBe(entries.length)
      }),
      { numRuns: 300 },
    )
  }, 120_000)

  it('opaque, inclusive cursors: the entry at the cursor is not handed over again', async () => {
    await fc.assert(
      fc.asyncProperty(rules('opaque'), seed, batchSize, async (modelRules, number, size) => {
        const inclusive = { ...modelRules, order: 'ascending', boundary: 'inclusive', repeats: 0 } as const
        const { vendor, scene } = await scenario('opaque', inclusive, number, size)
        const entries = (vendor as LogVendor).log.map(label)
        expect(entries.filter((entry) => !scene.seen.has(entry))).toEqual([])
        expect(scene.seen.size).toBe(entries.length)
      }),
      { numRuns: 300 },
    )
  }, 120_000)
})
