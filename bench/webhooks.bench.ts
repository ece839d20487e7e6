import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { webhookPresets } from '@patchbay/api/webhooks'
import { systemClock } from '@patchbay/core'
import { compileVerifier, type InboundMessage, standardWebhooks } from '@patchbay/core/webhooks'
import { Webhook } from 'standardwebhooks'
import type { Bench } from './bench.ts'
import { type Child, startChild } from './child.ts'
import { interleave, median, type Subject } from './measure.ts'
import { storm } from './programs/webhook-load.ts'
import { type Row, row } from './report.ts'

/** In flight at once: enough senders that one commit carries many messages, as it does when it matters. */
const width = 256
const perRound = 6000

export const bench: Bench = {
  description:
    'Verification of 1 kB webhooks against a bare HMAC and standardwebhooks; the durable inbox against one without durability',
  async run({ rounds = 7, log }) {
    return [...(await verification(rounds, log)), ...(await inbox(rounds, log))]
  },
}

async function verification(rounds: number, log: (text: string) => void): Promise<readonly Row[]> {
  const key = Buffer.alloc(32, 7)
  const keyObject = createSecretKey(key)
  const secret = `whsec_${key.toString('base64')}`
  const body = Buffer.from(JSON.stringify({ filler: 'x'.repeat(1024 - 13) }))
  const text = body.toString()
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
  const timestamp = String(Math.floor(Date.now() / 1000))
  const digest = (content: string, encoding: 'hex' | 'base64'): string =>
    createHmac('sha256', keyObject).update(content).update(body).digest(encoding)
  const headers = {
    host: 'hooks.example.com',
    'content-type': 'application/json',
    'content-length': String(body.length),
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${digest(`${id}.${timestamp}.`, 'base64')}`,
    'x-github-delivery': id,
    'x-hub-signature-256': `sha256=${digest('', 'hex')}`,
  }
  const message: InboundMessage = { method: 'POST', url: 'https://hooks.example.com/', headers, body }
  const expected = Buffer.from(digest('', 'hex'), 'hex')
  const standard = compileVerifier(standardWebhooks.scheme, { secrets: [secret], clock: systemClock })
  const github = compileVerifier(
    { ...webhookPresets.github.scheme, key: 'base64' },
    { secrets: [key.toString('base64')], clock: systemClock },
  )
  const library = new Webhook(secret)
  const subject = (name: string, operations: number, check: () => boolean): Subject => {
    if (!check()) throw new Error(`${name} refuses its own message`)
    return {
      name,
      operations,
      run: async (total) => {
        for (let index = 0; index < total; index++) check()
      },
    }
  }
  const measured = await interleave(
    [
      subject('bare HMAC', 40_000, () =>
        timingSafeEqual(createHmac('sha256', keyObject).update(body).digest(), expected),
      ),
      subject('standard webhooks', 40_000, () => standard.verify(message).accepted),
      subject('github', 40_000, () => github.verify(message).accepted),
      subject('standardwebhooks package', 8_000, () => library.verify(text, headers) !== undefined),
    ],
    rounds,
    log,
  )
  const cpu = (name: string): number => measured.find((one) => one.name === name)?.cpuRatio ?? Number.NaN
  const bare = { name: 'bare HMAC', value: 1 }
  const speed = cpu('standardwebhooks package') / cpu('standard webhooks')
  return [
    row({
      name: 'verify standard webhooks, CPU',
      value: cpu('standard webhooks'),
      unit: 'x',
      against: bare,
      atMost: 1.7,
    }),
    row({ name: 'verify github, CPU', value: cpu('github'), unit: 'x', against: bare, atMost: 1.7 }),
    row({
      name: 'verify standard webhooks, speed',
      value: speed,
      unit: 'x',
      against: { name: 'standardwebhooks package', value: 1 },
      atLeast: 4,
    }),
  ]
}

interface Round {
  readonly rate: number
  readonly cpu: number
}

/** The load comes from this process; each server is one of its own. CPU is the server's, its writing thread included. */
async function inbox(rounds: number, log: (text: string) => void): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'patchbay-bench-'))
  const servers: Child[] = []
  try {
    for (const mode of ['forgetful', 'durable'])
      servers.push(await startChild('programs/webhook-server.ts', [mode, folder]))
    const seen: Round[][] = servers.map(() => [])
    for (let round = 0; round <= rounds; round++) {
      log(`inbox, round ${round} of ${rounds}`)
      const order = round % 2 === 0 ? [0, 1] : [1, 0]
      for (const index of order) {
        const measured = await stormOf(Number(servers[index]?.greeting))
        // The first round warms up.
        if (round > 0) seen[index]?.push(measured)
      }
    }
    const [forgetful, durable] = seen as [Round[], Round[]]
    const ratio = (of: (round: Round) => number): number =>
      median(durable.map((mine, round) => of(mine) / of(forgetful[round] as Round)))
    const against = { name: 'same server without durability', value: 1 }
    return [
      row({ name: 'durable inbox, messages', value: median(durable.map(({ rate }) => rate)), unit: 'messages/s' }),
      row({ name: 'durable inbox, messages/s', value: ratio(({ rate }) => rate), unit: 'x', against, atLeast: 0.6 }),
      row({ name: 'durable inbox, CPU', value: ratio(({ cpu }) => cpu), unit: 'x', against }),
    ]
  } finally {
    for (const server of servers) await server.end()
    await rm(folder, { recursive: true, force: true })
  }
}

async function stormOf(port: number): Promise<Round> {
  const before = await usage(port)
  const start = performance.now()
  await storm(port, width, perRound)
  const seconds = (performance.now() - start) / 1000
  return { rate: perRound / seconds, cpu: ((await usage(port)) - before) / perRound }
}

async function usage(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/usage`)
  const { user, system } = (await response.json()) as NodeJS.CpuUsage
  return user + system
}
