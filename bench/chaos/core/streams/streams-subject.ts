import { join } from 'node:path'
import { type Row, row } from '../../../report.ts'
import { Edge } from '../edge.ts'
import { EffectLog, newFindings, withStore } from '../effects.ts'
import type { KillPoint } from '../kill-point.ts'
import { deathWithin, type Life, Lives, type Message } from '../lives.ts'
import type { Subject, SubjectSettings } from '../subject.ts'
import { withinTime } from '../within-time.ts'
import { EntryVendor, type Feed, feeds } from './entry-vendor.ts'
import type { ReaderSettings } from './reader-process.ts'

const patienceMs = 10_000

/** Incremental streams whose records and cursor become durable in one group, over a connection with policies and a faulty vendor. */
export async function streamsSubject({ folder, random, nodeOptions, sabotage }: SubjectSettings): Promise<Subject> {
  const vendor = new EntryVendor(random.fork('vendor'))
  const edge = await Edge.start({
    random: random.fork('edge'),
    faults: 0.06,
    answer({ path }) {
      const { pathname, searchParams } = new URL(path, 'http://edge')
      const feed = pathname.split('/').at(-1) as Feed
      const page = vendor.page(feed, searchParams.get('cursor') ?? undefined, searchParams.get('page') ?? undefined)
      return { status: 200, body: JSON.stringify(page) }
    },
  })
  const lives = new Lives(new URL('reader-process.ts', import.meta.url), nodeOptions)
  const file = join(folder, 'streams.db')
  const logs = new Map(feeds.map((feed) => [feed, new EffectLog(`effects/${feed}`)]))
  const failures: string[] = []
  let lost: string[] = []
  let told = { duplicates: 0, failures: 0 }

  const begin = (life: number, more: Partial<ReaderSettings>, heard: (message: Message) => void): Promise<Life> => {
    const settings: ReaderSettings = { file, life, url: edge.url, settle: false, sabotage, ...more }
    return lives.begin(settings, (message) => {
      if (typeof message.failed === 'string') failures.push(`life ${life}: ${message.failed}`)
      heard(message)
    })
  }
  const duplicates = (): readonly string[] => [...logs.values()].flatMap((log) => log.duplicates)

  return {
    async kill(point: KillPoint, number) {
      const beginning = begin(number, { point }, () => undefined)
      edge.arm(point, async () => (await beginning).kill())
      const arrived = await deathWithin(await beginning, patienceMs)
      edge.disarm()
      return { arrived }
    },
    async settle(number) {
      vendor.grows = false
      const open = new Set<unknown>(feeds)
      const settled = Promise.withResolvers<void>()
      const life = await begin(number, { settle: true }, ({ settled: feed }) => {
        open.delete(feed)
        if (open.size === 0) settled.resolve()
      })
      const inTime = await withinTime(Promise.race([settled.promise, life.death]), 30_000)
      await withStore(file, async (store) => {
        for (const log of logs.values()) await log.readFrom(store)
      })
      life.kill()
      await life.death
      vendor.grows = true
      const before = new Set(lost)
      lost = feeds.flatMap((feed) => vendor.ids(feed).filter((id) => logs.get(feed)?.has(id) !== true))
      const findings = [
        ...(inTime ? [] : [`streams that came to no end: ${[...open].join(', ')}`]),
        ...newFindings(
          'lost',
          lost.filter((id) => !before.has(id)),
          0,
        ),
        ...newFindings('duplicate', duplicates(), told.duplicates),
        ...newFindings('failure', failures, told.failures),
      ]
      told = { duplicates: duplicates().length, failures: failures.length }
      return findings
    },
    rows(): readonly Row[] {
      const records = [...logs.values()].reduce((sum, { effects }) => sum + effects.length, 0)
      return [
        row({ name: 'streams: records read', value: records, unit: 'records', atLeast: 1 }),
        row({ name: 'streams: faults met', value: edge.faults, unit: 'faults' }),
        row({ name: 'streams: records lost', value: lost.length, unit: 'records', exactly: 0 }),
        row({ name: 'streams: records duplicated', value: duplicates().length, unit: 'records', exactly: 0 }),
        row({ name: 'streams: errors without a cause', value: failures.length, unit: 'errors', exactly: 0 }),
      ]
    },
    async close() {
      await lives.close()
      await edge.close()
    },
  }
}
