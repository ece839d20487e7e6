import { type Paging, pathReader } from '@patchbay/core/http'
import type { PaginationEntry } from '../manifest-parts.ts'
import { noPosition } from './position-text.ts'

type Ranged = Extract<PaginationEntry, { kind: 'range-header' }>

/**
 * Ranges of records in headers: counted by Content-Range (`items 0-99/250`), or named by the vendor in a header of its own, which the next
 * request sends back as it came.
 */
export function rangeHeader({ unit, nextHeader, size = 100, more }: Ranged): Paging {
  const readMore = more === undefined ? undefined : pathReader(more)
  if (nextHeader !== undefined) {
    const name = nextHeader.toLowerCase()
    return {
      request: (base, position) => withRange(base, position ?? `${unit} ..; max=${size}`),
      next({ reply, position }) {
        const value = reply.headers[name]
        const text = Array.isArray(value) ? value[0] : value
        return text === undefined || text === '' || text === position ? undefined : text
      },
    }
  }
  return {
    request(base, position) {
      const from = position === undefined ? 0 : startOf(position)
      const { accept } = base
      // A range behind the end is how a list of no known length ends.
      const accepted = position === undefined || typeof accept === 'function' ? accept : [...(accept ?? []), 416]
      return { ...withRange(base, `${unit}=${from}-${from + size - 1}`), accept: accepted }
    },
    items: ({ status }) => (status === 416 ? [] : undefined),
    next({ reply, count, position }) {
      if (reply.status === 416 || count === 0) return undefined
      if (readMore !== undefined && readMore(reply.value) !== true) return undefined
      const following = (position === undefined ? 0 : startOf(position)) + count
      const total = /\/(\d+)\s*$/.exec(String(reply.headers['content-range'] ?? ''))?.[1]
      return total !== undefined && following >= Number(total) ? undefined : String(following)
    },
  }
}

const withRange = (base: Parameters<Paging['request']>[0], range: string) => {
  if (!/^[\x20-\x7e]+$/.test(range)) throw noPosition()
  return { ...base, headers: { ...base.headers, range } }
}

function startOf(position: string): number {
  const from = Number(position)
  if (!Number.isSafeInteger(from) || from < 0) throw noPosition()
  return from
}
