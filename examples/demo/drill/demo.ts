// The demo from beginning to end: vendors, app, kills, and the comparison with the truth.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '@patchbay/core/stores/sqlite'
import { newMasterKey } from '@patchbay/core/vault'
import { type Activity, newActivity } from '../app/activity.ts'
import type { Breakage } from '../app/breakage.ts'
import type { ReceiverNews } from '../app/receiver.ts'
import type { Ledger } from '../vendors/misbehaviour.ts'
import type { VendorStarted, VendorTruth } from '../vendors/vendor-process.ts'
import type { HooksTruth } from '../vendors/webhooks.ts'
import { Child } from './link.ts'
import { noNews, ReceiverLife } from './receiver-life.ts'
import { type Connected, SyncLife } from './sync-life.ts'
import { judgeStream, judgeWebhooks, secretsInTheClear, type Verdict } from './verdict.ts'

export interface DemoOptions {
  readonly seed: number
  /** Issues per vendor at the start. */
  readonly records: number
  readonly breakage?: Breakage | undefined
  /** The vendors do nothing wrong; the kills stay. */
  readonly calm?: boolean
  readonly onProgress?: (progress: Progress) => void
}

/** What can be seen while it runs. */
export interface Progress {
  /** What is going on, in words; changes at each step. */
  readonly step: string
  readonly connections: Readonly<Record<Connected, Activity>>
  readonly webhooks: ReceiverNews
}

export interface ConnectionReport {
  readonly vendor: VendorStarted
  readonly activity: Activity
  readonly ledger: Ledger
  readonly verdict: Verdict
}

export interface Report {
  readonly seed: number
  readonly seconds: number
  readonly kills: readonly string[]
  readonly connections: Readonly<Record<Connected, ConnectionReport>>
  readonly tokens: { readonly refreshes: number; readonly graceUses: number; readonly reuses: number }
  readonly webhooks: { readonly news: ReceiverNews; readonly truth: HooksTruth; readonly verdict: Verdict }
  readonly secretsInTheClear: readonly string[]
}

type JiraTruth = VendorTruth & { readonly tokens: Report['tokens'] }

const script = (path: string): URL => new URL(`../${path}`, import.meta.url)
const maxBodyBytes = 1024 * 1024

/** Runs it all. Whatever happens, no process and no file stays behind; `signal` ends it early. */
export async function runDemo(options: DemoOptions, signal?: AbortSignal): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-demo-'))
  // Processes that start again and again need not read the same sources anew.
  process.env.NODE_COMPILE_CACHE ??= join(folder, 'compiled')
  const endings: (() => Promise<void>)[] = []
  const stopped = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  stopped.catch(() => undefined)
  try {
    return await Promise.race([drill(options, folder, endings), stopped])
  } finally {
    await Promise.all(endings.map((end) => end()))
    rmSync(folder, { recursive: true, force: true })
  }
}

async function drill(options: DemoOptions, folder: string, endings: (() => Promise<void>)[]): Promise<Report> {
  const { seed, records, breakage, calm = false } = options
  const started = performance.now()
  const kills: string[] = []
  let killDue: (() => void) | undefined
  let step = 'the vendors read their published descriptions'
  const connectionsNow = () => ({ github: sync.total('github'), jira: sync.total('jira') })
  const tell = (): void => options.onProgress?.({ step, connections: connectionsNow(), webhooks: receiver.total })
  const idle = { github: newActivity(), jira: newActivity() }
  options.onProgress?.({ step, connections: idle, webhooks: noNews })
  const begin = (next: string): void => {
    step = next
    tell()
  }

  const vendor = (name: string, onNews?: (news: never) => void): Child => {
    const child = new Child(name, script(`vendors/${name}.ts`), onNews)
    endings.push(() => child.kill())
    return child
  }
  const hub = vendor('github')
  const tracker = vendor('jira', () => sync.kill('sync: refresh token used up, its answer on the way'))
  const hooks = vendor('webhooks')
  const vendorsFellOver = Promise.race([hub.fellOver, tracker.fellOver, hooks.fellOver])
  vendorsFellOver.catch(() => undefined)
  const orFall = <T>(work: Promise<T>): Promise<T> => Promise.race([work, vendorsFellOver])

  const word = (): string => randomBytes(24).toString('base64url')
  const [token, secret, formerSecret, masterKey] = [`ghp_${word()}`, word(), word(), newMasterKey().reveal()]
  const client = { clientId: 'demo', clientSecret: word(), redirectUri: 'http://127.0.0.1/callback' }
  const data = join(folder, 'data')
  mkdirSync(data)
  const file = join(data, 'app.sqlite')

  const [hubStarted, trackerStarted] = await orFall(
    Promise.all([
      hub.ask<VendorStarted>('start', { seed, records, calm, token }),
      tracker.ask<VendorStarted & { issuer: string }>('start', { seed, records, calm, client }),
    ]),
  )
  const sync = new SyncLife(
    {
      file,
      masterKey,
      github: { url: hubStarted.origin, token, owner: 'acme', repo: 'shop' },
      jira: { url: trackerStarted.origin, issuer: trackerStarted.issuer, client, project: 'SHOP' },
      breakage,
    },
    () => {
      tell()
      killDue?.()
    },
  )
  endings.push(() => sync.end())
  const formerUntil = Date.now() - 60_000
  const keys = { secret, formerSecret, formerUntil, maxBodyBytes, breakage }
  const receiver = new ReceiverLife({ file, masterKey, port: 0, ...keys }, tell)
  endings.push(() => receiver.end())

  // Webhooks come in all the time, whatever the streams are doing.
  const port = await orFall(receiver.start())
  const oversizedBytes = maxBodyBytes + 1
  const { payloads } = await orFall(
    hooks.ask<{ payloads: number }>('start', { seed, port, secret, formerSecret, oversizedBytes }),
  )
  const deliveries = deliverAndKill(hooks, receiver, payloads)
  deliveries.catch(() => undefined)

  begin('first sync: everything there is')
  const killAt = (share: number, of: number, why: string): void => {
    killDue = () => {
      const done = sync.total('github').records + sync.total('jira').records
      if (done < share * of) return
      killDue = undefined
      sync.kill(`sync: ${why}, ${done.toLocaleString('en')} records in`)
      // The next renewal of the token is a good moment for another.
      if (share < 1 && !calm) tracker.ask('tellNextRenewal').catch(() => undefined)
    }
  }
  await orFall(sync.start())
  if (!calm) await tracker.ask('faultTokens')
  killAt(0.4, 2 * records, 'in the first read')
  await orFall(Promise.race([sync.sync(), deliveries.then(() => new Promise<never>(() => undefined))]))

  begin('people changed and added issues; second sync: what is new')
  const changes = Math.round(records / 6)
  const later = { count: changes, seed, requests: changes / 100 }
  await Promise.all([hub.ask('change', later), tracker.ask('change', later)])
  const before = sync.total('github').records + sync.total('jira').records
  killAt(1, before + changes, 'in the second read')
  await orFall(sync.sync())

  begin('people go home; last sync')
  await orFall(untilQuiet([hub, tracker]))
  await orFall(sync.sync())
  begin('the last webhooks')
  await orFall(deliveries)
  await orFall(Promise.all([sync.stop(), receiver.stop()]))
  kills.push(...sync.kills, ...receiver.kills)

  begin('comparing with what the vendors say is true')
  const [hubTruth, trackerTruth, hooksTruth] = await orFall(
    Promise.all([hub.ask<VendorTruth>('truth'), tracker.ask<JiraTruth>('truth'), hooks.ask<HooksTruth>('truth')]),
  )
  const store = sqliteStore({ file })
  const report = async (
    name: Connected,
    vendorStarted: VendorStarted,
    { ledger, records: truth }: VendorTruth,
  ): Promise<ConnectionReport> => {
    const verdict = await judgeStream(name, store, truth)
    return { vendor: vendorStarted, activity: sync.total(name), ledger, verdict }
  }
  const connections = {
    github: await report('github', hubStarted, hubTruth),
    jira: await report('jira', trackerStarted, trackerTruth),
  }
  const webhooks = { news: receiver.total, truth: hooksTruth, verdict: await judgeWebhooks(store, hooksTruth) }
  await store.close()
  return {
    seed,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    kills,
    connections,
    tokens: trackerTruth.tokens,
    webhooks,
    secretsInTheClear: secretsInTheClear(data, [token, secret, formerSecret, client.clientSecret]),
  }
}

/** Has everything delivered, and kills the receiver twice while it works. */
async function deliverAndKill(hooks: Child, receiver: ReceiverLife, payloads: number): Promise<void> {
  let over = false
  const delivered = hooks.ask<void>('deliver').finally(() => {
    over = true
  })
  delivered.catch(() => undefined)
  for (const share of [0.3, 0.7]) {
    while (!over && receiver.total.accepted < share * payloads) await pause(5)
    if (!over)
      await receiver.killAndRestart(`receiver: in the middle of a delivery, ${receiver.total.accepted} accepted`)
  }
  await delivered
}

/** Nobody changes anything any more, and every change is shown. */
async function untilQuiet(vendors: readonly Child[]): Promise<void> {
  for (;;) {
    const settled = await Promise.all(vendors.map((vendor) => vendor.ask<boolean>('quiet')))
    if (settled.every(Boolean)) return
    await pause(50)
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
