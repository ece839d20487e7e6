/** What the exit status of `patchbay` means. */
export const exitStatus = {
  /** Everything was done, and nothing is wrong. */
  good: 0,
  /** It was done, and something is wrong: a manifest is not valid, a change is breaking. */
  found: 1,
  /** The command line is wrong. Nothing was done. */
  usage: 2,
  /** A file or address cannot be read or written. */
  unreadable: 3,
} as const

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus]

/** Ends a command with a message and no stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly status: ExitStatus

  constructor(status: ExitStatus, message: string) {
    super(message)
    this.status = status
  }
}
