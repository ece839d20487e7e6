import type { Bench } from './bench.ts'
import { askChild, startChild } from './child.ts'
import { median } from './measure.ts'
import type { Taken } from './programs/record-reader.ts'
import { type Row, row } from './report.ts'

const count = 1_000_000
const small = ['--max-old-space-size=32']
/** The whole document needs room for all records at once. */
const large = ['--max-old-space-size=4096']

const ways = [
  { way: 'bare', nodeOptions: small },
  { way: 'ideal', nodeOptions: small },
  { way: 'batches', nodeOptions: small },
  { way: 'records', nodeOptions: small },
  { way: 'whole', nodeOptions: large },
] as const

type Way = (typeof ways)[number]['way']
type Rounds = Readonly<Record<Way, readonly Taken[]>>

export const bench: Bench = {
  description: 'A million records of 190 bytes out of one JSON body over HTTP, under an old space of 32 MiB',
  async run({ rounds = 5, log }) {
    const server = await startChild('programs/record-server.ts')
    try {
      const url = `http://127.0.0.1:${String(server.greeting)}/?count=${count}`
      const taken: Record<Way, Taken[]> = { bare: [], ideal: [], batches: [], records: [], whole: [] }
      for (let round = 1; round <= rounds; round++) {
        log(`round ${round} of ${rounds}`)
        const order = round % 2 === 0 ? ways : ways.toReversed()
        for (const { way, nodeOptions } of order) {
          // A process of its own for each reading: peak memory and the limit belong to a process.
          taken[way].push((await askChild('programs/record-reader.ts', [way, url], nodeOptions)) as Taken)
        }
      }
      return rowsOf(taken)
    } finally {
      await server.end()
    }
  },
}

function rowsOf(taken: Rounds): readonly Row[] {
  const of = (way: Way, value: (one: Taken) => number): number => median(taken[way].map(value))
  /** The median of the ratios within a round: whatever else the machine did, it did to both. */
  const beside = (way: Way, yardstick: Way, value: (one: Taken) => number): number =>
    median(taken[way].map((one, round) => value(one) / value(taken[yardstick][round] as Taken)))
  const wall = ({ wallMs }: Taken): number => wallMs
  // Per second of CPU: the server works on the same cores and would hide the reader's share of the wall time.
  const rate = ({ cpuMs, records }: Taken): number => records / (cpuMs / 1000)
  const cpu = ({ cpuMs }: Taken): number => cpuMs
  const against = (way: Way, yardstick: Way, name: string, value: (one: Taken) => number) => ({
    value: of(way, value),
    against: { name, value: of(way, value) / beside(way, yardstick, value) },
  })
  const ideal = 'ideal splitter'
  const parse = 'one JSON.parse of the whole'
  const { bare, ...readings } = taken
  const sums = new Set(Object.values(readings).flatMap((list) => list.map(({ check }) => check)))
  /** Node with the sources loaded and nothing read. */
  const empty = median(bare.map(({ peakMiB }) => peakMiB))
  const growth = (way: Way): number => of(way, ({ peakMiB }) => peakMiB) - empty
  return [
    row({
      name: 'records read',
      value: Math.min(...taken.batches.map((one) => one.records)),
      unit: 'records',
      exactly: count,
    }),
    row({ name: 'sums of the ways', value: sums.size, unit: 'distinct', exactly: 1 }),
    row({ name: 'batches, rate', unit: 'records/CPU s', ...against('batches', 'ideal', ideal, rate), atLeast: 0.8 }),
    row({ name: 'batches, CPU', unit: 'ms', ...against('batches', 'whole', parse, cpu), atMost: 1.3 }),
    row({ name: 'batches, wall time beside ideal', unit: 'ms', ...against('batches', 'ideal', ideal, wall) }),
    row({ name: 'bare process, peak memory', value: empty, unit: 'MiB' }),
    row({ name: 'batches, peak memory above it', value: growth('batches'), unit: 'MiB', atMost: 128 }),
    row({ name: 'single records, rate', unit: 'records/CPU s', ...against('records', 'ideal', ideal, rate) }),
    row({ name: 'single records, CPU', unit: 'ms', ...against('records', 'whole', parse, cpu) }),
    row({ name: 'single records, peak memory above it', value: growth('records'), unit: 'MiB', atMost: 128 }),
    row({ name: 'ideal splitter, peak memory above it', value: growth('ideal'), unit: 'MiB' }),
    row({ name: 'whole document, peak memory above it', value: growth('whole'), unit: 'MiB' }),
  ]
}
