import { expect, test } from 'vitest'
import { toCloudEvent } from './cloud-events/index.ts'
import { type CallFacts, Events } from './events.ts'
import { fakeClock } from './testing/time/fake-clock.ts'
import { seededRandom } from './testing/time/seeded-random.ts'

test('the source of an event is a URI-reference, whatever the connection is called', () => {
  const env = { clock: fakeClock('2026-03-01T00:00:00.500Z'), random: seededRandom('events') }
  const facts = { connector: 'storage/s3', connection: 'a b/ä?#%\ud800' } as CallFacts
  expect(toCloudEvent('call-start', facts, env)).toMatchObject({
    specversion: '1.0',
    source: '/patchbay/storage/s3/a%20b%2F%C3%A4%3F%23%25%EF%BF%BD',
    type: 'patchbay.call-start',
    time: '2026-03-01T00:00:00.500Z',
    data: facts,
  })
  expect(toCloudEvent('notice', { code: 'c', message: 'm' }, env).source).toBe('/patchbay')
  expect(toCloudEvent('notice', { code: 'c', message: 'm' }, { ...env, source: 'urn:x' }).source).toBe('urn:x')
})

test('counts listeners that fail, at once or later, and disturbs nobody', async () => {
  const events = new Events()
  const heard: string[] = []
  events.on('notice', () => {
    throw new Error('at once')
  })
  events.on('notice', async () => {
    throw new Error('later')
  })
  events.on('*', (_data, type) => heard.push(type))
  events.emit('notice', { code: 'c', message: 'm' })
  await new Promise((resolve) => setImmediate(resolve))
  expect(heard).toEqual(['notice'])
  expect(events.listenerFailures).toBe(2)
})

test('who listens twice stops twice', () => {
  const events = new Events()
  let heard = 0
  const listener = () => {
    heard++
  }
  const stopFirst = events.on('notice', listener)
  const stopSecond = events.on('notice', listener)
  stopFirst()
  stopFirst()
  events.emit('notice', { code: 'c', message: 'm' })
  expect(heard).toBe(1)
  expect(events.listening).toBe(true)
  stopSecond()
  expect(events.listening).toBe(false)
})

test('who stops while an event is delivered disturbs nobody else', () => {
  const events = new Events()
  const heard: string[] = []
  const stop = events.on('notice', () => {
    heard.push('first')
    stop()
  })
  events.on('notice', () => heard.push('second'))
  events.emit('notice', { code: 'c', message: 'm' })
  events.emit('notice', { code: 'c', message: 'm' })
  expect(heard).toEqual(['first', 'second', 'second'])
})
