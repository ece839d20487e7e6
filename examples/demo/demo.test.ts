import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Breakage } from './app/breakage.ts'
import type { Outcome } from './drill/summary.ts'

const [folder, cache] = ['work', 'compiled'].map((name) => mkdtempSync(join(tmpdir(), `patchbay-demo-${name}-`))) as [
  string,
  string,
]
afterAll(() => {
  for (const one of [folder, cache]) rmSync(one, { recursive: true, force: true })
})

/** The demo as a group of processes of its own, on the sources. */
function start(...args: string[]) {
  const program = join(import.meta.dirname, 'main.ts')
  const settings = ['--conditions=@patchbay/source', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...settings, program, '--records', '2000', ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder, NODE_COMPILE_CACHE: cache },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const until = (text: string): Promise<unknown> => expect.poll(() => output, { timeout: 60_000 }).toContain(text)
  return { child, ended: once(child, 'close') as Promise<[number | null]>, output: () => output, until }
}

/** Whether any process of the group is left. */
function groupLives(leader: number): boolean {
  try {
    process.kill(-leader, 0)
    return true
  } catch {
    return false
  }
}

async function run(
  ...args: string[]
): Promise<{ status: number | null; outcome: Outcome; left: boolean; text: string }> {
  const { child, ended, output } = start('--json', '--seed', '11', ...args)
  const [status] = await ended
  const lines = output().trim().split('\n')
  const outcome = JSON.parse(lines.at(-1) ?? '') as Outcome
  return { status, outcome, left: groupLives(child.pid as number), text: lines.slice(0, -1).join('\n') }
}

const broken = (how: Breakage) => run('--calm', '--break', how)

describe('the demo', { timeout: 120_000 }, () => {
  it('loses nothing to hostile vendors and kills, says so in one line, and leaves nothing behind', async () => {
    const { status, outcome, left, text } = await run()
    expect(outcome.failed).toEqual([])
    expect(outcome).toMatchObject({
      ok: true,
      lost: 0,
      duplicates: 0,
      invented: 0,
      webhooks: { accepted: 329, rejected: expect.any(Number), deduplicated: expect.any(Number) },
      retries: expect.any(Number),
      seconds: expect.any(Number),
    })
    expect(status).toBe(0)
    expect(outcome.records).toBeGreaterThan(4000)
    expect(outcome.retries).toBeGreaterThan(10)
    expect(outcome.webhooks.rejected).toBeGreaterThan(50)
    expect(outcome.webhooks.deduplicated).toBeGreaterThan(40)
    expect(outcome.kills).toBeGreaterThanOrEqual(4)
    expect(text).toContain('lost 0, duplicated 0, invented 0')
    expect(left).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })

  it('sees that an app which acknowledges before it writes loses records', async () => {
    const { status, outcome } = await broken('ack-early')
    expect(status).toBe(1)
    expect(outcome).toMatchObject({ ok: false, duplicates: 0 })
    expect(outcome.lost).toBeGreaterThan(0)
  })

  it('sees a dropped page', async () => {
    const { status, outcome } = await broken('drop-page')
    expect(status).toBe(1)
    expect(outcome).toMatchObject({ ok: false, duplicates: 0 })
    expect(outcome.lost).toBeGreaterThan(50)
  })

  it('sees that an app which forgets its cursor does everything twice', async () => {
    const { status, outcome } = await broken('forget-cursor')
    expect(status).toBe(1)
    expect(outcome).toMatchObject({ ok: false, lost: 0 })
    expect(outcome.duplicates).toBeGreaterThan(500)
  })

  it('sees webhooks that were answered and not stored', async () => {
    const { status, outcome } = await broken('answer-early')
    expect(status).toBe(1)
    expect(outcome.ok).toBe(false)
    expect(outcome.lost).toBeGreaterThan(0)
  })

  it('sees forgeries that took effect', async () => {
    const { status, outcome } = await broken('trust-everybody')
    expect(status).toBe(1)
    expect(outcome).toMatchObject({ ok: false, lost: 0 })
    expect(outcome.invented).toBeGreaterThan(20)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends all its processes on %s', async (signal, status) => {
    const { child, ended, until } = start('--calm')
    await until('first sync')
    // Ctrl-C reaches every process of the terminal's group; a supervisor tells the first one only.
    process.kill(signal === 'SIGINT' ? -(child.pid as number) : (child.pid as number), signal)
    expect(await ended).toEqual([status, null])
    expect(groupLives(child.pid as number)).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })

  it('leaves no process behind when it is killed itself', async () => {
    const { child, until } = start('--calm')
    await until('first sync')
    child.kill('SIGKILL')
    await expect.poll(() => groupLives(child.pid as number), { timeout: 10_000 }).toBe(false)
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
  })

  it('refuses what it does not understand', async () => {
    const { ended } = start('--break', 'everything')
    expect(await ended).toEqual([1, null])
  })
})
