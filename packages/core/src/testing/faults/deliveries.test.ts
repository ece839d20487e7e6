import { describe, expect, it } from 'vitest'
import { seededRandom } from '../time/seeded-random.ts'
import { disturbDeliveries } from './deliveries.ts'

const messages = Array.from({ length: 300 }, (_, index) => `m-${index}`)

describe('disturbDeliveries', () => {
  it('delivers everything at least once, some twice, out of order and two days late', () => {
    const deliveries = disturbDeliveries(messages, seededRandom(1))
    const first = deliveries.filter(({ arrival }) => arrival === 1).map(({ message }) => message)
    expect(first.toSorted()).toEqual(messages.toSorted())
    expect(first).not.toEqual(messages)
    expect(deliveries.length).toBeGreaterThan(messages.length + 20)
    expect(deliveries.filter(({ atMs }) => atMs > 2 * 24 * 3_600_000).length).toBeGreaterThan(3)
    expect(deliveries.map(({ atMs }) => atMs)).toEqual(deliveries.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
  })

  it('is the same for a seed, and calm when told so', () => {
    expect(disturbDeliveries(messages, seededRandom(2))).toEqual(disturbDeliveries(messages, seededRandom(2)))
    const calm = disturbDeliveries(messages, seededRandom(2), { duplicated: 0, late: 0, spreadMs: 0 })
    expect(calm.map(({ message }) => message)).toEqual(messages)
  })
})
