import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Row, row } from '../../../report.ts'
import { disorder, EffectLog, newFindings, withStore } from '../effects.ts'
import { deathWithin, type Life, Lives } from '../lives.ts'
import type { Subject, SubjectSettings } from '../subject.ts'
import type { ReceiverSettings } from './receiver-process.ts'
import { Storm } from './storm.ts'

const patienceMs = 10_000
const secret = 'drill secret'

/** The durable inbox in a storm of deliveries: what got a 2xx has its effect once, in the order of its key. */
export async function inboxSubject({ folder, random, nodeOptions, sabotage }: SubjectSettings): Promise<Subject> {
  const file = join(folder, 'inbox.db')
  const lives = new Lives(new URL('receiver-process.ts', import.meta.url), nodeOptions)
  const storm = new Storm(random.fork('storm'), secret)
  const log = new EffectLog('effects')
  let lost: string[] = []
  let told = { duplicates: 0, disorder: 0, forgeries: 0 }

  const begin = async (settings: Pick<ReceiverSettings, 'life' | 'point'>): Promise<Life> => {
    const life = await lives.begin({ ...settings, file, secret, sabotage }, () => undefined)
    if (typeof life.greeting.port === 'number') storm.aim(life.greeting.port)
    return life
  }
  /** Effects that the storm never sent, or that a forger did. */
  const foreign = (): readonly string[] => {
    const known = new Set(storm.acknowledged)
    return log.effects.map(({ id }) => id).filter((id) => !known.has(id))
  }

  return {
    async kill(point, number) {
      const beginning = begin({ life: number, point })
      storm.arm(point, async () => (await beginning).kill())
      const arrived = await deathWithin(await beginning, patienceMs)
      storm.disarm()
      storm.hold()
      return { arrived }
    },
    async settle(number) {
      const life = await begin({ life: number })
      storm.blows = false
      let still = 0
      for (let seen = -1; still < 60; still++) {
        await withStore(file, (store) => log.readFrom(store))
        lost = storm.acknowledged.filter((id) => !log.has(id))
        if (storm.calm && lost.length === 0) break
        if (log.effects.length + storm.acknowledged.length !== seen) still = 0
        seen = log.effects.length + storm.acknowledged.length
        await delay(50)
      }
      // A moment more: an effect that comes twice comes late.
      await delay(60)
      await withStore(file, (store) => log.readFrom(store))
      life.kill()
      await life.death
      storm.hold()
      const wrongOrder = disorder(log)
      const forged = foreign()
      const findings = [
        ...(storm.calm ? [] : ['deliveries that never got a 2xx']),
        ...newFindings('lost', lost, 0),
        ...newFindings('duplicate', log.duplicates, told.duplicates),
        ...newFindings('out of order', wrongOrder, told.disorder),
        ...newFindings('not sent by the sender', forged, told.forgeries),
      ]
      told = { duplicates: log.duplicates.length, disorder: wrongOrder.length, forgeries: forged.length }
      storm.blows = true
      return findings
    },
    rows(): readonly Row[] {
      const { acknowledged, repetitions, brokenOff, forgeries, forgeriesAccepted } = storm
      const wrong = foreign().length + forgeriesAccepted
      return [
        row({ name: 'inbox: webhooks acknowledged', value: acknowledged.length, unit: 'webhooks', atLeast: 1 }),
        row({ name: 'inbox: deliveries repeated', value: repetitions, unit: 'deliveries' }),
        row({ name: 'inbox: deliveries broken off, forged', value: brokenOff + forgeries, unit: 'deliveries' }),
        row({ name: 'inbox: acknowledged and lost', value: lost.length, unit: 'webhooks', exactly: 0 }),
        row({ name: 'inbox: effects duplicated', value: log.duplicates.length, unit: 'effects', exactly: 0 }),
        row({ name: 'inbox: effects out of order', value: disorder(log).length, unit: 'effects', exactly: 0 }),
        row({ name: 'inbox: forgeries accepted', value: wrong, unit: 'webhooks', exactly: 0 }),
      ]
    },
    async close() {
      await storm.end()
      await lives.close()
    },
  }
}
