// A host that reads three streams of one vendor into its SQLite file, until it is killed.
import { setTimeout as delay } from 'node:timers/promises'
import { connect, defineConnector, isPatchbayError, type StreamSpec, systemClock, unchecked } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { readStream } from '@patchbay/core/streams'
import { type LifeSettings, lifeBegins, openStore, tell } from '../mortal-process.ts'
import { type Entry, type EntryPage, type Feed, feeds, lagMs } from './entry-vendor.ts'

export interface ReaderSettings extends LifeSettings {
  readonly url: string
  /** Says when everything was read, and goes on. */
  readonly settle: boolean
}

interface PageInput {
  readonly feed: Feed
  readonly cursor: string | undefined
  readonly page: string | undefined
}

const connector = defineConnector({
  contract: 1,
  manifest: { id: 'drill/entries', title: 'Entries', summary: 'Three growing lists.', version: '1.0.0' },
  config: unchecked<{ url: string }>(),
  credentials: [none.scheme],
  operations: {
    'entry.page': httpOperation(
      { name: 'entry.page', effect: 'read', input: unchecked<PageInput>(), output: unchecked<EntryPage>() },
      { request: ({ feed, cursor, page }) => ({ path: path`/entries/${feed}`, query: { cursor, page } }) },
    ),
  },
  open: async ({ url }: { url: string }, env) => httpClient({ ...env, baseUrl: url, origin: 'builtin' }),
})

const { url, settle, ...settings } = await lifeBegins<ReaderSettings>()
const { life, sabotage } = settings
const store = openStore(settings)
const connection = connect(connector, {
  config: { url },
  policies: { retry: { attempts: 4, baseMs: 5, maxDelayMs: 40, budget: false }, attemptTimeout: { timeoutMs: 5000 } },
})

type Reading = Pick<StreamSpec, 'order' | 'boundary' | 'cursorKind'> & Partial<Pick<StreamSpec, 'lagMs'>>
const readings: Readonly<Record<Feed, Reading>> = {
  times: { order: 'ascending', boundary: 'inclusive', cursorKind: 'time', lagMs },
  log: { order: 'ascending', boundary: 'exclusive', cursorKind: 'opaque' },
  window: { order: 'descending', boundary: 'exclusive', cursorKind: 'opaque' },
}

function specOf(feed: Feed): StreamSpec<typeof connection, Entry> {
  return {
    name: feed,
    ...readings[feed],
    record: unchecked<Entry>(),
    key: ({ id }) => id,
    ...(feed === 'times' ? { position: ({ at }: Entry) => at } : {}),
    async *read(through, { cursor }) {
      let page: string | undefined
      do {
        const answer = await through.entry.page({ feed, cursor, page })
        yield { items: answer.items, cursor: answer.cursor }
        page = answer.next
      } while (page !== undefined)
    },
  }
}

/** One read to the vendor's last page; gives how many records came. */
async function readOnce(feed: Feed): Promise<number> {
  const reader = readStream(connection, specOf(feed), {
    store,
    key: `stream/${feed}`,
    clock: systemClock,
    batchSize: 5,
  })
  let count = 0
  for await (const batch of reader) {
    const effects = batch.records.map(
      ({ id }) => ({ kind: 'append', log: `effects/${feed}`, value: JSON.stringify({ id, life }) }) as const,
    )
    if (sabotage === 'cursor-first') {
      await batch.ack()
      await store.write([effects])
    } else if (sabotage === 'effects-apart') {
      await store.write([effects])
      await batch.ack()
    } else await batch.ack({ with: effects })
    count += batch.records.length
  }
  return count
}

/** What the vendor's faults may lead to. Anything else is a finding. */
function isExpected(feed: Feed, error: unknown): boolean {
  if (!isPatchbayError(error)) return false
  // A page that comes twice where the declared boundary allows no repetition: refused, and read again from the resume point.
  if (error.code === 'cursor-repeated') return feed === 'log'
  // All attempts met a fault.
  return ['network', 'unavailable', 'timeout'].includes(error.kind)
}

async function readOn(feed: Feed): Promise<void> {
  for (let settled = false; ; ) {
    let count: number | undefined
    try {
      count = await readOnce(feed)
    } catch (error) {
      if (!isExpected(feed, error)) tell({ failed: `${feed}: ${String(error)}` })
    }
    if (count === 0 && settle && !settled) {
      settled = true
      tell({ settled: feed })
    }
    if (!count) await delay(3)
  }
}

tell({ reading: true })
await Promise.all(feeds.map(readOn))
