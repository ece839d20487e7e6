import { expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import type { WriteGroup, WriteResult } from '../store.ts'
import { WriteQueue, type WriteQueueOptions } from './write-queue.ts'

const change = { kind: 'append', log: 'log', value: 'x' } as const
const applied: WriteResult = { applied: true, versions: ['1'] }

function queueOver(options: Partial<WriteQueueOptions> = {}) {
  const commits: (readonly WriteGroup[])[] = []
  const commit = async (groups: readonly WriteGroup[]): Promise<WriteResult[]> => {
    commits.push(groups)
    return groups.map((_, at) => ({ applied: true, versions: [String(at)] }))
  }
  return { commits, queue: new WriteQueue({ clock: systemClock, commit, maxPending: 100, maxBatch: 100, ...options }) }
}

test('calls of one turn of the event loop are one commit, and each gets its own results', async () => {
  const { commits, queue } = queueOver()
  const calls = [queue.write([[change], [change]]), queue.write([]), queue.write([[change]])]
  await Promise.resolve()
  calls.push(queue.write([[change]]))
  const versions = (await Promise.all(calls)).map((results) => results.map((one) => (one.applied ? one.versions : [])))
  expect(versions).toEqual([[['0'], ['1']], [], [['2']], [['3']]])
  expect(commits.map((groups) => groups.length)).toEqual([4])
})

test('calls that arrive during a commit are the next one, and a commit takes no more than its share', async () => {
  let finish: (results: WriteResult[]) => void = () => {}
  const sizes: number[] = []
  const { queue } = queueOver({
    maxBatch: 3,
    commit: (groups) => {
      sizes.push(groups.length)
      return sizes.length > 1
        ? Promise.resolve(groups.map(() => applied))
        : new Promise((resolve) => (finish = resolve))
    },
  })
  const first = queue.write([[change]])
  await new Promise((resolve) => setImmediate(resolve))
  const later = Array.from({ length: 7 }, () => queue.write([[change]]))
  finish([applied])
  await Promise.all([first, ...later])
  expect(sizes).toEqual([1, 3, 3, 1])
})

test('a full queue refuses at once, takes one call of any size when empty, and recovers', async () => {
  const { queue } = queueOver({ maxPending: 3 })
  const large = queue.write([[change, change, change, change]])
  await expect(queue.write([[change]])).rejects.toMatchObject({
    facts: { kind: 'unavailable', code: 'store-queue-full', sent: 'none' },
  })
  await large
  const heavy = queue.write([[{ ...change, value: 'x'.repeat(2048) }]])
  await expect(queue.write([[change]])).rejects.toMatchObject({ facts: { code: 'store-queue-full' } })
  await heavy
  await Promise.all([queue.write([[change, change]]), queue.write([[change]])])
})

test('a failed commit rejects each of its waiters, and only them', async () => {
  let fails = true
  const { queue } = queueOver({
    maxBatch: 2,
    commit: async (groups) => {
      if (!fails) return groups.map(() => applied)
      fails = false
      throw new Error('disk full')
    },
  })
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => queue.write([[change]])))
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled'])
})
