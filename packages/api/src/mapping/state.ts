import { defaultOutput, defaultSteps, type ExpressionBudget, type Run } from '../expression/budget.ts'

/** A value of the source for which a table, or the closed vocabulary of the model, has no place. */
export interface UnknownValue {
  /** Field of the model, as `status` or `people[].role`. */
  readonly field: string
  /** The value; long texts are cut. */
  readonly value: unknown
}

/** A value that was there and could not be converted, or an expression that could not be evaluated over this record. */
export interface InvalidValue {
  readonly field: string
  readonly reason: string
}

export interface Report {
  readonly unknown: UnknownValue[]
  readonly invalid: InvalidValue[]
}

/** One mapping of one record. Without a report nobody asked what was lost. */
export interface State extends Run {
  readonly report: Report | undefined
}

export function newState(record: unknown, budget: ExpressionBudget | undefined, report: Report | undefined): State {
  // Written out: this is done for every record, and copying newRun's object costs more than the rest.
  return {
    steps: budget?.steps ?? defaultSteps,
    output: budget?.output ?? defaultOutput,
    root: record,
    variables: [],
    report,
  }
}

/** Most entries of a list in a report. */
const most = 1000

export function reportUnknown({ report }: State, field: string, value: unknown): void {
  if (report === undefined || report.unknown.length >= most) return
  report.unknown.push({ field, value: typeof value === 'string' ? value.slice(0, 100) : value })
}

export function reportInvalid({ report }: State, field: string, reason: string): void {
  if (report !== undefined && report.invalid.length < most) report.invalid.push({ field, reason })
}
