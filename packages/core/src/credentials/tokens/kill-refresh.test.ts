import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { sqliteStore } from '../../stores/sqlite.ts'
import { type AuthorizationServer, startAuthorizationServer } from '../../testing/oauth/authorization-server.ts'
import { type SeededRandom, seededRandom } from '../../testing/time/seeded-random.ts'
import type { RefreshLoopSettings } from '../fixtures/refresh-loop.ts'
import type { RefreshTokenConfig } from '../index.ts'
import { decodeRecord, type TokenRecord } from './token-record.ts'

const script = fileURLToPath(new URL('../fixtures/refresh-loop.ts', import.meta.url))
const client = { clientId: 'app', clientSecret: 'app secret' }
const rounds = Number(process.env.PATCHBAY_KILL_ROUNDS ?? 6)

const folder = mkdtempSync(join(tmpdir(), 'patchbay-kill-refresh-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A process that runs the loop. */
interface Loop {
  /** How its start went. */
  readonly line: Promise<string>
  kill(): Promise<void>
}

function startLoop(settings: RefreshLoopSettings): Loop {
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const ended = once(child, 'exit')
  const first = once(createInterface(child.stdout), 'line') as Promise<string[]>
  const line = Promise.race([first, ended.then(() => ['ended'])]).then(([text]) => text ?? 'nothing')
  return {
    line,
    async kill() {
      child.kill('SIGKILL')
      await ended
      // A request of the killed process may still be at the server, which then consumes the token. The lease keeps others away that long.
      await pause(100)
    },
  }
}

/** Runs the loop until its first token or error, kills it `afterMs` later, and gives its line. */
async function runAndKill(settings: RefreshLoopSettings, afterMs: number): Promise<string> {
  const loop = startLoop(settings)
  const line = await loop.line
  await pause(afterMs)
  await loop.kill()
  return line
}

/** The record as the killed process left it. */
async function recordIn(file: string, refreshToken: string): Promise<TokenRecord> {
  const store = sqliteStore({ file, thread: 'main' })
  try {
    const entries = (await store.list('credential/')).filter(({ key }) => !key.endsWith('/lease'))
    const [entry] = entries
    expect(entries.length).toBeLessThanOrEqual(1)
    return entry === undefined ? { generation: 0, refresh: refreshToken } : decodeRecord(entry.value)
  } finally {
    await store.close()
  }
}

interface Tally {
  intents: number
  consumed: number
  reauthorized: number
}

/** Kills, looks at the truth, restarts, and holds what the restarted process says against the truth. */
async function drill(
  seed: string,
  server: AuthorizationServer,
  more: Partial<RefreshTokenConfig>,
  expected: (left: TokenRecord, unused: boolean) => 'ok' | 'reauthorize',
): Promise<Tally> {
  const random: SeededRandom = seededRandom(seed)
  const tally: Tally = { intents: 0, consumed: 0, reauthorized: 0 }
  let file = ''
  let refreshToken = ''
  let left: TokenRecord | undefined
  let late = 0
  for (let round = 0; round < rounds; round++) {
    if (left === undefined) {
      file = join(folder, `${seed}-${round}.db`)
      refreshToken = server.grant('app').refresh_token
    }
    const verdict = left === undefined ? 'ok' : expected(left, server.isGood(left.refresh ?? ''))
    // The answer is slow before or after the server consumes the token, so that the kill falls into each phase.
    server.fault(
      ...Array.from({ length: 40 }, () => ({
        kind: random.pick(['delay-before', 'delay-after'] as const),
        ms: random.below(25),
      })),
    )
    const tokenEndpoint = `${server.url}/token`
    const config: RefreshTokenConfig = {
      tokenEndpoint,
      ...client,
      refreshToken,
      timeoutMs: 1000,
      origin: 'builtin',
      ...more,
    }
    const line = await runAndKill({ file, config }, random.between(0, 120))
    if (line.startsWith('token-timeout') && late < rounds) {
      // This machine was too busy to answer in time: no verdict, and the round counts as one more kill.
      late++
      round--
      left = await recordIn(file, refreshToken)
      continue
    }
    expect(line.split(' ')[0], `seed ${seed}, round ${round}: ${line}`).toBe(verdict)
    expect(server.truth.reuses, `seed ${seed}, round ${round}: a token was used twice`).toBe(0)
    if (verdict === 'reauthorize') tally.reauthorized++
    left = verdict === 'reauthorize' ? undefined : await recordIn(file, refreshToken)
    if (left?.pending !== undefined) tally.intents++
    if (left?.pending !== undefined && !server.isGood(left.refresh ?? '')) tally.consumed++
  }
  return tally
}

const start = (graceMs: number): Promise<AuthorizationServer> =>
  startAuthorizationServer({ clients: [client], accessTokenMs: 40, graceMs })

describe.concurrent('kill -9 while a token is renewed', { timeout: 300_000 }, () => {
  test('with a grace the connection never dies', async ({ expect }) => {
    await using server = await start(60_000)
    const tally = await drill('grace', server, { refreshTokens: { use: 'single', graceMs: 50_000 } }, () => 'ok')
    expect(tally).toMatchObject({ reauthorized: 0 })
    expect(tally.intents, 'no kill fell into a renewal').toBeGreaterThan(0)
  })

  test('with introspection a person is needed exactly when the vendor has consumed the token', async ({ expect }) => {
    await using server = await start(0)
    const introspectionEndpoint = `${server.url}/introspect`
    const tally = await drill('introspection', server, { introspectionEndpoint }, (left, unused) =>
      left.pending === undefined || unused ? 'ok' : 'reauthorize',
    )
    expect(tally.intents, 'no kill fell into a renewal').toBeGreaterThan(0)
  })

  test('without either, a person is needed whenever the vendor may have consumed the token, and it is never used twice', async ({
    expect,
  }) => {
    await using server = await start(0)
    const tally = await drill('nothing', server, {}, (left) => (left.pending === undefined ? 'ok' : 'reauthorize'))
    expect(tally.intents, 'no kill fell into a renewal').toBeGreaterThan(0)
  })

  test('several processes that renew at once use no token twice', async ({ expect }) => {
    await using server = await start(0)
    const file = join(folder, 'together.db')
    const refreshToken = server.grant('app').refresh_token
    const tokenEndpoint = `${server.url}/token`
    const config: RefreshTokenConfig = { tokenEndpoint, ...client, refreshToken, timeoutMs: 20_000, origin: 'builtin' }
    const loops = Array.from({ length: 4 }, () => startLoop({ file, config }))
    const lines = await Promise.all(loops.map(({ line }) => line))
    await pause(1500)
    await Promise.all(loops.map((loop) => loop.kill()))
    for (const line of lines) expect(line).toMatch(/^ok Bearer /)
    expect(server.truth.refreshes).toBeGreaterThan(10)
    expect(server.truth).toMatchObject({ reuses: 0, graceUses: 0, tokenRequests: server.truth.refreshes })
  })
})
