import type { SeededRandom } from '@patchbay/core/testing'

/** One issue as the vendor has it. Its wire form is made when it is asked for. */
export interface VendorRecord {
  readonly number: number
  title: string
  closed: boolean
  /** Index among the vendor's people; -1 for nobody. */
  assignee: number
  labels: readonly number[]
  readonly createdAt: number
  updatedAt: number
  /** A change that is stamped already and not shown yet. */
  late: boolean
}

/** What a vendor says at the end that it has, to hold the app's tickets against. */
export interface TrueRecord {
  readonly key: string
  readonly title: string
  readonly closed: boolean
  readonly assignee: string | null
  readonly labels: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
  /** Every time at which the record was shown in a new state. */
  readonly versions: readonly number[]
}

export interface BookOptions {
  readonly random: SeededRandom
  readonly records: number
  /** Times count in this step: 1000 for a vendor that cuts them to seconds. */
  readonly stepMs: number
  readonly people: number
  readonly labels: number
  /** Longest time between the stamp of a change and its appearance. */
  readonly mostLateMs: number
}

const day = 86_400_000
const parts = ['Checkout', 'Login', 'Invoice', 'Search', 'Export', 'Webhook', 'Upload', 'Report', 'Session', 'Calendar']
const troubles = ['fails', 'is slow', 'shows the wrong total', 'loses its filter', 'times out', 'ignores the time zone']
const places = ['on Safari', 'for guests', 'after midnight', 'with many rows', 'behind a proxy', 'in the sandbox']

/** A vendor's issues: made from a seed, changed while they are read, with every version that was ever shown. */
export class RecordBook {
  /** In the order of their creation. */
  readonly records: VendorRecord[] = []
  readonly versions = new Map<number, number[]>()
  readonly #options: BookOptions
  readonly #late = new Set<NodeJS.Timeout>()

  constructor(options: BookOptions) {
    this.#options = options
    const { random, records, stepMs } = options
    const start = Math.floor((Date.now() - 400 * day) / 60_000) * 60_000
    let createdAt = start
    // Imports and bulk edits stamp hundreds of records with one time: more than a page holds.
    let bulk = 0
    let bulkAt = 0
    for (let index = 0; index < records; index++) {
      createdAt += random.below(20) === 0 ? 0 : random.below((300 * day) / records / stepMs) * stepMs
      if (bulk === 0 && random.below(900) === 0) {
        bulk = 120 + random.below(230)
        bulkAt = createdAt + 30 * day
      }
      const updatedAt = bulk > 0 ? bulkAt : createdAt + random.below((60 * day) / stepMs) * stepMs
      if (bulk > 0) bulk--
      this.#add(createdAt, Math.max(createdAt, updatedAt))
    }
  }

  /** A batch of changes that people make now: most to old records, some new ones; part of them appears late. */
  change(count: number): void {
    const { random, stepMs, mostLateMs } = this.#options
    for (let index = 0; index < count; index++) {
      const stamp = Math.floor(Date.now() / stepMs) * stepMs
      if (random.below(10) === 0) {
        this.#add(stamp, stamp)
        continue
      }
      const record = random.pick(this.records)
      if (record.late || record.updatedAt >= stamp) continue
      const apply = this.#edit(record, stamp)
      if (random.below(5) !== 0) {
        apply()
        continue
      }
      record.late = true
      const timer = setTimeout(() => {
        this.#late.delete(timer)
        record.late = false
        apply()
      }, random.below(mostLateMs))
      this.#late.add(timer)
    }
  }

  /** True when every change that was made is shown. */
  get settled(): boolean {
    return this.#late.size === 0
  }

  #edit(record: VendorRecord, stamped: number): () => void {
    const { random, people, labels, stepMs, mostLateMs } = this.#options
    const what = random.below(4)
    return () => {
      const now = Date.now()
      // What a busy machine delays beyond what is promised is a change of now.
      const stamp = now - stamped > mostLateMs + stepMs ? Math.floor(now / stepMs) * stepMs : stamped
      if (what === 0) record.closed = !record.closed
      else if (what === 1) record.assignee = random.below(people + 1) - 1
      else if (what === 2) record.labels = someLabels(random, labels)
      else
        record.title = `${record.title.replace(/ \(\d+\)$/, '')} (${(this.versions.get(record.number) ?? []).length})`
      record.updatedAt = stamp
      this.versions.get(record.number)?.push(stamp)
    }
  }

  #add(createdAt: number, updatedAt: number): void {
    const { random, people, labels } = this.#options
    const number = this.records.length + 1
    this.records.push({
      number,
      title: `${random.pick(parts)} ${random.pick(troubles)} ${random.pick(places)}`,
      closed: random.below(3) === 0,
      assignee: random.below(people + 1) - 1,
      labels: someLabels(random, labels),
      createdAt,
      updatedAt,
      late: false,
    })
    this.versions.set(number, [updatedAt])
  }
}

function someLabels(random: SeededRandom, count: number): readonly number[] {
  return [...new Set(Array.from({ length: random.below(4) }, () => random.below(count)))]
}
