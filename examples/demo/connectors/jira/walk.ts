import type { Issue, IssuePage } from './wire.ts'

const remembered = 1000

/**
 * All pages of a search ordered by update and key, while people go on working.
 *
 * Jira's pages are offsets. An issue that changes between two pages moves to the end, all others move up by one, and the first of the next
 * page would never be seen. So each page begins with the last issue of the page before. When another one is there, the list has moved:
 * the walk steps back until it meets an issue that it has seen, from which on nothing can be missing.
 */
export async function* walk(
  search: (startAt: number) => Promise<IssuePage>,
): AsyncGenerator<{ readonly items: readonly Issue[] }> {
  const seen = new Set<string>()
  let last: Issue | undefined
  let startAt = 0
  let back = 1
  for (;;) {
    const { issues, total, startAt: from } = await search(startAt)
    const first = issues[0]
    if (from > 0 && last !== undefined && (first === undefined || !seen.has(idOf(first)))) {
      back *= 2
      startAt = Math.max(0, from - back)
      continue
    }
    back = 1
    // What turned up late behind us would break the order; the stream's lag lets the next read begin before it.
    const items = issues.filter((issue) => last === undefined || seen.has(idOf(issue)) || compare(issue, last) > 0)
    for (const issue of items) {
      seen.delete(idOf(issue))
      seen.add(idOf(issue))
      if (last === undefined || compare(issue, last) > 0) last = issue
    }
    for (const id of seen) {
      if (seen.size <= remembered) break
      seen.delete(id)
    }
    yield { items }
    if (from + issues.length >= total) return
    startAt = from + Math.max(1, issues.length - 1)
  }
}

function idOf({ key, updatedAt }: Issue): string {
  return `${key} ${updatedAt}`
}

/** In the order of the search. */
function compare(a: Issue, b: Issue): number {
  if (a.updatedAt !== b.updatedAt) return a.updatedAt < b.updatedAt ? -1 : 1
  return numberOf(a.key) - numberOf(b.key)
}

function numberOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('-') + 1))
}
