import {
  type CursorOptions,
  cursor,
  linkHeader,
  nextLink,
  type OffsetOptions,
  offset,
  type PageNumberOptions,
  type Paging,
  pageNumber,
} from '@patchbay/core/http'

/** A kind of paging as data, for configuration: the arguments of core's functions of the same names. */
export type PagingData =
  | { readonly kind: 'linkHeader'; readonly relation?: string | undefined }
  | { readonly kind: 'nextLink'; readonly path: string }
  | ({ readonly kind: 'cursor' } & CursorOptions)
  | ({ readonly kind: 'offset' } & OffsetOptions)
  | ({ readonly kind: 'pageNumber' } & PageNumberOptions)

const made = new WeakMap<PagingData, Paging>()

export function pagingOf(given: Paging | PagingData | undefined): Paging {
  if (given === undefined) return usual
  if (!('kind' in given)) return given
  const known = made.get(given) ?? make(given)
  made.set(given, known)
  return known
}

const usual = linkHeader()

function make(data: PagingData): Paging {
  switch (data.kind) {
    case 'linkHeader':
      return linkHeader(data.relation)
    case 'nextLink':
      return nextLink(data.path)
    case 'cursor':
      return cursor(data)
    case 'offset':
      return offset(data)
    case 'pageNumber':
      return pageNumber(data)
  }
}
