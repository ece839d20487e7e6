import type { Bench } from './bench.ts'
import { askChild } from './child.ts'
import { interleave, type Measurement, median } from './measure.ts'
import {
  bare,
  cockatielStack,
  patchbaySignalStack,
  patchbayStack,
  repeat,
  type Stack,
} from './programs/policy-stacks.ts'
import { type Row, row } from './report.ts'

const roomy = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']

export const bench: Bench = {
  description:
    'The policy stack on calls that go well: CPU time against cockatiel and a bare call, bytes per call, growth over a million calls',
  async run({ rounds = 7, log }) {
    const stacks: readonly (readonly [name: string, stack: Stack, calls: number])[] = [
      ['cockatiel', cockatielStack(), 30_000],
      ['patchbay', patchbayStack(), 200_000],
      ['patchbay, authorizer', patchbayStack({ authorize: () => true }), 200_000],
      ['patchbay, signal read', patchbaySignalStack(), 100_000],
      ['bare call', bare, 1_000_000],
    ]
    const subjects = stacks.map(([name, stack, operations]) => ({
      name,
      operations,
      run: (calls: number) => repeat(stack, calls),
    }))
    const measured = await interleave(subjects, rounds, log)
    return [...cpuRows(measured), ...(await heapRows(log))]
  },
}

function cpuRows(measured: readonly Measurement[]): readonly Row[] {
  const find = (name: string): Measurement => measured.find((one) => one.name === name) as Measurement
  const cockatiel = find('cockatiel')
  const rows = ['patchbay', 'patchbay, authorizer', 'patchbay, signal read'].map((name) =>
    row({
      name: `${name}, CPU`,
      value: find(name).cpuRatio,
      unit: 'x',
      against: { name: cockatiel.name, value: 1 },
      atMost: 0.1,
    }),
  )
  const nothing = find('bare call').cpuMicroseconds
  const toNothing = row({
    name: 'patchbay, CPU',
    value: find('patchbay').cpuMicroseconds,
    unit: 'us',
    against: { name: 'bare call', value: nothing },
  })
  return [...rows, toNothing]
}

async function heapRows(log: (text: string) => void): Promise<readonly Row[]> {
  log('bytes per call')
  const bytesOf = async (name: string): Promise<number> => {
    const seen: number[] = []
    for (let round = 0; round < 5; round++)
      seen.push((await askChild('programs/heap-per-call.ts', [name], roomy)) as number)
    return median(seen) / 1000
  }
  const cockatiel = { name: 'cockatiel', value: await bytesOf('cockatiel') }
  const patchbay = await bytesOf('patchbay')
  log('growth over a million calls')
  const { bytes, timers } = (await askChild('programs/heap-per-call.ts', ['patchbay', 'growth'], roomy)) as {
    bytes: number
    timers: number
  }
  return [
    row({ name: 'patchbay, heap per call', value: patchbay, unit: 'kB', atMost: 1.1 }),
    row({ name: 'patchbay, heap per call, signal read', value: await bytesOf('signal'), unit: 'kB', atMost: 1.5 }),
    row({ name: 'patchbay, heap per call', value: patchbay, unit: 'kB', against: cockatiel }),
    row({ name: 'heap left over by a million calls', value: bytes / 1_000_000, unit: 'MB', atMost: 1 }),
    row({ name: 'timers left over by a million calls', value: timers, unit: 'timers', exactly: 0 }),
  ]
}
