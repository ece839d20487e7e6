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
  const outcome = outcomeOf(report)
  const { truth, news, verdict } = webhooks
  const forged = Object.entries(truth.forged).map(([kind, count]) => `${kind} ${count}`)
  const lines = [
    '',
    ...connectionLines('github', connections.github),
    ...connectionLines('jira', connections.jira),
    row(
      'tokens',
      `${tokens.refreshes} renewals, refresh tokens rotated; ${tokens.graceUses} within the grace after a lost answer, ${tokens.reuses} burnt`,
    ),
    '',
    `webhooks   ${number(truth.deliveries.length)} payloads of @octokit/webhooks-examples, signed, over HTTP`,
    row(
      'accepted',
      `${number(truth.delivered)}, after ${number(truth.sent)} requests (${counts(truth.failures) || 'none failed'})`,
    ),
    row('repeated', `${number(news.deduplicated)} were known already and had no second effect`),
    row('refused', `${number(outcome.webhooks.rejected)} forgeries (${forged.join(', ')})`),
    row('reasons', counts(news.refused)),
    row('effects', `${number(verdict.applied)} handled, ${truth.tickets.length} tickets kept up to date`),
    '',
    `kill -9    ${kills.length} times: ${kills.join('; ')}`,
    '',
    `records ${number(outcome.records)}   lost ${outcome.lost}   duplicated ${outcome.duplicates}   invented ${outcome.invented}   held against the vendors' own books`,
    ...[connections.github.verdict, connections.jira.verdict, verdict].flatMap(({ examples }) =>
      examples.map((one) => `  ${one}`),
    ),
    ...(outcome.failed as string[]).map((name) => `  does not hold: ${name}`),
    `${outcome.ok ? 'ok' : 'FAILED'} in ${seconds.toFixed(1)} s (seed ${seed})`,
  ]
  return `${lines.join('\n')}\n`
}

function connectionLines(name: string, { vendor, activity, ledger, verdict }: ConnectionReport): readonly string[] {
  const waits = Object.entries(activity.waits).map(
    ([reason, { count, ms }]) => `${reason} ${count}x ${(ms / 1000).toFixed(1)} s`,
  )
  const faults = Object.entries(ledger.faults).map(([kind, count]) => `${kind} ${count}`)
  return [
    `${name.padEnd(10)} ${vendor.title}: ${vendor.operation}`,
    row('records', `${number(verdict.applied)} versions of records taken in`),
    row(
      'requests',
      `${number(ledger.requests)} as the vendor counts, ${number(activity.retries)} of them retries; ${ledger.impatient} too early after a refusal`,
    ),
    row('faults', faults.join(', ')),
    row('waits', waits.join(', ') || 'none'),
    row('breaker', counts(activity.breaker) || 'stayed closed'),
    ...(activity.readsRepeated === 0 ? [] : [row('reads', `${activity.readsRepeated} begun again at the cursor`)]),
    row('shapes', `${ledger.checkedAnswers} answers held against the description, ${ledger.wrongAnswers} differ`),
    '',
  ]
}

const number = (count: number): string => count.toLocaleString('en')
const row = (name: string, text: string): string => `  ${name.padEnd(9)}${text}`
const counts = (by: Readonly<Record<string, number>>): string =>
  Object.entries(by)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
