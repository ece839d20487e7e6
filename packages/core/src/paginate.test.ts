import { expect, it } from 'vitest'
import { paginate } from './paginate.ts'

interface Input {
  readonly page: number
}

/** Pages of one record each; `next` decides how they follow one another. */
function pagesOf(next: (page: number) => number | undefined, fetch = async ({ page }: Input): Promise<number> => page) {
  return paginate<Input, number, number>(
    { page: 0 },
    fetch,
    (output) => [output],
    (_output, { page }) => {
      const following = next(page)
      return following === undefined ? undefined : { page: following }
    },
  )
}

it.each([
  ['the page itself', () => 0, 3],
  ['a circle of three', (page: number) => (page + 1) % 3, 9],
  ['a circle of fifty after twenty pages', (page: number) => (page === 69 ? 20 : page + 1), 250],
])('stops when the vendor leads back to %s', async (_what, next, most) => {
  let read = 0
  const readAll = async (): Promise<void> => {
    for await (const _record of pagesOf(next)) read++
  }
  await expect(readAll()).rejects.toMatchObject({ kind: 'protocol', code: 'cursor-repeated' })
  expect(read).toBeLessThanOrEqual(most)
})

it('reads a long list that comes to its end', async () => {
  expect(await pagesOf((page) => (page < 2_000 ? page + 1 : undefined)).take(5_000)).toHaveLength(2_001)
})

it('tells the failure of a page fetched ahead to who asks for it, and to nobody before', async () => {
  const unhandled: unknown[] = []
  const listener = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', listener)
  try {
    const pages = pagesOf(
      (page) => page + 1,
      async ({ page }) => {
        if (page === 1) throw new Error('of the second page')
        return page
      },
    ).pages({ prefetch: true })
    const iterator = pages[Symbol.asyncIterator]()
    expect(await iterator.next()).toMatchObject({ value: { items: [0] } })
    // Long enough for a rejection that nobody has taken to be reported.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).toEqual([])
    await expect(iterator.next()).rejects.toThrow('of the second page')
  } finally {
    process.off('unhandledRejection', listener)
  }
})

it('ends after so many empty pages in a row, and counts anew after a record', async () => {
  const read = async (maxEmptyPages: number | undefined, recordEvery: number): Promise<number> => {
    const pages = paginate<Input, number, number>(
      { page: 1 },
      async ({ page }) => page,
      (page) => (page % recordEvery === 0 ? [page] : []),
      (_output, { page }) => (page < 5_000 ? { page: page + 1 } : undefined),
    )
    let count = 0
    for await (const _page of pages.pages({ maxEmptyPages })) count++
    return count
  }
  await expect(read(10, 11)).rejects.toMatchObject({ kind: 'protocol', code: 'empty-pages' })
  await expect(read(undefined, 1_001)).rejects.toMatchObject({ kind: 'protocol', code: 'empty-pages' })
  expect(await read(10, 10)).toBe(5_000)
  expect(await read(5_000, 6_000)).toBe(5_000)
})

it('compares pages by their place where inputs hold more than data', async () => {
  const self: Record<string, unknown> = { page: 0 }
  self.self = self
  const pages = paginate<Record<string, unknown>, number, number>(
    self,
    async ({ page }) => page as number,
    (page) => [page],
    (page, input) => ({ ...input, page: (page + 1) % 3 }),
    ({ page }) => page,
  )
  await expect(pages.take(100)).rejects.toMatchObject({ code: 'cursor-repeated' })
})
