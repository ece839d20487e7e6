/**
 * One behaviour that a connector must show, as plain data: vitest, `node:test` and the UI's "Test connection" all run it.
 * `Subject` is what the suite's harness opens.
 */
export interface Check<Subject = unknown> {
  /** A sentence that is true of a conforming subject. */
  readonly name: string
  /** What running the check does to the other side; "Test connection" runs only `read`. */
  readonly effect: 'read' | 'idempotent' | 'write'
  /** Names of operations or abilities without which the check does not apply. */
  readonly needs: readonly string[]
  /** Throws, with what was expected and what was seen, when the subject does not conform. */
  run(subject: Subject): Promise<void>
}
