import { describe, expect, it } from 'vitest'
import { connect } from './connection.ts'
import { defineConnector } from './connector.ts'
import { operation } from './operation.ts'
import { Runtime } from './runtime.ts'
import { unchecked } from './schema.ts'
import { fakeClock } from './testing/time/fake-clock.ts'

type Step = 'credential' | 'open' | 'close' | 'credential-close'

/** A connection whose steps tell what they did, may hang until told, and may fail. */
function setUp(failing: readonly Step[] = []) {
  const clock = fakeClock()
  const log: string[] = []
  let proceed: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    proceed = resolve
  })
  const step = (name: Step): void => {
    log.push(name)
    if (failing.includes(name)) throw new Error(`${name} failed`)
  }
  const scheme = { id: 'test', title: 'Test', fields: {} }
  const connector = defineConnector({
    contract: 1,
    manifest: { id: 'test/slow', title: 'Slow', summary: 'Opens slowly.', version: '1.0.0' },
    config: unchecked<object>(),
    credentials: [scheme],
    operations: {
      'item.get': operation(
        { name: 'item.get', effect: 'read', input: unchecked<undefined>(), output: unchecked<string>() },
        async () => 'value',
      ),
    },
    async open() {
      await gate
      step('open')
      return {}
    },
    async close() {
      step('close')
    },
  })
  const connection = connect(connector, {
    config: {},
    runtime: new Runtime({ clock }),
    policies: { retry: false },
    network: {},
    credential: {
      scheme: 'test',
      async open({ transport }) {
        const own = await transport()
        const close = own.close.bind(own)
        own.close = async () => {
          log.push('transport-close')
          await close()
        }
        step('credential')
        return {
          scheme: 'test',
          marks: { headers: [], query: [] },
          apply: () => undefined,
          close: async () => step('credential-close'),
        }
      },
    },
  })
  return { clock, connection, log, proceed }
}

describe('closing', () => {
  it('waits for a client that is still opening, though every call has given up, and closes it once', async () => {
    const { clock, connection, log, proceed } = setUp()
    const call = connection.item.get(undefined, { timeoutMs: 100 })
    await expect(clock.runUntil(call, { inputMs: 20 })).rejects.toMatchObject({ code: 'deadline', sent: 'none' })
    const closing = connection.$close()
    const again = connection.$close()
    proceed()
    await Promise.all([closing, again])
    expect(log).toEqual(['credential', 'open', 'close', 'credential-close', 'transport-close'])
  })

  it('gives no client away any more', async () => {
    const { connection, log, proceed } = setUp()
    proceed()
    await connection.$raw()
    await connection.$close()
    await expect(connection.$raw()).rejects.toMatchObject({ code: 'closed', sent: 'none' })
    await expect(connection.$check()).rejects.toMatchObject({ code: 'closed' })
    expect(log.filter((entry) => entry === 'open')).toHaveLength(1)
  })

  it('closes all there is, whatever of it fails, and tells the first failure', async () => {
    const { connection, log, proceed } = setUp(['close', 'credential-close'])
    proceed()
    await connection.$raw()
    await expect(connection.$close()).rejects.toThrow('close failed')
    expect(log.slice(2)).toEqual(['close', 'credential-close', 'transport-close'])
  })
})

describe('an opening that fails', () => {
  it.each<[Step, readonly string[]]>([
    ['credential', ['credential', 'transport-close']],
    ['open', ['credential', 'open', 'credential-close', 'transport-close']],
  ])('at %s leaves nothing open, also when closing fails', async (failing, steps) => {
    const { connection, log, proceed } = setUp([failing, 'credential-close'])
    proceed()
    await expect(connection.item.get()).rejects.toThrow(`${failing} failed`)
    expect(log).toEqual(steps)
    await connection.$close()
    expect(log).toEqual(steps)
  })
})
