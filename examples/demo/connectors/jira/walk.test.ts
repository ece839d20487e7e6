import { seededRandom } from '@patchbay/core/testing'
import { expect, it } from 'vitest'
import { walk } from './walk.ts'
import type { Issue } from './wire.ts'

const start = Date.UTC(2026, 0, 1)

function issue(number: number, updated: number): Issue {
  const time = new Date(start + updated).toISOString()
  const rest = { summary: '', status: 'To Do', done: false, assignee: null, labels: [] }
  return { key: `SHOP-${number}`, createdAt: time, updatedAt: time, ...rest }
}

/** A list that `between` may change whenever a page was given. Gives all issues that the walk gave. */
async function walked(issues: Issue[], size: number, between: (issues: Issue[]) => void): Promise<Issue[]> {
  const found: Issue[] = []
  const search = async (startAt: number) => {
    issues.sort((a, b) =>
      a.updatedAt === b.updatedAt ? numberOf(a) - numberOf(b) : a.updatedAt < b.updatedAt ? -1 : 1,
    )
    const page = { startAt, total: issues.length, issues: issues.slice(startAt, startAt + size) }
    between(issues)
    return page
  }
  for await (const { items } of walk(search)) found.push(...items)
  return found
}

const numberOf = ({ key }: Issue): number => Number(key.slice(5))
const keys = (issues: readonly Issue[]): string[] => [...new Set(issues.map(({ key }) => key))].sort()

it('gives every page of a list that stands still, in its order', async () => {
  const issues = Array.from({ length: 25 }, (_, index) => issue(index, Math.floor(index / 10)))
  const found = await walked([...issues], 10, () => undefined)
  expect(found.filter((one, index) => found.indexOf(one) === index)).toEqual(issues)
})

it('ends on a list without issues, and on one of a single page', async () => {
  expect(await walked([], 10, () => undefined)).toEqual([])
  expect(await walked([issue(1, 1)], 10, () => undefined)).toHaveLength(1)
})

it('loses no issue when others change between two pages, where plain offsets do', async () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = seededRandom(seed)
    // Many share a time, also more than a page of them.
    const issues = Array.from({ length: 60 }, (_, index) => issue(index, random.below(8)))
    const untouched = new Set(keys(issues))
    let now = 100
    const found = await walked(issues, 2 + random.below(9), (list) => {
      if (now > 160) return
      for (let changes = random.below(6); changes > 0; changes--) {
        const index = random.below(list.length)
        const { key } = list[index] as Issue
        untouched.delete(key)
        list[index] = issue(Number(key.slice(5)), now++)
      }
    })
    const given = new Set(keys(found))
    expect([...untouched].filter((key) => !given.has(key))).toEqual([])
    // Changed ones move to the end, which the walk reaches as well.
    expect(keys(found)).toEqual(keys(issues))
  }
})

it('leaves what turns up late behind it to the next read, and keeps the order', async () => {
  const issues = Array.from({ length: 30 }, (_, index) => issue(index, index * 10))
  let pages = 0
  const found = await walked(issues, 10, (list) => {
    if (++pages === 2) list.push(issue(99, 55))
  })
  expect(keys(found)).not.toContain('SHOP-99')
  let last = ''
  for (const { key, updatedAt } of found) {
    const repeated = found.filter((one) => one.key === key).length > 1
    if (!repeated) expect(updatedAt >= last).toBe(true)
    last = updatedAt > last ? updatedAt : last
  }
})
