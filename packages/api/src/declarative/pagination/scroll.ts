import { type Paging, type Place, pathReader, placeWriter } from '@patchbay/core/http'
import type { PaginationEntry } from '../manifest-parts.ts'
import { splitRequest } from '../requests/compile-request.ts'
import { idText, readPosition } from './position-text.ts'

type Scrolled = Extract<PaginationEntry, { kind: 'scroll' }>

/** A scroll that the first answer opens and each following request continues by its id; an empty page is the last. */
export function scroll({ id, continue: following, more }: Scrolled, place: Place, where: string): Paging {
  const read = pathReader(id)
  const readMore = more === undefined ? undefined : pathReader(more)
  const { method, path, query } = splitRequest(following.request, `${where}.continue.request`)
  const write = placeWriter(place)
  return {
    request(base, position) {
      if (position === undefined) return base
      const { headers, expect, accept } = base
      return write({ method, path, query, headers, expect, accept }, readPosition(position, 2)[1] as string)
    },
    next({ reply, count, position }) {
      if (count === 0 || (readMore !== undefined && readMore(reply.value) !== true)) return undefined
      const value = read(reply.value)
      if (value === undefined || value === null || value === '') return undefined
      // The id may stay the same from page to page: the vendor moves on, not the id. Counted, so that it does not look like a circle.
      const page = position === undefined ? 1 : Number(readPosition(position, 2)[0]) + 1
      return JSON.stringify([String(page), idText(value, id)])
    },
  }
}
