import type { Outcome } from './one-document.ts'

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(0)} MB`

/** What names and numbers of one document make different is put out of the reason, so that equal failures stand together. */
function reasonOf(failure: string): string {
  return failure
    .replaceAll(/"[^"]*"/g, '"…"')
    .replaceAll(/\d+/g, 'n')
    .slice(0, 200)
}

/** The report of a run, for people. */
export function summary(
  outcomes: readonly Outcome[],
  batches: readonly { readonly peak: number; readonly documents: readonly string[] }[],
): { readonly text: string; readonly percent: number } {
  const failed = outcomes.filter(({ failure }) => failure !== undefined)
  const good = outcomes.length - failed.length
  const percent = outcomes.length === 0 ? 0 : (good / outcomes.length) * 100
  const lines = [`${good} of ${outcomes.length} documents gave a valid manifest (${percent.toFixed(2)} %)`]
  const described = outcomes.reduce((sum, one) => sum + one.described, 0)
  const written = outcomes.reduce((sum, one) => sum + one.written, 0)
  const cut = outcomes.filter((one) => one.failure === undefined && one.written < one.described)
  lines.push(`${written} of ${described} operations written; ${cut.length} documents have more than a manifest holds`)
  const groups = Map.groupBy(failed, ({ failure = '' }) => reasonOf(failure))
  for (const [, group] of [...groups].sort(([, a], [, b]) => b.length - a.length)) {
    lines.push(`  ${group.length} × ${group[0]?.failure?.slice(0, 300)}`)
    for (const { document } of group.slice(0, 12)) lines.push(`      ${document}`)
    if (group.length > 12) lines.push(`      and ${group.length - 12} more`)
  }
  const slow = outcomes.toSorted((a, b) => b.ms - a.ms).slice(0, 5)
  lines.push(`slowest: ${slow.map(({ document, ms }) => `${document} ${ms} ms`).join(', ')}`)
  const large = outcomes.toSorted((a, b) => b.bytes - a.bytes).slice(0, 5)
  lines.push(
    `largest: ${large.map(({ document, bytes, ms }) => `${document} ${megabytes(bytes)} ${ms} ms`).join(', ')}`,
  )
  const [peak] = batches.toSorted((a, b) => b.peak - a.peak)
  if (peak !== undefined) lines.push(`peak memory: ${megabytes(peak.peak)} (${peak.documents.slice(0, 2).join(', ')})`)
  const simulated = outcomes.filter((one) => one.simulated !== undefined)
  if (simulated.length > 0) {
    const wrong = simulated.filter((one) => one.simulated !== 'ok')
    lines.push(`${simulated.length - wrong.length} of ${simulated.length} first reads ran against their simulators`)
    for (const one of wrong.slice(0, 30)) lines.push(`  ${one.document}: ${one.simulated}`)
  }
  return { text: lines.join('\n'), percent }
}
