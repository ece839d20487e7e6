import { expect, test } from 'vitest'
import { describeWithPython } from '../../../../tools/peers/suite.ts'
import { patchbayError } from '../errors.ts'
import type { EventMap, EventType } from '../events.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import { seededRandom } from '../testing/time/seeded-random.ts'
import { toCloudEvent } from './cloud-event.ts'

type Answer = Readonly<Record<string, unknown>>

const call = {
  connector: 'storage/s3',
  connection: 'connection 1/ä?#%',
  operation: 'object.get',
  effect: 'read',
  tenant: undefined,
  callId: 'c1',
}
const error = patchbayError(
  { kind: 'not-found', status: 404, message: 'Zoë is not there', cause: new Error('unseen') },
  { connector: 'storage/s3', operation: 'object.get', attempts: 2 },
)
const payloads: { readonly [T in EventType]?: EventMap[T] } = {
  'call-start': call,
  'call-end': { ...call, durationMs: 12.5, attempts: 2, error },
  'attempt-end': { ...call, attempt: 1, durationMs: 3, error },
  'credential-refresh': { connection: 'c', scheme: 'basic', outcome: 'fresh', reason: 'expired' },
  'webhook-accept': { source: 'github', messageId: 'm', duplicate: false },
  'delivery-end': { endpoint: 'e', messageId: 'm', outcome: 'retry', status: 503 },
  notice: { code: 'extra-bytes', message: '"quoted"\n' },
}

describeWithPython('cloudevents', new URL('./fixtures/cloudevents-reader.py', import.meta.url), (ask) => {
  const env = { clock: fakeClock('2026-03-01T23:59:59.123Z'), random: seededRandom('events') }
  const events = Object.entries(payloads).map(([type, data]) => toCloudEvent(type as EventType, data, env))

  test('reads every envelope, with its time, its data and a source that is a URI-reference', async () => {
    const answers = await ask<Answer[]>(events.map((event) => JSON.stringify(event)))
    for (const [index, event] of events.entries()) {
      const { time, data, ...rest } = event
      expect(answers[index], event.type).toEqual({
        ...rest,
        time: Date.parse(time) / 1000,
        data: JSON.parse(JSON.stringify(data)) as unknown,
      })
    }
    expect(JSON.stringify(answers)).not.toContain('unseen')
    expect(new Set(answers.map(({ id }) => id)).size).toBe(events.length)
  })

  test('refuses an envelope that lacks what the standard demands', async () => {
    // The SDK makes up a missing id and specversion, so these say nothing.
    const broken = [{ source: undefined }, { type: undefined }, { time: 'yesterday' }, { specversion: '9' }, { id: 1 }]
    const answers = await ask<Answer[]>(broken.map((change) => JSON.stringify({ ...events[0], ...change })))
    for (const [index, answer] of answers.entries())
      expect(answer.refused, JSON.stringify(broken[index])).toBeTypeOf('string')
  })
})
