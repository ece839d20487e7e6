import type { ExpectedError, FaultCase } from '../fault-case.ts'
import type { Exchange } from '../server/exchange.ts'
import { json } from '../server/good-answer.ts'

/** Records of the paged list: ids `r-1` to `r-9`, three a page, ascending. */
export const pagedRecords: readonly { readonly id: string; readonly position: number }[] = Array.from(
  { length: 9 },
  (_, index) => ({ id: `r-${index + 1}`, position: index + 1 }),
)

const pageSize = 3

/**
 * Serves the pages in the order given (by number, from 0): `{ items, next, total }`, with `?cursor=` out of `next`. The cursor is the
 * place in that order, so a page may come twice, or never.
 */
function pages(exchange: Exchange, order: readonly number[]): Promise<void> {
  const place = Number(exchange.query.get('cursor') ?? 0)
  const page = order[place] ?? 0
  const items = pagedRecords.slice(page * pageSize, (page + 1) * pageSize)
  const next = place + 1 < order.length ? String(place + 1) : undefined
  return exchange.respond(json(200, { items, next, total: pagedRecords.length }))
}

// Never a silent restart: the reader says where it stood.
const broken: ExpectedError = { kind: ['protocol', 'conflict'] }

function paged(id: string, title: string, order: readonly number[], expected: FaultCase['expected']): FaultCase {
  return { id, group: 'provider', title, layer: 'paging', expected, serve: (exchange) => pages(exchange, order) }
}

/** Lists that change or break while they are read. */
export const providerFaults: readonly FaultCase[] = [
  {
    id: 'cursor-invalid',
    group: 'provider',
    title: 'the cursor of the third page is refused',
    layer: 'paging',
    expected: broken,
    serve: (exchange) =>
      exchange.query.get('cursor') === '2'
        ? exchange.respond(json(410, { title: 'The cursor has expired', status: 410 }))
        : pages(exchange, [0, 1, 2]),
  },
  paged('pages-duplicated', 'a page comes twice: deduplicated by id', [0, 1, 1, 2], 'success'),
  paged('pages-missing', 'a page never comes', [0, 2], broken),
  paged('pages-reordered', 'pages come out of order', [0, 2, 1], broken),
]
