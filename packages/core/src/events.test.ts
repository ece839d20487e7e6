import { expect, test } from 'vitest'
import { type CallFacts, toCloudEvent } from './events.ts'
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
