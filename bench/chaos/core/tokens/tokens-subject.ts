import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Store } from '@patchbay/core'
import { type Row, row } from '../../../report.ts'
import { Edge } from '../edge.ts'
import { newFindings, withStore } from '../effects.ts'
import { deathWithin, type Life, Lives, type Message } from '../lives.ts'
import type { Subject, SubjectSettings } from '../subject.ts'
import { withinTime } from '../within-time.ts'
import { type GrantLine, TokenVendor } from './grant-line.ts'
import type { HeldGrant, HolderSettings, VendorName } from './holder-process.ts'

/** Processes that hold the same grants. */
const holders = 3
const patienceMs = 10_000

interface Side {
  readonly vendor: TokenVendor
  readonly edge: Edge
  line: GrantLine
  /** Times that a process asked for a person, over all lines. */
  asked: GrantLine[]
}

/** OAuth 2 with rotating single-use refresh tokens, held by several processes over one file, of which one is killed at a time. */
export async function tokensSubject({ folder, random, nodeOptions, sabotage }: SubjectSettings): Promise<Subject> {
  const file = join(folder, 'tokens.db')
  const open = async (name: VendorName): Promise<Side> => {
    const vendor = await TokenVendor.start(name === 'grace')
    const edge = await Edge.start({
      random: random.fork(name),
      faults: 0.08,
      counts: ({ path }) => path !== '/resource',
      answer: (request) => vendor.answer(request),
    })
    return { vendor, edge, line: vendor.consent(), asked: [] }
  }
  const sides: Readonly<Record<VendorName, Side>> = { grace: await open('grace'), strict: await open('strict') }
  const each = Object.values(sides)
  const lives = new Lives(new URL('holder-process.ts', import.meta.url), nodeOptions)
  const slots: (Life | undefined)[] = Array.from({ length: holders })
  const stuck: string[] = []
  let stranded = 0
  let deadlySeen = 0
  let onSettled = (): void => undefined

  const grantOf = ({ edge, vendor, line }: Side): HeldGrant => ({
    url: edge.url,
    refreshToken: line.first,
    consents: vendor.lines.length,
  })
  const begin = async (slot: number, number: number): Promise<Life> => {
    const grants = { grace: grantOf(sides.grace), strict: grantOf(sides.strict) }
    const settings: HolderSettings = { file, life: number, holder: slot, grants, sabotage }
    const life: Life = await lives.begin(settings, (message) => hear(life, message))
    slots[slot] = life
    return life
  }
  const hear = (life: Life, { reauthorize, consents, settled }: Message): void => {
    if (settled === true) onSettled()
    if (reauthorize === undefined) return
    const side = sides[reauthorize as VendorName]
    // The first process that says so; the others find the same note in the store.
    if (consents === side.vendor.lines.length) {
      side.asked.push(side.line)
      side.line = side.vendor.consent()
    }
    life.send({ [reauthorize as VendorName]: grantOf(side) })
  }
  const fill = async (number: number): Promise<void> => {
    for (let slot = 0; slot < holders; slot++) if (slots[slot]?.over !== false) await begin(slot, number)
  }

  /** Lines whose last token the vendor gave out and no file holds: only a person can help there. */
  const strandedIn = async (store: Store): Promise<ReadonlySet<GrantLine>> => {
    const kept = new Set<unknown>()
    for (const { key, value } of await store.list('credential/', { limit: 1000 }))
      if (!key.endsWith('/lease')) kept.add((JSON.parse(value) as { refresh?: string }).refresh)
    return new Set(
      sides.strict.vendor.lines.filter(({ newest, first, tokens }) => {
        // Before the first renewal nothing is stored: the token is in the configuration.
        return !kept.has(newest) && (newest !== first || tokens.size > 1)
      }),
    )
  }
  const needless = (lost: ReadonlySet<GrantLine>): number =>
    sides.grace.asked.length + sides.strict.asked.filter((line) => !lost.has(line)).length
  const reuses = (): number => each.reduce((sum, { vendor }) => sum + vendor.server.truth.reuses, 0)
  let thrownAway = 0

  return {
    async kill(point, number) {
      await fill(number)
      const slot = random.below(holders)
      const victim = slots[slot] as Life
      const isOurs = (path: string, holder: unknown): boolean => path === '/token' && holder === String(slot)
      for (const { edge } of each)
        edge.arm(
          point,
          () => victim.kill(),
          ({ path, headers }) => isOurs(path, headers['x-holder']),
        )
      if (point.at === 'write') victim.send({ arm: point })
      const arrived = await deathWithin(victim, patienceMs)
      for (const { edge } of each) edge.disarm()
      await begin(slot, number)
      return { arrived }
    },
    async settle(number) {
      await fill(number)
      let open = holders
      const settled = Promise.withResolvers<void>()
      onSettled = () => {
        if (--open === 0) settled.resolve()
      }
      for (const life of slots) life?.send({ settle: true })
      const inTime = await withinTime(settled.promise, 30_000)
      if (!inTime) stuck.push(`life ${number}: ${open} of ${holders} processes have a connection that does not work`)
      // A renewal ahead of time may still be under way.
      for (let turn = 0; turn < 60; turn++) {
        await delay(50)
        const lost = await withStore(file, strandedIn)
        stranded = lost.size
        thrownAway = needless(lost)
        if (stranded === sides.strict.asked.length) break
      }
      for (const life of slots) life?.send({ resume: true })
      const deadly = [
        ...Array.from({ length: thrownAway }, () => 'a good token was given up'),
        ...Array.from({ length: reuses() }, () => 'a spent token was used again, and the vendor ended the grant'),
        ...(stranded === sides.strict.asked.length
          ? []
          : [`${stranded} tokens were lost with an answer, ${sides.strict.asked.length} times a person was asked`]),
        ...stuck,
      ]
      const findings = newFindings('tokens', deadly, Math.min(deadlySeen, deadly.length))
      deadlySeen = Math.max(deadlySeen, deadly.length)
      return findings
    },
    rows(): readonly Row[] {
      const count = (of: (side: Side) => number): number => each.reduce((sum, side) => sum + of(side), 0)
      const asked = sides.strict.asked.length
      return [
        row({
          name: 'tokens: renewals',
          value: count((side) => side.vendor.server.truth.refreshes),
          unit: 'renewals',
          atLeast: 1,
        }),
        row({ name: 'tokens: faults met', value: count(({ edge }) => edge.faults), unit: 'faults' }),
        row({ name: 'tokens: spent tokens used again', value: reuses(), unit: 'tokens', exactly: 0 }),
        row({ name: 'tokens: dead', value: thrownAway + reuses() + stuck.length, unit: 'tokens', exactly: 0 }),
        row({ name: 'tokens: person asked, no grace and answer lost', value: asked, unit: 'times', exactly: stranded }),
      ]
    },
    async close() {
      await lives.close()
      for (const { edge, vendor } of each) {
        await edge.close()
        await vendor.server.close()
      }
    },
  }
}
