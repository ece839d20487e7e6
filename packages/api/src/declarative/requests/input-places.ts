import { manifestFault } from '../manifest-fault.ts'
import type { InputEntry, OperationEntry } from '../manifest-parts.ts'

/** One input with its name in both worlds. */
export interface PlacedInput {
  /** As users write it. */
  readonly name: string
  /** As the vendor calls it; in bodies a dotted path. */
  readonly as: string
  readonly entry: InputEntry
}

const inputName = /^[a-z][A-Za-z0-9]*$/

/** The inputs of an operation in order, checked as far as safety needs. */
export function placedInputs(operation: OperationEntry, where: string): readonly PlacedInput[] {
  return Object.entries(operation.input ?? {}).map(([name, entry]) => {
    if (!inputName.test(name)) throw manifestFault(`${where}.input`, `${name} is no name of an input`)
    const as = entry.as ?? name
    if (as.split('.').includes('__proto__')) throw manifestFault(`${where}.input.${name}.as`, 'must not name __proto__')
    return { name, as, entry }
  })
}

export const inPlace = (inputs: readonly PlacedInput[], place: InputEntry['in']): readonly PlacedInput[] =>
  inputs.filter(({ entry }) => entry.in === place)
