export type Severity = 'breaking' | 'compatible'

/** One difference between two versions of an API, as a caller of the older one sees it. */
export interface Change {
  readonly severity: Severity
  /** Stable and machine-readable, such as `parameter-became-required`. */
  readonly code: string
  /** Method and path of the older version; of the newer one for what is new. */
  readonly operation: string
  /** Where in the operation, such as `query.limit`, `body.ticket.subject` or `response.200.items[].id`; empty: the operation itself. */
  readonly place: string
  readonly message: string
}

export type AddChange = (severity: Severity, code: string, place: string, message: string) => void

/** Which way a value travels: what callers send must still be taken, what they get must still be understood. */
export type Direction = 'input' | 'output'

/** `narrower` for what is sent is breaking, `wider` for what is received. */
export function severityOf(direction: Direction, change: 'narrower' | 'wider' | 'different'): Severity {
  if (change === 'different') return 'breaking'
  return (change === 'narrower') === (direction === 'input') ? 'breaking' : 'compatible'
}
