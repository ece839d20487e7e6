import type { ConnectionReport, Report } from './demo.ts'

/** What the demo says on the last line with `--json`. */
export interface Outcome {
  readonly ok: boolean
  /** Versions of records that took effect in the app's store. */
  readonly records: number
  readonly lost: number
  readonly duplicates: number
  readonly webhooks: { readonly accepted: number; readonly rejected: number; readonly deduplicated: number }
  readonly retries: number
  readonly seconds: number
  readonly invented: number
  readonly kills: number
  /** Which of the promises did not hold. */
  readonly failed: readonly string[]
  readonly [more: string]: unknown
}

/** Judges a report. Numbers about loss come from the vendors' truth, the others from the app's own events. */
export function outcomeOf(report: Report): Outcome {
  const { connections, webhooks, tokens, kills, seed, seconds } = report
  const both = [connections.github, connections.jira]
  const verdicts = [...both.map(({ verdict }) => verdict), webhooks.verdict]
  const total = (of: (verdict: ConnectionReport['verdict']) => number): number =>
    verdicts.reduce((all, one) => all + of(one), 0)
  const lost = total((verdict) => verdict.lost)
  const duplicates = total((verdict) => verdict.duplicates)
  const invented = total((verdict) => verdict.invented)
  const { truth, news } = webhooks
  const wrongAnswers = both.reduce((all, { ledger }) => all + ledger.wrongAnswers, 0)
  const checks = {
    'nothing lost': lost === 0,
    'nothing twice': duplicates === 0,
    'nothing invented': invented === 0,
    'every webhook taken': truth.delivered === truth.deliveries.length && truth.delivered > 0,
    'no forgery taken': truth.forgeriesTaken === 0,
    'no refresh token used twice': tokens.reuses === 0,
    'no secret in the clear': report.secretsInTheClear.length === 0,
    'every answer as described': wrongAnswers === 0 && both.every(({ ledger }) => ledger.checkedAnswers > 0),
  }
  return {
    ok: Object.values(checks).every(Boolean),
    records: both.reduce((all, { verdict }) => all + verdict.applied, 0),
    lost,
    duplicates,
    webhooks: {
      accepted: truth.delivered,
      rejected: Object.values(truth.forged).reduce((all, count) => all + count, 0) - truth.forgeriesTaken,
      deduplicated: news.deduplicated,
    },
    retries: both.reduce((all, { activity }) => all + activity.retries, 0),
    seconds,
    seed,
    kills: kills.length,
    invented,
    failed: Object.entries(checks).flatMap(([name, held]) => (held ? [] : [name])),
    connections: Object.fromEntries(
      Object.entries(connections).map(([name, { activity, ledger, verdict }]) => {
        const { examples, ...counts } = verdict
        return [name, { ...activity, ...counts, vendor: ledger }]
      }),
    ),
    tokens,
    refusals: news.refused,
  }
}

/** The same for people. */
export function summaryOf(report: Report): string {
  const { connections, webhooks, tokens, kills, seconds, seed } = report
  const { truth, news, verdict } = webhooks
  const outcome = outcomeOf(report)
  const { lost, duplicates, invented, failed } = outcome
  const verdicts = [connections.github.verdict, connections.jira.verdict, verdict]
  const failures = counts(truth.failures)
  const lines = [
    '',
    ...connectionLines('github', connections.github),
    ...connectionLines('jira', connections.jira, [
      row(
        'tokens',
        `${tokens.refreshes} renewals; ${tokens.graceUses} after a lost answer, within the grace; ${tokens.reuses} burnt`,
      ),
    ]),
    `webhooks   ${truth.deliveries.length} payloads of @octokit/webhooks-examples, signed, over HTTP`,
    row(
      'accepted',
      `${truth.delivered} with ${truth.sent} requests${failures === '' ? '' : ` (unanswered: ${failures})`}`,
    ),
    row('refused', `${outcome.webhooks.rejected} forgeries: ${counts(truth.forged)}`),
    row('reasons', counts(news.refused)),
    row('repeated', `${news.deduplicated} were known already and had no second effect`),
    row(
      'effects',
      `${verdict.applied} handled; the ${truth.tickets.length} tickets that they are about are up to date`,
    ),
    '',
    ...kills.map((kill, index) => `${index === 0 ? 'kill -9' : ''}`.padEnd(11) + kill),
    '',
    `records ${number(outcome.records)}, lost ${lost}, duplicated ${duplicates}, invented ${invented}: held against the vendors' own books`,
    ...verdicts.flatMap(({ examples }) => examples.map((one) => `  ${one}`)),
    ...failed.map((name) => `  does not hold: ${name}`),
    `${outcome.ok ? 'ok' : 'FAILED'} in ${seconds.toFixed(1)} s (seed ${seed})`,
  ]
  return `${lines.join('\n')}\n`
}

function connectionLines(
  name: string,
  { vendor, activity, ledger, verdict }: ConnectionReport,
  more: readonly string[] = [],
): readonly string[] {
  const waits = Object.entries(activity.waits).map(
    ([reason, { count, ms }]) => `${reason} ${count}x ${(ms / 1000).toFixed(1)} s`,
  )
  const { readsRepeated, retries, breaker } = activity
  const [limits, statuses] = [only(ledger.faults, 'limit '), only(ledger.faults, 'status ')]
  const others = Object.entries(ledger.faults).filter(([kind]) => !/^(?:limit|status) /.test(kind))
  return [
    `${name.padEnd(10)} ${vendor.title}`,
    row('', vendor.operation),
    row(
      'records',
      `${number(verdict.applied)} versions of records${readsRepeated === 0 ? '' : `; ${readsRepeated} times begun again at the cursor`}`,
    ),
    row(
      'requests',
      `${number(ledger.requests)} by the vendor's count, ${number(retries)} of them retries; ${ledger.impatient} sooner than a refusal had said`,
    ),
    row('limits', counts(limits) || 'none'),
    row('faults', [counts(statuses), counts(Object.fromEntries(others))].filter(Boolean).join(', ') || 'none'),
    row('waits', waits.join(', ') || 'none'),
    row('breaker', counts(breaker) || 'stayed closed'),
    row('shapes', `${ledger.checkedAnswers} answers held against the description, ${ledger.wrongAnswers} differ`),
    ...more,
    '',
  ]
}

const number = (count: number): string => count.toLocaleString('en')

/** A named row, with long lists broken between their parts. */
function row(name: string, text: string): string {
  const lines: string[] = []
  for (const part of text.split(/(?<=[,;]) /)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + part.length < 104) lines[lines.length - 1] = `${last} ${part}`
    else lines.push(part)
  }
  return lines.map((line, index) => `  ${(index === 0 ? name : '').padEnd(9)}${line}`).join('\n')
}

function counts(by: Readonly<Record<string, number>>): string {
  return Object.keys(by)
    .sort()
    .map((name) => `${name} ${by[name]}`)
    .join(', ')
}

function only(by: Readonly<Record<string, number>>, prefix: string): Record<string, number> {
  const found = Object.entries(by).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(found.map(([name, count]) => [name.slice(prefix.length), count]))
}
