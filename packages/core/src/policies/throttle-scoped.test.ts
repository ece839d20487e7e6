import { afterEach, describe, expect, test } from 'vitest'
import { connect } from '../connection.ts'
import { defineConnector, type LimitSpec } from '../connector.ts'
import { operation } from '../operation.ts'
import type { RateFeedback } from '../rate-feedback.ts'
import { unchecked } from '../schema.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import { throttleGates } from './throttle-scoped.ts'

const named = (name: string, tell: (name: string) => RateFeedback | undefined) =>
  operation(
    { name, effect: 'read', input: unchecked<object>(), output: unchecked<string>() },
    async (_client: object, _input, call) => {
      const told = tell(name)
      if (told !== undefined) call.feedback(told)
      return name
    },
  )

const opened: { $close(): Promise<void> }[] = []
afterEach(async () => {
  for (const connection of opened.splice(0)) void connection.$close()
})

async function live(limits: readonly LimitSpec[], tell: (name: string) => RateFeedback | undefined = () => undefined) {
  const clock = fakeClock()
  const connector = defineConnector({
    contract: 1,
    manifest: { id: 'test/limits', title: 'Limits', summary: 'A test.', version: '1.0.0', limits, attemptMs: 4321 },
    config: unchecked<object>(),
    credentials: [],
    operations: { 'item.get': named('item.get', tell), 'item.search': named('item.search', tell) },
    open: async () => ({}),
  })
  const connection = connect(connector, { config: {}, clock, policies: { throttle: { adaptive: false } } })
  opened.push(connection)
  await connection.$ready()
  const done: string[] = []
  const call = (verb: 'get' | 'search') => connection.item[verb]({}, { timeoutMs: 600_000 }).then(() => done.push(verb))
  return { clock, connection, done, call }
}

const search: LimitSpec = { name: 'search', units: 1, perMs: 60_000, kind: 'fixed-window', operations: ['item.search'] }

describe('limits of some operations', () => {
  test('cost nothing where there are none', async () => {
    const { connection } = await live([])
    expect(throttleGates({ limits: [{ units: 1, perMs: 1 }] }, connection.$scope).length).toBe(1)
    expect(throttleGates({ limits: [search, { ...search, name: 'again' }] }, connection.$scope).length).toBe(2)
  })

  test('hold up only those', async () => {
    const { clock, done, call } = await live([{ name: 'all', units: 4, perMs: 60_000, kind: 'fixed-window' }, search])
    const calls = [call('search'), call('search'), call('get'), call('get'), call('get')]
    await clock.settle()
    expect(done.toSorted()).toEqual(['get', 'get', 'get', 'search'])
    await clock.advance(60_000)
    await Promise.all(calls)
    expect(done.toSorted()).toEqual(['get', 'get', 'get', 'search', 'search'])
  })

  test('learn from what the vendor says under their name, and the others do not', async () => {
    const tell = (name: string) =>
      name === 'item.search' ? { policy: 'search', limit: 30, remaining: 0, resetMs: 5000 } : undefined
    const { clock, done, call } = await live([{ ...search, units: 30 }], tell)
    await call('search')
    const waiting = call('search')
    await call('get')
    await clock.settle()
    expect(done).toEqual(['search', 'get'])
    await clock.advance(5000)
    await waiting
    expect(done).toEqual(['search', 'get', 'search'])
  })

  test('stand in the policies, with the time of an attempt that the manifest wants', async () => {
    const { connection } = await live([search])
    const throttles = connection.$policies.filter(({ name }) => name === 'throttle')
    expect(throttles.map(({ settings }) => settings.limits)).toEqual([[search], []])
    expect(connection.$policies.find(({ name }) => name === 'attempt-timeout')?.settings).toEqual({ timeoutMs: 4321 })
  })
})
