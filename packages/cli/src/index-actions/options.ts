import { textOf, type Values } from '../command.ts'
import { CommandError, exitStatus } from '../exit-status.ts'

/** An option without which the action cannot be done. */
export function needed(values: Values, name: string, what: string): string {
  const text = textOf(values, name)
  if (text === undefined) throw new CommandError(exitStatus.usage, `--${name} is missing: ${what}`)
  return text
}

/** A whole number from 1. */
export function numberOf(values: Values, name: string): number | undefined {
  const text = textOf(values, name)
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new CommandError(exitStatus.usage, `--${name} wants a whole number from 1`)
  return Number(text)
}
