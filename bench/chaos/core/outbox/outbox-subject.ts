import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock, systemRandom } from '@patchbay/core'
import { newMasterKey } from '@patchbay/core/vault'
import { compileVerifier, newWebhookSecret } from '@patchbay/core/webhooks'
import { type Row, row } from '../../../report.ts'
import { Edge, type EdgeRequest } from '../edge.ts'
import { disorder, type Effect, newFindings } from '../effects.ts'
import { deathWithin, type Life, Lives } from '../lives.ts'
import type { Subject, SubjectSettings } from '../subject.ts'
import { Publisher } from './publisher.ts'
import type { Happening, SenderSettings } from './sender-process.ts'

const patienceMs = 10_000
const endpoints = ['ordered', 'plain'] as const

/** A receiver as Standard Webhooks wants it: verifies, and lets each id have its effect once. */
class Receiver {
  readonly effects: Effect[] = []
  readonly done = new Set<string>()
  readonly duplicates: string[] = []
  readonly #ids = new Set<string>()

  take(id: string, { key, n }: Happening): void {
    if (this.#ids.has(id)) return
    this.#ids.add(id)
    const what = `${key}/${n}`
    if (this.done.has(what)) this.duplicates.push(`${what} had its effect again, under the id ${id}`)
    this.done.add(what)
    this.effects.push({ id: what, life: 0 })
  }
}

/** Outgoing webhooks: what was said to be published reaches every endpoint, and has one effect there. */
export async function outboxSubject({ folder, random, nodeOptions, sabotage }: SubjectSettings): Promise<Subject> {
  const file = join(folder, 'outbox.db')
  const secret = newWebhookSecret(systemRandom).reveal()
  const masterKey = newMasterKey().reveal()
  const verifier = compileVerifier({ kind: 'standard-webhooks' }, { clock: systemClock, secrets: [secret] })
  const receivers = { ordered: new Receiver(), plain: new Receiver() }
  let deliveries = 0
  let unsigned = 0
  const answer = ({ method, path, headers, body }: EdgeRequest) => {
    deliveries++
    const url = `http://127.0.0.1${path}`
    const { accepted } = verifier.verify({ method, url, headers, body: Buffer.from(body) })
    if (!accepted) {
      unsigned++
      return { status: 401, body: '' }
    }
    const { data } = JSON.parse(body) as { data: Happening }
    receivers[path.slice(1) as (typeof endpoints)[number]].take(String(headers['webhook-id']), data)
    return { status: 200, body: '{"ok":true}' }
  }
  const edge = await Edge.start({ random: random.fork('edge'), faults: 0.08, answer })
  const lives = new Lives(new URL('sender-process.ts', import.meta.url), nodeOptions)
  const publisher = new Publisher(random.fork('publisher'), () => receivers.ordered.done.size)
  let lost: readonly string[] = []
  let told = { duplicates: 0, disorder: 0 }

  const begin = async (more: Pick<SenderSettings, 'life' | 'point'>): Promise<Life> => {
    const settings: SenderSettings = { ...more, file, url: edge.url, secret, masterKey, sabotage }
    const life = await lives.begin(settings, (message) => publisher.hear(message))
    publisher.use(life)
    return life
  }
  const missing = (): readonly string[] =>
    endpoints.flatMap((name) =>
      publisher.published.filter((what) => !receivers[name].done.has(what)).map((what) => `${what} at ${name}`),
    )
  const duplicates = (): readonly string[] => endpoints.flatMap((name) => receivers[name].duplicates)

  return {
    async kill(point, number) {
      const beginning = begin({ life: number, point })
      edge.arm(point, async () => (await beginning).kill())
      const arrived = await deathWithin(await beginning, patienceMs)
      edge.disarm()
      return { arrived }
    },
    async settle(number) {
      const life = await begin({ life: number })
      publisher.busy = false
      let still = 0
      for (let seen = -1; still < 60; still++) {
        lost = missing()
        if (publisher.calm && lost.length === 0) break
        if (deliveries + publisher.published.length !== seen) still = 0
        seen = deliveries + publisher.published.length
        await delay(50)
      }
      await delay(60)
      life.kill()
      await life.death
      const wrongOrder = disorder(receivers.ordered)
      const findings = [
        ...(publisher.calm ? [] : [`messages that were never published: ${publisher.refusals.at(-1) ?? 'no answer'}`]),
        ...newFindings('lost', lost, 0),
        ...newFindings('duplicate', duplicates(), told.duplicates),
        ...newFindings('out of order', wrongOrder, told.disorder),
      ]
      told = { duplicates: duplicates().length, disorder: wrongOrder.length }
      publisher.busy = true
      return findings
    },
    rows(): readonly Row[] {
      const { published, repetitions } = publisher
      const effects = endpoints.reduce((sum, name) => sum + receivers[name].effects.length, 0)
      const wrongOrder = disorder(receivers.ordered).length
      return [
        row({ name: 'outbox: messages published', value: published.length, unit: 'messages', atLeast: 1 }),
        row({ name: 'outbox: publishing repeated', value: repetitions, unit: 'times' }),
        row({ name: 'outbox: deliveries beyond the first', value: deliveries - effects, unit: 'deliveries' }),
        row({ name: 'outbox: faults met', value: edge.faults, unit: 'faults' }),
        row({ name: 'outbox: published and lost', value: lost.length, unit: 'messages', exactly: 0 }),
        row({ name: 'outbox: effects duplicated', value: duplicates().length, unit: 'effects', exactly: 0 }),
        row({ name: 'outbox: effects out of order', value: wrongOrder, unit: 'effects', exactly: 0 }),
        row({ name: 'outbox: signatures that do not hold', value: unsigned, unit: 'deliveries', exactly: 0 }),
      ]
    },
    async close() {
      await publisher.end()
      await lives.close()
      await edge.close()
    },
  }
}
