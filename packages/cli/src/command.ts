import type { ParseArgsOptionDescriptor } from 'node:util'
import type { ExitStatus } from './exit-status.ts'
import type { Terminal } from './terminal.ts'

export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

/** One command, loaded when it is called. */
export interface Command {
  readonly options: Readonly<Record<string, ParseArgsOptionDescriptor>>
  run(terminal: Terminal, positionals: readonly string[], values: Values): Promise<ExitStatus>
}

/** What is known of a command before it is loaded. */
export interface CommandEntry {
  readonly usage: string
  readonly summary: string
  load(): Promise<{ readonly command: Command }>
}

export const textOf = (values: Values, name: string): string | undefined => {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** Values of an option that may be repeated, and may hold several with commas between. */
export const textsOf = (values: Values, name: string): string[] | undefined => {
  const value = values[name]
  if (value === undefined) return undefined
  return [value]
    .flat()
    .flatMap((one) => String(one).split(','))
    .map((one) => one.trim())
    .filter((one) => one !== '')
}
