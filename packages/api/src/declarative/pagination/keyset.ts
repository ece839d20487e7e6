import { Fault } from '@patchbay/core'
import { type Paging, type Place, pathReader, placeWriter } from '@patchbay/core/http'
import type { PaginationEntry } from '../manifest-parts.ts'
import { idText, noPosition } from './position-text.ts'

type Keyed = Extract<PaginationEntry, { kind: 'keyset' }>

/** The next page begins behind the last record of this one, by one of its fields. An empty page is the last. */
export function keyset({ field, more }: Keyed, place: Place, items: string): Paging {
  const readItems = pathReader(items)
  const read = pathReader(field)
  const readMore = more === undefined ? undefined : pathReader(more)
  const write = placeWriter(place)
  // In JSON a number is no text.
  const typed = place.json !== undefined
  return {
    request: (base, position) => (position === undefined ? base : write(base, typed ? typedValue(position) : position)),
    next({ reply, count, position }) {
      if (count === 0 || (readMore !== undefined && readMore(reply.value) !== true)) return undefined
      const records = readItems(reply.value) as readonly unknown[]
      const value = read(records[records.length - 1])
      const text = idText(value, field)
      const next = typed ? JSON.stringify(value) : text
      if (next !== position) return next
      const message = 'the vendor gave the same next page twice; reading on would never end'
      throw new Fault({ kind: 'protocol', code: 'cursor-repeated', sent: 'all', message })
    },
  }
}

function typedValue(position: string): string | number {
  let value: unknown
  try {
    value = JSON.parse(position)
  } catch {
    throw noPosition()
  }
  if (typeof value === 'string' || typeof value === 'number') return value
  throw noPosition()
}
