import { rmSync } from 'node:fs'
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

/** Kills of each subject in a round, unless the options say otherwise. */
const usualKills = 5
/** Subjects at work at the same time. */
const width = 2
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

interface Entry {
  /** How far the points lie from the beginning of a life. */
  readonly reach: Reach
  /** Guarantees that its processes can break on demand. */
  readonly sabotages: readonly string[]
  readonly open: (settings: SubjectSettings) => Promise<Subject>
}

const subjects = {
  tokens: {
    reach: { writes: 8, requests: 4 },
    sabotages: ['no-write-ahead', 'no-lease'],
    open: tokensSubject,
  },
  inbox: {
    reach: { writes: 260, requests: 200 },
    sabotages: ['answer-first', 'effects-apart', 'no-dedupe'],
    open: inboxSubject,
  },
  outbox: {
    reach: { writes: 160, requests: 120 },
    sabotages: ['publish-early', 'fresh-ids'],
    open: outboxSubject,
  },
  streams: {
    reach: { writes: 40, requests: 30 },
    sabotages: ['cursor-first', 'effects-apart'],
    open: streamsSubject,
  },
} as const satisfies Record<string, Entry>

export type SubjectName = keyof typeof subjects
const subjectNames = Object.keys(subjects) as readonly SubjectName[]
export const sabotages: readonly string[] = subjectNames.flatMap((name) =>
  subjects[name].sabotages.map((what) => `${name}/${what}`),
)

export interface DrillOptions {
  readonly seed: number
  readonly rounds: number
  readonly killsPerRound?: number
  /** Breaks a guarantee, to see that the drill notices. One of {@link sabotages}; only its subject is drilled. */
  readonly sabotage?: string | undefined
  /** Ends a subject's rounds at the first finding. */
  readonly untilFinding?: boolean
  /** Options for the processes that are killed. */
  readonly nodeOptions?: readonly string[]
  log(text: string): void
}

/** Kills, restarts and judges every subject; two at a time. The rows say what was lost, done twice, or ended for good. */
export async function drill(options: DrillOptions): Promise<readonly Row[]> {
  const { sabotage, log } = options
  if (sabotage !== undefined && !sabotages.includes(sabotage))
    throw new Error(`there is no sabotage named ${sabotage}; there are: ${sabotages.join(', ')}`)
  const names = sabotage === undefined ? subjectNames : [sabotage.split('/')[0] as SubjectName]
  const folder = await mkdtemp(join(tmpdir(), 'patchbay-chaos-'))
  // Whoever ends this process by hand leaves no files behind; the processes of the lives end with it.
  const interrupted = (): never => {
    rmSync(folder, { recursive: true, force: true })
    process.exit(130)
  }
  for (const signal of signals) process.once(signal, interrupted)
  const tallies = new Map<SubjectName, Tally>()
  const open = [...names]
  const lane = async (): Promise<void> => {
    try {
      for (let name = open.shift(); name !== undefined; name = open.shift())
        tallies.set(name, await drillOne(name, join(folder, name), options))
    } finally {
      open.length = 0
    }
  }
  // The other lane comes to the end of its subject before a failure is told: it works in the same folder.
  const lanes = await Promise.allSettled(Array.from({ length: width }, lane))
  for (const signal of signals) process.off(signal, interrupted)
  const found = names.flatMap((name) => tallies.get(name) ?? [])
  if (found.length === names.length && found.every(({ findings }) => findings === 0))
    await rm(folder, { recursive: true, force: true })
  else log(`the files are in ${folder}`)
  for (const one of lanes) if (one.status === 'rejected') throw one.reason
  return rowsOf(found, options.rounds * (options.killsPerRound ?? usualKills))
}

function rowsOf(found: readonly Tally[], planned: number): readonly Row[] {
  const all = found.reduce((sum, { kills }) => sum + kills, 0)
  const late = found.reduce((sum, tally) => sum + tally.late, 0)
  return [
    row({ name: 'kills in all', value: all, unit: 'kills', atLeast: planned * found.length }),
    ...found.map(({ name, kills }) => row({ name: `${name}: kills`, value: kills, unit: 'kills', atLeast: planned })),
    row({ name: 'kills that came to no planned point', value: late, unit: 'kills', atMost: Math.ceil(all / 10) }),
    ...found.flatMap(({ rows }) => rows),
  ]
}

interface Tally {
  readonly name: SubjectName
  readonly kills: number
  /** Lives that never came to their point and were killed where they stood. */
  readonly late: number
  readonly findings: number
  readonly rows: readonly Row[]
}

async function drillOne(name: SubjectName, folder: string, options: DrillOptions): Promise<Tally> {
  const { seed, rounds, sabotage, untilFinding = false, nodeOptions = [], log } = options
  const { killsPerRound = usualKills } = options
  const { reach, open } = subjects[name]
  const random = seededRandom(seed).fork(name)
  const points = killPoints(random.fork('points'), reach)
  await mkdir(folder)
  const subject = await open({ folder, random, nodeOptions, sabotage: sabotage?.split('/')[1] })
  let [kills, late, findings, life] = [0, 0, 0, 0]
  try {
    for (let round = 1; round <= rounds && !(untilFinding && findings > 0); round++) {
      const told: string[] = []
      for (let count = 0; count < killsPerRound; count++) {
        const { value: point } = points.next()
        const { arrived } = await subject.kill(point, ++life)
        kills++
        if (!arrived) late++
        told.push(`life ${life} ended ${pointText(point)}${arrived ? '' : ', which it did not reach'}`)
      }
      const wrong = await subject.settle(++life)
      log(`${name}: round ${round} of ${rounds}, ${kills} kills, ${wrong.length} findings`)
      if (wrong.length === 0) continue
      findings += wrong.length
      log([`seed ${seed}, ${name}, round ${round}:`, ...wrong, ...told].join('\n  '))
    }
    return { name, kills, late, findings, rows: subject.rows() }
  } finally {
    await subject.close()
  }
}
