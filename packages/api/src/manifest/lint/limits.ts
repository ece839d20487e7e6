import { entriesOf, type Rule } from './rule.ts'

/** What the vendor allows is stated, or that nobody knows it. */
export const limitsStated: Rule = {
  code: 'limits-stated',
  check({ limits }, report) {
    const stated = limits.budgets !== undefined || limits.concurrency !== undefined
    if (!stated && limits.undocumented === undefined)
      report(
        ['limits'],
        'No limit is stated.',
        'Add budgets with their source, or say in `undocumented` that the vendor publishes none.',
      )
    if (limits.budgets !== undefined && limits.undocumented !== undefined)
      report(['limits', 'undocumented'], 'Limits are stated, so they are documented.', 'Remove `undocumented`.')
  },
}

/** The page that states a limit can be opened. */
export const limitsCited: Rule = {
  code: 'limits-cited',
  check({ limits, sources }, report) {
    const ids = sources.map(({ id }) => id)
    const look = (path: (string | number)[], source: string): void => {
      if (!/^https:\/\/\S+$/.test(source) && !ids.includes(source))
        report(
          path,
          `"${source}" is no page.`,
          'Write the https link of the page that states the number, or the id of a source.',
        )
    }
    for (const [index, { source }] of (limits.budgets ?? []).entries())
      look(['limits', 'budgets', index, 'source'], source)
    if (limits.concurrency !== undefined) look(['limits', 'concurrency', 'source'], limits.concurrency.source)
  },
}

/** No call costs more than its budget ever holds: it would wait for ever. */
export const costFits: Rule = {
  code: 'cost-fits',
  check({ limits, operations }, report) {
    for (const [name, { cost = 1 }] of entriesOf(operations))
      for (const { id, units, burst, operations: only } of limits.budgets ?? [])
        if (cost > (burst ?? units) && only?.includes(name) !== false)
          report(
            ['operations', name, 'cost'],
            `One call costs ${cost} and the budget "${id}" holds ${burst ?? units}.`,
            'Lower the cost, or correct the budget.',
          )
  },
}
