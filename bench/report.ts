/** One measured thing. The fields are the report's format; missing values are null, so that every row has all of them. */
export interface Row {
  readonly name: string
  readonly value: number
  /** Unit of `value`: `ms`, `kB`, `calls/s`, `records`, `x`. */
  readonly unit: string
  /** The yardstick that ran beside it. */
  readonly against: string | null
  /** `value` as a multiple of the yardstick's value. */
  readonly ratio: number | null
  /** What must hold, for people: `ratio <= 0.1`. Null when the row only informs. */
  readonly goal: string | null
  readonly ok: boolean
}

export interface Report {
  readonly name: string
  readonly ok: boolean
  readonly rows: readonly Row[]
  /** Why the run ended early. Then `ok` is false. */
  readonly error?: string
}

interface Measured {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Name and value of the yardstick, in the same unit. */
  readonly against?: { readonly name: string; readonly value: number }
  /** Bounds apply to the ratio when there is a yardstick, otherwise to the value. */
  readonly atMost?: number
  readonly atLeast?: number
  readonly exactly?: number
}

/** Makes a row, computing ratio, goal and verdict. A value that is no number misses every goal. */
export function row({ name, value, unit, against, atMost, atLeast, exactly }: Measured): Row {
  const ratio = against === undefined ? null : value / against.value
  const judged = ratio ?? value
  const what = ratio === null ? 'value' : 'ratio'
  const bounds = [
    { sign: '<=', bound: atMost, holds: (limit: number) => judged <= limit },
    { sign: '>=', bound: atLeast, holds: (limit: number) => judged >= limit },
    { sign: '=', bound: exactly, holds: (limit: number) => judged === limit },
  ].filter((one): one is typeof one & { bound: number } => one.bound !== undefined)
  return {
    name,
    value,
    unit,
    against: against?.name ?? null,
    ratio,
    goal: bounds.length === 0 ? null : bounds.map(({ sign, bound }) => `${what} ${sign} ${bound}`).join(', '),
    ok: Number.isFinite(judged) && bounds.every(({ bound, holds }) => holds(bound)),
  }
}

/** A report is good when it has rows and all of them are. */
export function report(name: string, rows: readonly Row[]): Report {
  return { name, ok: rows.length > 0 && rows.every((one) => one.ok), rows }
}

function number(value: number | null): string {
  if (value === null) return ''
  if (!Number.isFinite(value)) return String(value)
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}

/** The report as a table for people. */
export function table({ name, ok, rows, error }: Report): string {
  const header = ['', 'value', 'unit', 'against', 'ratio', 'goal', '']
  const cells = rows.map((one) => [
    one.name,
    number(one.value),
    one.unit,
    one.against ?? '',
    one.ratio === null ? '' : `${number(one.ratio)}x`,
    one.goal ?? '',
    one.goal === null ? '' : one.ok ? 'ok' : 'MISSED',
  ])
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)),
  )
  const numeric = new Set([1, 4])
  const lines = [header, ...cells].map((line) =>
    line
      .map((cell, column) =>
        numeric.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  const missed = rows.filter((one) => !one.ok).length
  const verdict = error ?? (ok ? 'all goals met' : `${missed} of ${rows.length} rows missed their goal`)
  return [...lines, '', `${name}: ${verdict}`].join('\n')
}
