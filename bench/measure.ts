/** One thing to measure. `run` does `operations` of them. */
export interface Subject {
  readonly name: string
  readonly operations: number
  run(operations: number): Promise<void>
}

export interface Measurement {
  readonly name: string
  /** Median CPU time of this process per operation, in microseconds, collection of garbage included. */
  readonly cpuMicroseconds: number
  /** Median operations per second of wall time. */
  readonly perSecond: number
  /** Medians of the per-round ratios to the first subject. */
  readonly cpuRatio: number
  readonly rateRatio: number
}

interface Round {
  readonly cpu: number
  readonly rate: number
}

/**
 * Runs all subjects in turn, round after round, so that whatever else the machine does hits all of them; ratios are taken within a
 * round and only then the median. The first subject is the yardstick. The first round warms up and is not counted. The order
 * alternates between rounds.
 */
export async function interleave(
  subjects: readonly Subject[],
  rounds: number,
  progress: (text: string) => void,
): Promise<readonly Measurement[]> {
  const seen = subjects.map((): Round[] => [])
  for (let round = 0; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}`)
    const order = subjects.map((_, index) => (round % 2 === 0 ? index : subjects.length - 1 - index))
    for (const index of order) {
      const measured = await measure(subjects[index] as Subject)
      if (round > 0) seen[index]?.push(measured)
    }
  }
  const yardstick = seen[0] as Round[]
  return subjects.map(({ name }, index) => {
    const mine = seen[index] as Round[]
    return {
      name,
      cpuMicroseconds: median(mine.map(({ cpu }) => cpu)),
      perSecond: median(mine.map(({ rate }) => rate)),
      cpuRatio: median(mine.map(({ cpu }, round) => cpu / (yardstick[round] as Round).cpu)),
      rateRatio: median(mine.map(({ rate }, round) => rate / (yardstick[round] as Round).rate)),
    }
  })
}

async function measure({ operations, run }: Subject): Promise<Round> {
  globalThis.gc?.()
  const cpuBefore = process.cpuUsage()
  const before = performance.now()
  await run(operations)
  const seconds = (performance.now() - before) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { cpu: (user + system) / operations, rate: operations / seconds }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** Keeps `width` operations in flight until `total` are done. */
export async function inFlight(width: number, total: number, operation: () => Promise<unknown>): Promise<void> {
  let started = 0
  const lane = async (): Promise<void> => {
    while (started < total) {
      started++
      await operation()
    }
  }
  await Promise.all(Array.from({ length: width }, lane))
}
