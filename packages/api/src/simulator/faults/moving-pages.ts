import { isCounted, isList, type SimulatedFault } from './fault.ts'

/** The second page is the first once more. */
export const duplicatePage: SimulatedFault = {
  id: 'duplicate-page',
  title: 'a page that comes twice',
  impossible(context) {
    const { pagination } = context.plan
    if (pagination?.kind === 'keyset') return 'the next page is named by its first record'
    if (pagination?.kind === 'time-window') return 'windows do not overlap'
    if (pagination?.kind === 'export-job' && pagination.chunks === undefined) return 'there is one chunk'
    return isList(context)
  },
  expectation: () => ({ data: 'complete-by-id' }),
  runs: () => [
    {
      interference: {
        pages: ([first, ...rest]) =>
          first === undefined || rest.length === 0 ? [first ?? []] : [first, first, ...rest],
        list: (list, size) => (list.length <= size ? list : [...list.slice(0, size), ...list]),
      },
    },
  ],
}

/** While a list is read, somebody inserts a record at its beginning. */
export const pageShift: SimulatedFault = {
  id: 'page-shift',
  title: 'a record inserted while paging',
  impossible: isList,
  expectation: (context) => (isCounted(context) ? { data: 'complete-by-id' } : { data: 'complete' }),
  runs({ simulator, plan }) {
    let inserted = false
    return [
      {
        interference: {
          served({ name }) {
            if (inserted || name !== plan.name) return
            inserted = true
            simulator.add(name, { first: true })
          },
        },
      },
    ]
  },
}

/** A page without records, and a link to the next one. */
export const emptyPage: SimulatedFault = {
  id: 'empty-page',
  title: 'an empty page with a next link',
  impossible(context) {
    const { pagination } = context.plan
    if (pagination?.kind === 'scroll' || pagination?.kind === 'keyset' || isCounted(context))
      return 'an empty page is the end'
    if (pagination?.kind === 'time-window') return 'empty windows are usual'
    if (pagination?.kind === 'export-job' && pagination.chunks === undefined) return 'there is one chunk'
    if (pagination !== undefined && 'alwaysHasNext' in pagination && pagination.alwaysHasNext === true)
      return 'an empty page is the end'
    return isList(context)
  },
  expectation: () => ({ data: 'complete' }),
  runs: () => [
    { interference: { pages: ([first = [], ...rest]) => (rest.length === 0 ? [first] : [first, [], ...rest]) } },
  ],
}
