import type { OperationPlan, Pagination } from '../vendor/operation-plan.ts'
import { RequestRefusal } from '../vendor/refusal.ts'
import { type RequestPlace, readPlace, type VendorRequest } from '../vendor/request.ts'

/** Records that a vendor gives where nobody asks for a number. */
const usualSize = 20

/** Whether positions of a counted list stand in the body where the manifest does not say. */
export function countsInBody({ operation }: OperationPlan): boolean {
  const inputs = Object.values(operation.input ?? {})
  return (
    !operation.request.startsWith('GET ') && inputs.length > 0 && inputs.every(({ in: place }) => place !== 'query')
  )
}

/** Where a list's request says how many records it wants. */
export function sizePlace(plan: OperationPlan, entry: Pagination): RequestPlace | undefined {
  if (entry.kind === 'none' || entry.kind === 'range-header') return undefined
  if (entry.kind === 'graphql-relay') return entry.first === undefined ? undefined : { variable: entry.first }
  const key = entry.kind === 'odata' ? (entry.top ?? '$top') : entry.sizeKey
  if (key === undefined) return undefined
  if ('send' in entry && 'variable' in entry.send) return { variable: key }
  const inBody =
    ('send' in entry && 'body' in entry.send) ||
    (entry.kind === 'offset' && entry.in !== undefined ? entry.in === 'body' : false) ||
    ((entry.kind === 'page' || (entry.kind === 'offset' && entry.in === undefined)) && countsInBody(plan))
  return inBody ? { body: key } : { query: key }
}

/**
 * How many records the page has.
 * @throws RequestRefusal for what the vendor does not take
 */
export function pageSize(plan: OperationPlan, entry: Pagination, request: VendorRequest): number {
  if (entry.kind === 'none') return Number.POSITIVE_INFINITY
  const place = sizePlace(plan, entry)
  const asked = place === undefined ? undefined : readPlace(request, place)
  const most = entry.max ?? Number.POSITIVE_INFINITY
  if (asked === undefined) return Math.min(place === undefined ? (entry.size ?? usualSize) : usualSize, most)
  const size = Number(asked)
  if (!Number.isInteger(size) || size < 1)
    throw new RequestRefusal('invalid-input', `the page size ${asked} is no number`)
  if (size > most) throw new RequestRefusal('invalid-input', `the page size ${size} is above ${most}`)
  return size
}

export const wholeNumber = (text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise
  const number = Number(text)
  if (Number.isInteger(number) && number >= 0) return number
  throw new RequestRefusal('invalid-input', `${text} is no position`)
}
