import { describe, expect, test } from 'vitest'
import { storeChecks } from '../conformance/store-checks.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import { memoryStore } from './memory.ts'

describe('memoryStore', () => {
  for (const check of storeChecks.filter(({ needs }) => needs.length === 0)) {
    test(check.name, async () => {
      const clock = fakeClock()
      await check.run({ store: memoryStore({ clock }), pass: (ms) => clock.advance(ms) })
    })
  }

  test('expires by the monotonic clock, at the very millisecond', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    await store.write([[{ kind: 'put', key: 'key', value: 'x', ttlMs: 10 }]])
    clock.jump(3_600_000)
    await clock.advance(9)
    expect(await store.get('key')).toBeDefined()
    await clock.advance(1)
    expect(await store.get('key')).toBeUndefined()
  })
})
