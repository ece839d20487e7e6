/** Something that a check does not accept: where it is, what it is, and what to do. */
export interface Finding {
  /** Relative to the repository, with forward slashes. */
  readonly file: string
  readonly line?: number | undefined
  readonly message: string
  readonly remedy: string
  readonly level: 'error' | 'warning'
}

export interface CheckResult {
  /** What was looked at, in numbers: a check that looked at nothing must not look like one that found nothing. */
  readonly checked: string
  readonly findings: readonly Finding[]
}

export type Check = (root: string) => CheckResult | Promise<CheckResult>

export function problem(file: string, line: number | undefined, message: string, remedy: string): Finding {
  return { file, line, message, remedy, level: 'error' }
}

export function format({ file, line, message, remedy, level }: Finding): string {
  return `${file}${line === undefined ? '' : `:${line}`}  ${level === 'warning' ? 'warning: ' : ''}${message}\n    ${remedy}`
}
