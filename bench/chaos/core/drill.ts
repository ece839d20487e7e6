import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@patchbay/core/testing'
import { type Row, row } from '../../report.ts'
import { inboxSubject } from './inbox/inbox-subject.ts'
import { killPoints, pointText, type Reach } from './kill-point.ts'
import { outboxSubject } from './outbox/outbox-subject.ts'
import { streamsSubject } from './streams/streams-subject.ts'
import type { Subject, SubjectSettings } from './subject.ts'
import { tokensSubject } from './tokens/tokens-subject.ts'

/** Kills of each subject in a round. */
const killsPerRound = 5
/** Subjects at work at the same time. */
const width = 2

interface Entry {
  readonly reach: Reach
  readonly open: (settings: SubjectSettings) => Promise<Subject>
}

const subjects = {
  tokens: { reach: { writes: 8, requests: 4 }, open: tokensSubject },
  inbox: { reach: { writes: 260, requests: 200 }, open: inboxSubject },
  outbox: { reach: { writes: 160, requests: 120 }, open: outboxSubject },
  streams: { reach: { writes: 40, requests: 30 }, open: streamsSubject },
} as const satisfies Record<string, Entry>

export type SubjectName = keyof typeof subjects
export const subjectNames = Object.keys(subjects) as readonly SubjectName[]

export interface DrillOptions {
  readonly seed: number
  readonly rounds: number
  readonly only?: readonly SubjectName[]
  /** `streams/cursor-first`: breaks a guarantee of a subject, to see that the drill notices. */
  readonly sabotage?: string | undefined
  /** Options for the processes that are killed. */
  readonly nodeOptions?: readonly string[]
  log(text: string): void
}

/** Kills, restarts and judges every subject; two at a time. The rows say what was lost, done twice, or ended for good. */
export async function drill(options: DrillOptions): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'patchbay-chaos-'))
  const names = options.only ?? subjectNames
  const tallies = new Map<SubjectName, Tally>()
  const open = [...names]
  const lane = async (): Promise<void> => {
    for (let name = open.shift(); name !== undefined; name = open.shift())
      tallies.set(name, await drillOne(name, join(folder, name), options))
  }
  try {
    await Promise.all(Array.from({ length: width }, lane))
  } finally {
    const broken = [...tallies.values()].some(({ findings }) => findings > 0) || tallies.size < names.length
    if (broken) options.log(`the files are in ${folder}`)
    else await rm(folder, { recursive: true, force: true })
  }
  const planned = options.rounds * killsPerRound
  const found = names.map((name) => tallies.get(name) as Tally)
  const kills = names.map((name, index) =>
    row({ name: `${name}: kills`, value: found[index]?.kills ?? 0, unit: 'kills', atLeast: planned }),
  )
  const all = found.reduce((sum, tally) => sum + tally.kills, 0)
  const late = found.reduce((sum, tally) => sum + tally.late, 0)
  return [
    row({ name: 'kills in all', value: all, unit: 'kills', atLeast: planned * names.length }),
    ...kills,
    row({ name: 'kills that came to no planned point', value: late, unit: 'kills', atMost: Math.ceil(all / 10) }),
    ...found.flatMap(({ rows }) => rows),
  ]
}

interface Tally {
  readonly kills: number
  /** Lives that never came to their point and were killed where they stood. */
  readonly late: number
  readonly findings: number
  readonly rows: readonly Row[]
}

async function drillOne(name: SubjectName, folder: string, options: DrillOptions): Promise<Tally> {
  const { seed, rounds, sabotage, nodeOptions = [], log } = options
  const { reach, open } = subjects[name]
  const random = seededRandom(seed).fork(name)
  const points = killPoints(random.fork('points'), reach)
  const [saboteur, what] = sabotage?.split('/') ?? []
  await mkdir(folder)
  const subject = await open({ folder, random, nodeOptions, sabotage: saboteur === name ? what : undefined })
  let [kills, late, findings, life] = [0, 0, 0, 0]
  try {
    for (let round = 1; round <= rounds; round++) {
      const told: string[] = []
      for (let count = 0; count < killsPerRound; count++) {
        const { value: point } = points.next()
        const { arrived } = await subject.kill(point, ++life)
        kills++
        if (!arrived) late++
        told.push(`life ${life} ended ${pointText(point)}${arrived ? '' : ', which it did not reach'}`)
      }
      const wrong = await subject.settle(++life)
      log(
        `${name}: round ${round} of ${rounds}, ${kills} kills${wrong.length === 0 ? '' : `, ${wrong.length} findings`}`,
      )
      if (wrong.length === 0) continue
      findings += wrong.length
      log([`seed ${seed}, ${name}, round ${round}:`, ...wrong, ...told].join('\n  '))
    }
    return { kills, late, findings, rows: subject.rows() }
  } finally {
    await subject.close()
  }
}
