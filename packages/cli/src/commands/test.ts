import {
  type IntegrationReport,
  type IntegrationResult,
  simulatedFaults,
  testIntegration,
} from '@patchbay/api/simulator'
import { type Command, textOf, textsOf } from '../command.ts'
import { CommandError, exitStatus } from '../exit-status.ts'
import { validManifest } from '../manifests.ts'
import { coloured, plain, type Terminal } from '../terminal.ts'

/** Runs integrations against their simulated vendors. */
export const command: Command = {
  options: { seed: { type: 'string' }, faults: { type: 'string', multiple: true }, json: { type: 'boolean' } },
  async run(terminal, files, values) {
    if (files.length === 0) throw new CommandError(exitStatus.usage, 'name at least one manifest')
    const seed = seedOf(textOf(values, 'seed'))
    const faults = faultsOf(textsOf(values, 'faults'))
    const reports: IntegrationReport[] = []
    for (const file of files) {
      const report = await testIntegration(await validManifest(terminal, file), { seed, faults })
      reports.push(report)
      if (values.json !== true) for (const failure of report.failed) tellFailure(terminal, file, failure)
    }
    if (values.json === true) terminal.out(`${JSON.stringify(reports, null, 2)}\n`)
    else terminal.out(table(reports, faults ?? simulatedFaults.map(({ id }) => id)))
    return reports.every(({ failed }) => failed.length === 0) ? exitStatus.good : exitStatus.found
  },
}

export function seedOf(text: string | undefined): number {
  if (text === undefined) return 1
  const seed = Number(text)
  if (Number.isSafeInteger(seed) && seed >= 0) return seed
  throw new CommandError(exitStatus.usage, '--seed must be a whole number')
}

function faultsOf(names: readonly string[] | undefined): readonly string[] | undefined {
  const unknown = names?.find((name) => !simulatedFaults.some(({ id }) => id === name))
  if (unknown === undefined) return names
  const known = simulatedFaults.map(({ id }) => id).join(', ')
  throw new CommandError(exitStatus.usage, `there is no fault ${unknown}; there are ${known}`)
}

function tellFailure(terminal: Terminal, file: string, { check, message = '' }: IntegrationResult): void {
  const place = coloured(terminal, 'bold', plain(file))
  terminal.error(`${place} ${coloured(terminal, 'red', plain(check))}\n  ${plain(message)}\n`)
}

/** Integrations by faults: how many reads hold, `-` where the fault cannot happen. The first column is without a fault. */
function table(reports: readonly IntegrationReport[], faults: readonly string[]): string {
  const columns = [undefined, ...faults]
  const cell = ({ results }: IntegrationReport, fault: string | undefined): string => {
    const own = results.filter((one) => one.fault === fault && one.outcome !== 'impossible')
    const failed = own.filter(({ outcome }) => outcome === 'failed').length
    return own.length === 0 ? '-' : failed === 0 ? String(own.length) : `${failed}/${own.length} FAIL`
  }
  const heads = ['integration', 'no fault', ...faults, 'ms']
  const rows = reports.map((report) => [
    report.id,
    ...columns.map((fault) => cell(report, fault)),
    String(Math.round(report.ms)),
  ])
  const widths = heads.map((head, index) => Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  const checks = reports.reduce(
    (sum, { results }) => sum + results.filter(({ outcome }) => outcome !== 'impossible').length,
    0,
  )
  const failed = reports.reduce((sum, one) => sum + one.failed.length, 0)
  const ms = reports.reduce((sum, one) => sum + one.ms, 0)
  const sum = `${reports.length} ${reports.length === 1 ? 'integration' : 'integrations'} x ${faults.length} faults: ${checks - failed} of ${checks} checks hold, ${(ms / 1000).toFixed(1)} s`
  return `${[line(heads), ...rows.map(line), '', sum].join('\n')}\n`
}
